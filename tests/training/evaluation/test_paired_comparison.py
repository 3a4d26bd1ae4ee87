"""Two models on the same records: which is better, and whether that is beyond noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.evaluation.metrics import compute_pair_added_r, compute_rmse
from attune_fit.training.evaluation.paired_comparison import PairedComparison, compare_models


def said(noise: float, n: int = 400, therapists: int = 20, seed: int = 0, choice: float = 1.0) -> OutOfFoldPredictions:
    """Predictions that miss by ``noise`` more than the truth does; the ratings are the same for every noise."""
    rng = np.random.default_rng(seed)
    therapist, true, own = rng.integers(0, therapists, n), rng.normal(75, 5, n), rng.normal(0, 2, n)
    y = true + own + rng.normal(0, 10, n)
    score = true + noise * rng.normal(size=n)
    zero = np.zeros(n)
    return OutOfFoldPredictions(y, score, zero + 10, true, zero, choice * own + rng.normal(0, 2, n), therapist, zero)


def test_the_figures_are_those_of_the_metrics() -> None:
    new, old = said(1.0), said(6.0, choice=0.2)
    rmse, r = compare_models(new, old, "these")
    assert (rmse.figure, r.figure, rmse.on, rmse.n) == ("rmse", "pair_added_r", "these", 400)
    assert [rmse.new, rmse.old] == pytest.approx([compute_rmse(new), compute_rmse(old)])
    assert [r.new, r.old] == pytest.approx([compute_pair_added_r(new), compute_pair_added_r(old)])
    assert rmse.gain == pytest.approx(compute_rmse(old) - compute_rmse(new))
    assert r.gain == pytest.approx(compute_pair_added_r(new) - compute_pair_added_r(old))


def test_the_better_one_is_better_whichever_way_round() -> None:
    good, bad = said(0.0), said(8.0)
    for one, other, worse in ((good, bad, False), (bad, good, True)):
        found = next(compare_models(one, other, ""))
        assert found.is_worse is worse
        assert (found.gain > 0) is not worse
    ours, theirs = next(compare_models(good, bad, "")), next(compare_models(bad, good, ""))
    assert [ours.low, ours.high] == pytest.approx([-theirs.high, -theirs.low])


def test_a_choice_that_was_lost_is_worse() -> None:
    knows, guesses = said(1.0), said(1.0)
    guesses = replace(guesses, centered_pair_part=np.random.default_rng(9).normal(0, 2, 400))
    rmse, r = compare_models(guesses, knows, "")
    assert not rmse.is_worse
    assert r.is_worse


def test_the_same_predictions_are_never_worse() -> None:
    for found in compare_models(said(3.0), said(3.0), ""):
        assert (found.gain, found.low, found.high, found.is_worse) == (0, 0, 0, False)


def test_without_a_choice_only_the_misses_are_compared() -> None:
    silent = replace(said(1.0), centered_pair_part=np.full(400, np.nan))
    assert [one.figure for one in compare_models(said(1.0), silent, "")] == ["rmse"]
    nobody = said(1.0, n=0)
    assert list(compare_models(nobody, nobody, "")) == []


def test_whole_therapists_are_drawn_and_with_few_of_them_records() -> None:
    """An advantage that all lies with one therapist of twenty is no advantage; one therapist alone cannot be drawn."""
    new, old = said(0.0), said(0.0)
    here = new.therapist == 3
    new = replace(new, score=np.where(here, new.y, new.score))
    found = next(compare_models(new, old, ""))
    assert found.gain > 0
    assert found.low == pytest.approx(0, abs=0.02)
    alone = [replace(one, therapist=np.zeros(400, dtype=np.intp)) for one in (said(0.0), said(0.5))]
    few = next(compare_models(alone[0], alone[1], ""))
    assert few.low < few.gain < few.high


def test_chance_is_called_worse_about_once_in_forty() -> None:
    """Two models that miss equally far, each by its own noise; 95% intervals leave 2.5% below."""
    called = sum(next(compare_models(said(4.0, seed=seed), _other(seed), "")).is_worse for seed in range(150))
    assert called <= 10  # more than that less than once in 300 times


def _other(seed: int) -> OutOfFoldPredictions:
    """The same ratings as ``said(4.0, seed)``, missed elsewhere."""
    one = said(0.0, seed=seed)
    return replace(one, score=one.score + np.random.default_rng(1000 + seed).normal(0, 4, 400))


def test_the_sentence_never_says_better_of_a_loss() -> None:
    lost = PairedComparison("rmse", "them", 15.5, 15.0, -0.5, -0.9, -0.1, 300)
    assert lost.sentence == "rmse 15.50 versus 15.00 POMP, worse by 0.50, 97.5% interval 0.10 to 0.90"


def test_a_sure_loss_of_next_to_nothing_is_no_loss() -> None:
    lost = PairedComparison("rmse", "them", 15.04, 15.0, -0.04, -0.05, -0.03, 300)
    assert not lost.is_worse
    assert replace(lost, gain=-0.06).is_worse
    assert not replace(lost, gain=-0.06, high=0.01).is_worse


def test_a_sure_loss_of_a_trifle_is_told_as_one() -> None:
    assert PairedComparison("pair_added_r", "these", 0.15, 0.19, -0.04, -0.06, -0.02, 800).is_within_margin
    assert not PairedComparison("pair_added_r", "these", 0.05, 0.19, -0.14, -0.2, -0.08, 800).is_within_margin
    assert not PairedComparison("pair_added_r", "these", 0.18, 0.19, -0.01, -0.03, 0.01, 800).is_within_margin
