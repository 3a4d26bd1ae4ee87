"""Intervals hold as often as they say, over synthetic clinics (slow)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold, split_records
from tests.training.builders import simulated


def held(seed: int, by: str) -> np.ndarray:
    """Whether each rating of people held back lies in its interval, for a model calibrated on the others alone."""
    records = simulated(700, seed=seed)
    away, *rest = split_records(by, records, folds=3, seed=seed)
    known = replace(
        records,
        client=records.client[away.train],
        therapist=records.therapist[away.train],
        y=records.y[away.train],
        measured_on=records.measured_on[away.train],
        standardised_features=records.standardised_features[away.train],
    )
    folds: list[Fold] = split_records("client", known)
    back = predict_out_of_fold(known, crossfit_models(Recipe(), known, folds))
    width = PredictionInterval.from_out_of_fold(0.9, back.score, back.standardised_residuals)
    made = FoldModel(Recipe().fit(records, away.train), away.test)
    said = predict_out_of_fold(records, [made])
    low, high = width.compute_bounds(said.score, said.sd)
    assert len(rest) == 2
    return (said.y >= low) & (said.y <= high)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["client", "therapist"])
def test_nine_of_ten_new_ratings_lie_in_their_interval(by: str) -> None:
    """About 6,000 ratings of 30 clinics: .90 within 2 points."""
    inside = np.concatenate([held(seed, by) for seed in range(500, 530)])
    assert len(inside) > 5000
    assert inside.mean() == pytest.approx(0.9, abs=0.02)
