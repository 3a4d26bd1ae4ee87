"""Coverage of prediction intervals over synthetic clinics (slow)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold, split_records
from tests.training.builders import simulated


def is_covered(seed: int, by: str) -> np.ndarray:
    """Return whether each held-out rating lies in its interval; the model is calibrated on the other records."""
    records = simulated(700, seed=seed)
    held_out, *rest = split_records(by, records, folds=3, seed=seed)
    assert records.levels is not None
    known = replace(
        records,
        client=records.client[held_out.train],
        therapist=records.therapist[held_out.train],
        y=records.y[held_out.train],
        measured_on=records.measured_on[held_out.train],
        standardised_features=records.standardised_features[held_out.train],
        levels=replace(records.levels, indicators=records.levels.indicators[held_out.train]),
    )
    folds: list[Fold] = split_records("client", known)
    out_of_fold = predict_out_of_fold(known, crossfit_models(Recipe(), known, folds))
    width = PredictionInterval.from_out_of_fold(0.9, out_of_fold.score, out_of_fold.standardised_residuals)
    fold_model = FoldModel(Recipe().fit(records, held_out.train), held_out.test)
    predictions = predict_out_of_fold(records, [fold_model])
    low, high = width.compute_bounds(predictions.score, predictions.sd)
    assert len(rest) == 2
    return (predictions.y >= low) & (predictions.y <= high)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["client", "therapist"])
def test_nine_of_ten_new_ratings_lie_in_their_interval(by: str) -> None:
    """About 6,000 ratings of 30 clinics: .90 within 2 points."""
    inside = np.concatenate([is_covered(seed, by) for seed in range(500, 530)])
    assert len(inside) > 5000
    assert inside.mean() == pytest.approx(0.9, abs=0.02)
