"""Goal, task and bond are estimated where records show that they differ, and shrink to the total where not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.models.scale_models import compute_scale_deviations
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.fit_scales import MIN_SCALE_RECORDS, ScaleFit, fit_scales
from attune_fit.training.reporting.model_card import compute_coverage
from attune_fit.training.reporting.scale_section import describe_scales, format_scales_section
from tests.training.builders import toy


@cache
def records(n: int = 400) -> TrainingDataset:
    return toy(n, clients=100_000, therapists=10)  # each client once: an episode is a client and a therapist


def build_outcomes(data: TrainingDataset, deviations: Floats, noise: float = 8.0, share: float = 1.0) -> pd.DataFrame:
    """Outcomes whose scales differ from the total by ``deviations`` and noise that adds up to 0."""
    rng = np.random.default_rng(1)
    scales = data.y + deviations + compute_scale_deviations(rng.normal(0, noise, (2, len(data))))
    scales[:, rng.random(len(data)) >= share] = np.nan
    frame = {"client_row": data.client, "therapist_row": data.therapist, "instrument": "WAI-SR"}
    return pd.DataFrame({**frame, **dict(zip(("goal", "task", "bond"), scales, strict=True))})


def fit(data: TrainingDataset, early: pd.DataFrame, *, has_folds: bool = True) -> ScaleFit:
    folds = split_records("client", data) if has_folds else []
    held_out = predict_out_of_fold(data, crossfit_models(Recipe(), data, folds))
    return fit_scales(data, early, held_out, folds)


def plant(data: TrainingDataset, size: float) -> Floats:
    """The contrast of bond rises by ``size`` POMP for one unit of gap."""
    return compute_scale_deviations(np.stack([size * data.standardised_features[:, 1], np.zeros(len(data))]))


def test_a_planted_deviation_is_found() -> None:
    found = fit(records(), build_outcomes(records(), plant(records(), 4.0))).models
    assert found is not None
    bond, task = found.contrasts
    assert bond.evidence.mean[2] == pytest.approx(4.0, abs=1.0)
    assert np.abs(task.evidence.mean[1:]).max() < 0.1
    assert bond.evidence.sigma == pytest.approx(8.0, abs=0.8)


def test_without_one_every_weight_is_about_0() -> None:
    found = fit(records(), build_outcomes(records(), np.zeros((3, len(records()))))).models
    assert found is not None
    assert found.fit_sd.max() < 0.1
    assert found.offset == pytest.approx(0.0)


def test_a_therapist_has_an_own_deviation_where_records_show_it() -> None:
    data = records()
    of_therapist = np.where(data.therapist % 2, 5.0, -5.0)
    found = fit(data, build_outcomes(data, compute_scale_deviations(np.stack([of_therapist, 0 * of_therapist])))).models
    assert found is not None
    effects = dict(zip(found.contrasts[0].therapists.ids, found.contrasts[0].therapists.effect, strict=True))
    by_row = np.array([effects[name] for name in data.therapist_ids])
    assert np.corrcoef(by_row, np.arange(len(by_row)) % 2)[0, 1] > 0.9
    assert 3.0 < np.abs(by_row).mean() < 5.5


def test_levels_of_the_scales_are_not_taken_for_fit() -> None:
    found = fit(records(), build_outcomes(records(), np.array([[2.0], [-5.0], [3.0]]))).models
    assert found is not None
    levels = compute_scale_deviations(np.array([one.intercept for one in found.contrasts]))
    assert levels == pytest.approx([2.0, -5.0, 3.0], abs=1.0)
    assert found.fit_sd.max() < 0.1


def test_a_total_with_items_of_no_scale_has_an_offset() -> None:
    early = build_outcomes(records(), np.zeros((3, 1)))
    early[["goal", "task", "bond"]] += 4.0
    found = fit(records(), early).models
    assert found is not None
    assert found.offset == pytest.approx(4.0)


def test_intervals_hold_what_they_should_on_held_out_ratings() -> None:
    result = fit(records(), build_outcomes(records(), plant(records(), 4.0)))
    coverage = [compute_coverage(one, result.folds, 0.9) for one in result.predictions]
    assert all(one is not None and 0.86 < one["held"] < 0.94 for one in coverage)


def test_records_without_scales_change_nothing_but_their_number() -> None:
    early = build_outcomes(records(), plant(records(), 4.0), share=0.5)
    result = fit(records(), early)
    n = int(early["bond"].notna().sum())
    assert (result.n_records, result.models and result.models.n_records) == (n, n)
    assert all(len(one.y) == n for one in result.predictions)
    assert not np.isnan(np.concatenate([one.score for one in result.predictions])).any()


def test_too_few_records_with_scales_give_none() -> None:
    data = records(MIN_SCALE_RECORDS)
    early = build_outcomes(data, np.zeros((3, 1)))
    assert fit(data, early, has_folds=False).models is not None
    early.loc[0, "task"] = np.nan
    assert fit(data, early) == ScaleFit(n_records=MIN_SCALE_RECORDS - 1)
    assert fit(data, early.assign(goal=np.nan)).n_records == 0


def test_held_out_ratings_of_a_scale_do_not_count_in_their_own_prediction() -> None:
    data, deviations = records(), plant(records(), 4.0)
    early, (fold, *_) = build_outcomes(data, deviations), split_records("client", data)
    changed = early.copy()
    changed.loc[fold.test, "bond"] += 1.0  # too little to move a size on its grid
    first, second = (fit(data, one).predictions[2].score[fold.test] for one in (early, changed))
    offset = (changed["bond"] - early["bond"]).mean() / 3  # the offset is of all records
    assert second - first == pytest.approx(offset, abs=0.05)


def test_the_card_shows_the_errors_and_the_coverage_of_each_scale() -> None:
    result = fit(records(), build_outcomes(records(), plant(records(), 4.0)))
    coverage = [compute_coverage(one, result.folds, 0.9) for one in result.predictions]
    facts = describe_scales(result, coverage)
    assert facts["n"] == 400
    assert [row["scale"] for row in facts["scales"]] == ["goal", "task", "bond"]
    assert all(row["error"] < row["error_of_level"] for row in facts["scales"][2:])
    (text,) = format_scales_section(facts)
    assert "## Goal, task and bond" in text
    assert "| bond |" in text


def test_the_card_of_a_clinic_without_scales_says_what_is_needed() -> None:
    (text,) = format_scales_section(describe_scales(ScaleFit(n_records=29), []))
    assert "Not estimated" in text
    assert "29" in text
    assert not list(format_scales_section({}))
    unmeasured = fit(records(), build_outcomes(records(), np.zeros((3, 1))), has_folds=False)
    (text,) = format_scales_section(describe_scales(unmeasured, []))
    assert "not measured" in text
