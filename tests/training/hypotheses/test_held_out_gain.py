"""Held-out gain: equal to a plain loop over folds, positive for a planted effect, and a control that bounds noise."""

import numpy as np
import pytest

from attune_fit.training.hypotheses.held_out_gain import FOLDS, N_FOLDS, measure_held_out_gain
from attune_fit.training.hypotheses.lab_records import LabRecords
from attune_fit.training.hypotheses.null_statistics import NullDraws
from tests.training.hypotheses.lab_designs import draw_records

KINDS = ("trait", "interaction", "pair")


def compute_plain_r2(records: LabRecords, seed: int) -> float:
    """Compute the held-out r2 of a pair record by record, with ordinary least squares in each fold."""
    y = records.y / records.y.std()
    for label in np.unique(records.therapist):
        y = np.where(records.therapist == label, y - y[records.therapist == label].mean(), y)

    def center(values: np.ndarray) -> np.ndarray:
        means = {label: values[records.therapist == label].mean() for label in np.unique(records.therapist)}
        return np.array([value - means[label] for value, label in zip(values, records.therapist, strict=True)])

    term, covariate = center(records.term), center(records.covariates[:, 0])
    folds = np.random.default_rng(seed).permutation(len(records)) % N_FOLDS
    without, with_term = 0.0, 0.0
    for fold in range(N_FOLDS):
        train, test = folds != fold, folds == fold
        small = np.linalg.lstsq(covariate[train, None], y[train], rcond=None)[0]
        both = np.column_stack([covariate, term])
        full = np.linalg.lstsq(both[train], y[train], rcond=None)[0]
        of_term = np.linalg.lstsq(covariate[train, None], term[train], rcond=None)[0]
        rest = y[test] - covariate[test] * small[0]
        without += float(rest @ rest)
        residual = rest - full[1] * (term[test] - covariate[test] * of_term[0])
        with_term += float(residual @ residual)
    return 1 - with_term / without


def test_the_share_of_variance_is_that_of_a_plain_loop() -> None:
    records = draw_records("pair", effect=0.2, seed=5)
    gain = measure_held_out_gain(records, NullDraws.from_seed([records], 19, 1), 7)
    assert gain is not None
    assert gain.r2 == pytest.approx(compute_plain_r2(records, 7), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_effect_adds_to_held_out_predictions(kind: str) -> None:
    records = draw_records(kind, effect=0.4, therapists=40, seed=3)
    gain = measure_held_out_gain(records, NullDraws.from_seed([records], 99, 1), 1)
    assert gain is not None
    assert gain.r2 > gain.control_r2_high
    assert gain.p <= 0.02
    assert gain.low > 0
    assert gain.folds == FOLDS["client" if kind == "pair" else "therapist"]


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_effect_the_gain_is_below_its_control(kind: str) -> None:
    gains = []
    for seed in range(20):
        records = draw_records(kind, seed=seed)
        gains.append(measure_held_out_gain(records, NullDraws.from_seed([records], 99, seed), seed))
    above = [gain for gain in gains if gain is not None and gain.r2 > gain.control_r2_high]
    assert len(above) <= 4
    assert len(gains) == 20


def test_many_draws_in_batches_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    records = draw_records("interaction", seed=1)
    null = NullDraws.from_seed([records], 30, 1)
    whole = measure_held_out_gain(records, null, 1)
    monkeypatch.setattr("attune_fit.training.hypotheses.held_out_gain.BATCH_CELLS", 7 * len(records))
    batched = measure_held_out_gain(records, null, 1)
    assert whole is not None
    assert batched is not None
    assert vars(batched) == pytest.approx(vars(whole))


def test_three_therapists_have_no_folds() -> None:
    records = draw_records("interaction", therapists=3)
    assert measure_held_out_gain(records, NullDraws.from_seed([records], 9, 1), 1) is None
