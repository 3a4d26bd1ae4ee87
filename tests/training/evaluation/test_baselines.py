"""Baseline methods compared with the model on the same records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from attune_fit.models.pair_effect_verdict import MethodComparison
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation.baselines import MODEL_LABEL, compare_with_baselines, list_verdict_rows
from attune_fit.training.evaluation.pair_effect_test import assess_pair_effect
from attune_fit.training.methods.model_catalogue import MODELS
from tests.training.builders import build_sample, simulated, toy

COUNT, MEAN, TREES = (MODELS[name].label for name in ("wishes", "therapist_mean", "lightgbm"))


def compared(records: TrainingDataset) -> dict[str, MethodComparison]:
    return {
        row.name: row
        for row in compare_with_baselines(records, split_records("client", records), build_sample(records))
    }


def test_the_model_comes_first_with_the_figures_of_the_verdict() -> None:
    records = toy(300, clients=150, pair=3.0)
    rows = compare_with_baselines(records, split_records("client", records), build_sample(records))
    assert [row.name for row in rows] == [MODEL_LABEL, *(row.label for row in MODELS.values() if row.is_in_verdict)]
    verdict = assess_pair_effect(build_sample(records), len(records), comparisons=rows)
    assert rows[0].within == pytest.approx((verdict.r, verdict.low, verdict.high), rel=1e-12)
    assert verdict.compared == rows


def test_long_work_is_reported_fold_by_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    records, said = toy(300, clients=150), list[str]()
    folds, sample = split_records("client", records), build_sample(records)
    compare_with_baselines(records, folds, sample, report_progress=said.append)
    assert said == []
    monkeypatch.setattr("attune_fit.training.evaluation.baselines.LONG_WORK_RECORDS", 300)
    compare_with_baselines(records, folds, sample, report_progress=said.append)
    assert said == [f"Comparing with simpler methods: {fold} of 5 folds done." for fold in range(1, 6)]


def test_further_recipes_follow_the_model_on_the_same_residual() -> None:
    records = toy(300, clients=150, pair=3.0)
    sample = build_sample(records)
    turned = replace(sample, centered_pair_part=-sample.centered_pair_part)
    folds = split_records("client", records)
    model, other, *_ = compare_with_baselines(records, folds, sample, further=(("turned", turned),))
    assert other.name == "turned"
    assert model.within is not None
    assert other.within is not None
    assert other.within[0] == pytest.approx(-model.within[0], rel=1e-12)


def test_a_therapists_mean_rating_has_no_pair_part_and_a_large_therapist_part() -> None:
    records = toy(400, clients=400)
    row = compared(replace(records, y=records.y + 6.0 * records.therapist))[MEAN]
    assert row.within is None
    assert row.over is not None
    assert row.over[1] > 0.5


def test_without_wishes_their_count_has_no_correlation() -> None:
    assert compared(toy(200))[COUNT] == MethodComparison(COUNT)


def test_trees_are_ahead_on_a_step_that_the_linear_layer_cannot_fit() -> None:
    records = toy(1_500, clients=1_500, therapists=30)
    rows = compared(replace(records, y=records.y + 12 * (records.standardised_features[:, 1] > 1.2)))
    assert rows[TREES].ahead
    assert not rows[MODEL_LABEL].ahead
    assert not compared(toy(1_500, clients=1_500, therapists=30, pair=4.0))[TREES].ahead


def test_the_count_of_wishes_is_ahead_only_where_wishes_carry_all_fit() -> None:
    assert compared(simulated(700, seed=3, mix="wishes", fit=0.2))[COUNT].ahead
    assert not compared(simulated(700, seed=3, fit=0.2))[COUNT].ahead


def test_the_verdict_shows_every_kind_of_method() -> None:
    kinds = ["lightgbm", "wishes", "published", "therapist_mean", "ridge", "mixed"]
    assert [row.name for row in list_verdict_rows() if row.name in kinds] == kinds  # and any number of others


@pytest.mark.parametrize("place", ["fit", "score"])
def test_a_method_that_fails_has_no_figure_and_stops_no_training(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setitem(
        MODELS, "ridge", replace(MODELS["ridge"], fit_scorer=fail if place == "fit" else lambda *_: fail)
    )
    records, messages = toy(100, clients=100), list[str]()
    rows = compare_with_baselines(
        records, split_records("client", records), build_sample(records), report_progress=messages.append
    )
    others = [row.label for row in list_verdict_rows() if row.name != "ridge"]
    assert [row.name for row in rows] == [MODEL_LABEL, *others]
    assert messages == ["Ridge regression could not be fitted to these records, so it has no figure."]
