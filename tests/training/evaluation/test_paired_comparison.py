"""Paired comparison of two models: the better one, the interval, and the margin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.evaluation.metrics import compute_pair_added_r, compute_rmse
from attune_fit.training.evaluation.paired_comparison import PairedComparison, compare_models


def predict(
    noise: float, n: int = 400, therapists: int = 20, seed: int = 0, choice: float = 1.0
) -> OutOfFoldPredictions:
    """Predictions that miss by ``noise`` more than the truth does; the ratings are the same for every noise."""
    rng = np.random.default_rng(seed)
    therapist, true, own = rng.integers(0, therapists, n), rng.normal(75, 5, n), rng.normal(0, 2, n)
    y = true + own + rng.normal(0, 10, n)
    score = true + noise * rng.normal(size=n)
    zero = np.zeros(n)
    return OutOfFoldPredictions(y, score, zero + 10, true, zero, choice * own + rng.normal(0, 2, n), therapist, zero)


def test_the_figures_are_those_of_the_metrics() -> None:
    new, old = predict(1.0), predict(6.0, choice=0.2)
    rmse, r = compare_models(new, old, "these")
    assert (rmse.figure, r.figure, rmse.on, rmse.n) == ("rmse", "pair_added_r", "these", 400)
    assert [rmse.new, rmse.old] == pytest.approx([compute_rmse(new), compute_rmse(old)])
    assert [r.new, r.old] == pytest.approx([compute_pair_added_r(new), compute_pair_added_r(old)])
    assert rmse.gain == pytest.approx(compute_rmse(old) - compute_rmse(new))
    assert r.gain == pytest.approx(compute_pair_added_r(new) - compute_pair_added_r(old))


def test_the_better_one_is_better_whichever_way_round() -> None:
    good, bad = predict(0.0), predict(8.0)
    for one, other, worse in ((good, bad, False), (bad, good, True)):
        found = next(compare_models(one, other, ""))
        assert found.is_worse is worse
        assert (found.gain > 0) is not worse
    ours, theirs = next(compare_models(good, bad, "")), next(compare_models(bad, good, ""))
    assert [ours.low, ours.high] == pytest.approx([-theirs.high, -theirs.low])


def test_a_model_without_pair_effect_is_worse_than_one_with_it() -> None:
    informed, uninformed = predict(1.0), predict(1.0)
    uninformed = replace(uninformed, centered_pair_part=np.random.default_rng(9).normal(0, 2, 400))
    rmse, r = compare_models(uninformed, informed, "")
    assert not rmse.is_worse
    assert r.is_worse


def test_the_same_predictions_are_never_worse() -> None:
    for found in compare_models(predict(3.0), predict(3.0), ""):
        assert (found.gain, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-12)  # sums differ by processor
        assert not found.is_worse


def test_without_a_pair_part_only_the_error_is_compared() -> None:
    without_pair_part = replace(predict(1.0), centered_pair_part=np.full(400, np.nan))
    assert [one.figure for one in compare_models(predict(1.0), without_pair_part, "")] == ["rmse"]
    empty = predict(1.0, n=0)
    assert list(compare_models(empty, empty, "")) == []


def test_resamples_draw_whole_therapists_or_single_records_with_few_therapists() -> None:
    """An advantage that all lies with one therapist of twenty is no advantage; one therapist alone cannot be drawn."""
    new, old = predict(0.0), predict(0.0)
    here = new.therapist == 3
    new = replace(new, score=np.where(here, new.y, new.score))
    found = next(compare_models(new, old, ""))
    assert found.gain > 0
    assert found.low == pytest.approx(0, abs=0.02)
    alone = [replace(one, therapist=np.zeros(400, dtype=np.intp)) for one in (predict(0.0), predict(0.5))]
    few = next(compare_models(alone[0], alone[1], ""))
    assert few.low < few.gain < few.high


def test_chance_is_called_worse_about_once_in_forty() -> None:
    """Two models that miss equally far, each by its own noise; 95% intervals leave 2.5% below."""
    n_worse = sum(
        next(compare_models(predict(4.0, seed=seed), _predict_elsewhere(seed), "")).is_worse for seed in range(150)
    )
    assert n_worse <= 10  # more than that less than once in 300 times


def _predict_elsewhere(seed: int) -> OutOfFoldPredictions:
    """The same ratings as ``predict(4.0, seed)``, missed elsewhere."""
    one = predict(0.0, seed=seed)
    return replace(one, score=one.score + np.random.default_rng(1000 + seed).normal(0, 4, 400))


def test_the_sentence_calls_a_loss_worse() -> None:
    loss = PairedComparison("rmse", "them", 15.5, 15.0, -0.5, -0.9, -0.1, 300)
    assert loss.sentence == "rmse 15.50 versus 15.00 POMP, worse by 0.50, 97.5% interval 0.10 to 0.90"


def test_a_loss_within_the_margin_is_not_worse() -> None:
    loss = PairedComparison("rmse", "them", 15.04, 15.0, -0.04, -0.05, -0.03, 300)
    assert not loss.is_worse
    assert replace(loss, gain=-0.06).is_worse
    assert not replace(loss, gain=-0.06, high=0.01).is_worse


def test_a_loss_within_the_margin_is_reported_as_such() -> None:
    assert PairedComparison("rmse", "these", 15.04, 15.0, -0.04, -0.06, -0.02, 800).is_within_margin
    assert not PairedComparison("rmse", "these", 15.14, 15.0, -0.14, -0.2, -0.08, 800).is_within_margin
    assert not PairedComparison("rmse", "these", 15.01, 15.0, -0.01, -0.03, 0.01, 800).is_within_margin


def test_no_loss_of_the_pair_part_beyond_noise_is_tolerated() -> None:
    assert PairedComparison("pair_added_r", "these", 0.15, 0.19, -0.04, -0.06, -0.02, 800).is_worse
    assert not PairedComparison("pair_added_r", "these", 0.18, 0.19, -0.01, -0.03, 0.01, 800).is_worse
