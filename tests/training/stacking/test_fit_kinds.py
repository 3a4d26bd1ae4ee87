"""The fit of a synthetic clinic is an interaction with SD 1, whatever its kind, and varies from draw to draw."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from attune_fit.data.synthetic.fit_mechanisms import FIT_MECHANISMS
from attune_fit.training.stacking import fit_kinds
from attune_fit.training.stacking.fit_kinds import (
    CARRIERS,
    DRAW_FUNCTIONS,
    KIND_WEIGHTS,
    draw_additive_mix,
    draw_pair_fit,
)
from attune_fit.training.stacking.pair_terms import PairTerms, rescale_interaction
from attune_fit.training.stacking.synthetic_clinics import draw_population


@cache
def terms() -> PairTerms:
    return draw_population(1, clients=260, therapists=14).terms


def test_every_kind_has_a_weight_and_a_function() -> None:
    assert KIND_WEIGHTS.keys() == DRAW_FUNCTIONS.keys()
    assert set(CARRIERS) < set(FIT_MECHANISMS)


@pytest.mark.parametrize("kind", KIND_WEIGHTS)
def test_fit_is_an_interaction_with_sd_1(kind: str) -> None:
    for seed in range(12):
        fit = draw_pair_fit(np.random.default_rng(seed), kind, terms())
        assert fit.shape == (260, 14)
        assert fit.std() == pytest.approx(1)
        assert np.abs(fit.mean(axis=0)).max() < 1e-9
        assert np.abs(fit.mean(axis=1)).max() < 1e-9


@pytest.mark.parametrize("kind", KIND_WEIGHTS)
def test_two_draws_of_a_kind_differ_and_one_seed_repeats(kind: str) -> None:
    first, again, other = (draw_pair_fit(np.random.default_rng(seed), kind, terms()) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_an_additive_mix_lies_in_the_span_of_its_carriers_with_positive_weights() -> None:
    carriers = np.stack([rescale_interaction(terms().take_carrier(name)).ravel() for name in CARRIERS], axis=1)
    for seed in range(5):
        mix = draw_additive_mix(np.random.default_rng(seed), terms()).ravel()
        weights, *_ = np.linalg.lstsq(carriers, mix, rcond=None)
        assert carriers @ weights == pytest.approx(mix)
        assert weights.min() > -1e-9


def test_some_kinds_lie_outside_the_span_of_the_carriers() -> None:
    carriers = np.stack([rescale_interaction(terms().take_carrier(name)).ravel() for name in CARRIERS], axis=1)
    for kind in ("warped", "threshold", "interactions"):
        explained = []
        for seed in range(12):
            fit = draw_pair_fit(np.random.default_rng(seed), kind, terms()).ravel()
            weights, *_ = np.linalg.lstsq(carriers, fit, rcond=None)
            explained.append(1 - np.mean((fit - carriers @ weights) ** 2))
        assert np.mean(explained) < 0.85


def test_opposites_reverse_a_carrier() -> None:
    carriers = np.stack([rescale_interaction(terms().take_carrier(name)).ravel() for name in CARRIERS], axis=1)
    lowest = [
        np.linalg.lstsq(carriers, draw_pair_fit(np.random.default_rng(seed), "opposites", terms()).ravel())[0].min()
        for seed in range(12)
    ]
    assert np.mean(np.array(lowest) < -0.1) > 0.5


def test_a_kind_that_never_varies_becomes_an_additive_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fit_kinds.DRAW_FUNCTIONS, "threshold", lambda rng, terms: np.zeros((260, 14)))
    fit = draw_pair_fit(np.random.default_rng(0), "threshold", terms())
    assert fit == pytest.approx(rescale_interaction(draw_additive_mix(np.random.default_rng(0), terms())))
