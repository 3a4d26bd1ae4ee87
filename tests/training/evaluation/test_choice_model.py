"""The model of the choice by place: it recovers planted odds, and its gradient is that of its likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.evaluation.choice_model import (
    MIN_LISTS_OF_A_KIND,
    RIDGE,
    ShownLists,
    fit_choice_model,
    split_by_bands,
)

PLANTED = np.array([-1.0, 1.2, -0.5, 0.8])  # not on the list, first place, log of the place, first band


def draw_lists(n: int, seed: int = 0, coefficients: Floats = PLANTED, *, has_bands: bool = True) -> ShownLists:
    """Draw lists of three to five places, and choices with planted log odds."""
    rng = np.random.default_rng(seed)
    place = np.arange(1, 6)
    is_place = place <= rng.integers(3, 6, n)[:, None]
    band = np.where(is_place, 1 + (place > rng.integers(1, 5, n)[:, None]), 0)
    columns = np.stack([np.zeros((n, 5)), (place == 1) + np.zeros((n, 1)), np.log(place) + np.zeros((n, 1)), band == 1])
    utility = np.where(is_place, np.tensordot(coefficients, columns, 1), -np.inf)
    utility = np.concatenate([np.full((n, 1), coefficients[0]), utility], axis=1)
    chosen = (utility + rng.gumbel(size=utility.shape)).argmax(axis=1)
    return ShownLists(is_place, band if has_bands else np.zeros_like(band), chosen)


def test_it_recovers_the_planted_odds() -> None:
    model = fit_choice_model(draw_lists(20_000))
    se = np.sqrt(np.diag(np.linalg.inv(model.information)))
    assert model.names == ("not on the list", "first place", "log of the place", "first band")
    assert (np.abs(model.coefficients - PLANTED) < 4 * se).all()
    assert (se < 0.1).all()


def test_probabilities_are_of_open_alternatives_and_the_scores_are_those_of_the_likelihood() -> None:
    lists = draw_lists(200)
    model = fit_choice_model(lists)
    probability = model.compute_probabilities()
    assert probability.sum(axis=1) == pytest.approx(np.ones(200))
    assert (probability[:, 1:][~lists.is_place] == 0).all()
    assert model.scores.sum(axis=0) == pytest.approx(RIDGE * model.coefficients, abs=1e-6), "the penalised maximum"
    rows, step = np.arange(200), 1e-5
    for column, unit in enumerate(np.eye(4)):
        up, down = (
            np.log(model.compute_probabilities(model.coefficients + sign * step * unit)[rows, lists.chosen])
            for sign in (1, -1)
        )
        numeric = (up - down) / (2 * step)
        assert model.scores[:, column] == pytest.approx(numeric, abs=1e-6)


def test_what_cannot_vary_has_no_coefficient_and_a_choice_that_never_varies_stays_finite() -> None:
    one = draw_lists(100, has_bands=False)
    always = ShownLists(one.is_place, one.band, np.ones(100, dtype=np.intp))
    model = fit_choice_model(always)
    assert model.names == ("first place", "log of the place")
    assert np.isfinite(model.coefficients).all()
    assert model.compute_probabilities()[:, 1].min() > 0.95


def test_lists_with_and_without_bands_are_two_kinds_and_few_of_a_kind_are_left_out() -> None:
    known, unknown = draw_lists(MIN_LISTS_OF_A_KIND), draw_lists(MIN_LISTS_OF_A_KIND - 1, has_bands=False)
    both = ShownLists(
        np.concatenate([known.is_place, unknown.is_place]),
        np.concatenate([known.band, unknown.band]),
        np.concatenate([known.chosen, unknown.chosen]),
    )
    (rows,) = split_by_bands(both)
    assert rows.tolist() == list(range(MIN_LISTS_OF_A_KIND))
