"""The check of predicted dropout: AUC against counting, its interval, and recalibration of what is too sure."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from attune_fit.data.arrays import Floats
from attune_fit.training.evaluation.dropout_check import (
    compute_auc,
    estimate_recalibration,
    fit_recalibration,
    measure_dropout_check,
)


def draw(n: int = 2_000, slope: float = 1.0, shift: float = 0.0, seed: int = 0) -> tuple[Floats, Floats]:
    """Outcomes, and predicted log-odds of which ``slope`` times is true."""
    rng = np.random.default_rng(seed)
    log_odds = -1.4 + 0.8 * rng.standard_normal(n)
    y = rng.random(n) < expit(-1.4 + shift + slope * (log_odds + 1.4))
    return y.astype(float), log_odds


def test_auc_counts_pairs_and_ties_by_half() -> None:
    rng = np.random.default_rng(1)
    is_event, scores = rng.random(60) < 0.3, rng.integers(0, 6, (2, 60)).astype(float)
    found, _ = compute_auc(is_event, scores)
    for row, one in enumerate(scores):
        above = one[is_event][:, None] - one[~is_event]
        assert found[row] == pytest.approx(((above > 0) + (above == 0) / 2).mean())


def test_the_variance_of_auc_is_that_of_repeated_draws() -> None:
    found = []
    for seed in range(300):
        y, log_odds = draw(300, seed=seed)
        found.append(compute_auc(y == 1, np.stack([log_odds, np.sin(log_odds)])))
    auc, cov = (np.array(part) for part in zip(*found, strict=True))
    spread = np.cov(auc.T)
    np.testing.assert_allclose(cov.mean(axis=0), spread, rtol=0.25)


def test_the_slope_of_predictions_that_differ_too_much_is_below_one() -> None:
    y, log_odds = draw(8_000, slope=0.5)
    check = measure_dropout_check(y, log_odds, np.zeros(len(y)))
    assert check.slope_low < 0.5 < check.slope_high < 0.7
    assert check.client_auc == 0.5
    assert check.gain == pytest.approx(check.auc - 0.5)
    assert check.gain_low > 0


def test_recalibration_moves_toward_the_truth_and_is_shrunk() -> None:
    y, log_odds = draw(8_000, slope=0.5, shift=0.3)
    intercept, slope = estimate_recalibration(y, log_odds)
    assert 0.45 < slope < 0.65
    assert expit(intercept + slope * log_odds).mean() == pytest.approx(y.mean(), abs=0.005)
    few_intercept, few_slope = estimate_recalibration(y[:40], log_odds[:40])
    assert slope < few_slope <= 1.1
    assert abs(few_intercept) < 0.6


def test_predictions_against_the_truth_never_turn_round() -> None:
    y, log_odds = draw(50_000, slope=-1.0)
    assert estimate_recalibration(y, log_odds)[1] == 0


def test_equal_predictions_leave_the_slope_at_its_prior() -> None:
    y, _ = draw(200)
    (_, slope), _ = fit_recalibration(y, np.zeros(200), offset=-1.4, prior_sd=0.2)
    assert slope == pytest.approx(1.0)
    check = measure_dropout_check(y, np.zeros(200), np.zeros(200))
    assert all(np.isfinite(check))
    assert (check.auc, check.gain) == (0.5, 0.0)
