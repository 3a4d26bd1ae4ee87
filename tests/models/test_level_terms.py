"""Levels of instrument, site and period: the prior, the effects of therapists, and what a bundle may hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attune_fit.models.level_terms import LEVEL_PRIOR_SD, LevelTerms, add_level_terms, hash_sites
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics
from attune_fit.models.weight_posterior import build_design_matrix, fit_posterior
from tests.models.builders import THREE

IDS = [f"t{number}" for number in range(10)]


def test_the_prior_treats_all_levels_of_a_kind_alike() -> None:
    """The level of the reference and of the others have one variance, and no two are correlated."""
    mean, cov = add_level_terms(np.array([70.0]), np.array([[100.0]]), ["site a", "site b"])
    to_levels = np.array([[1.0, 0, 0], [1, 1, 0], [1, 0, 1]])  # the intercept is the reference; a term is a difference
    levels = to_levels @ cov @ to_levels.T
    np.testing.assert_allclose(np.diag(levels), 100 + LEVEL_PRIOR_SD["site"] ** 2)
    np.testing.assert_allclose(levels[np.triu_indices(3, 1)], 100)
    np.testing.assert_array_equal(mean, [70, 0, 0])


def test_a_questionnaire_that_goes_with_therapists_does_not_become_their_effect() -> None:
    """Half of the therapists use a form that reads 15 points higher; in truth all therapists are alike."""
    rng = np.random.default_rng(0)
    therapist = rng.integers(0, 10, 2000)
    other_form = (therapist >= 5).astype(float)[:, None]
    z, y = rng.normal(size=(2000, 3)), 70 + 15 * other_form[:, 0] + rng.normal(0, 10, 2000)
    precision = RecordPrecision.from_noise(np.ones(2000))

    def fit(x: np.ndarray, levels: LevelTerms | None) -> tuple[float, LevelTerms]:
        evidence, effects = fit_posterior(
            SufficientStatistics.from_records(x, y, therapist, 10, precision), THREE, IDS, levels=levels
        )
        return float(effects.effect[5:].mean() - effects.effect[:5].mean()), evidence.levels

    x = build_design_matrix(z, THREE)
    without, _ = fit(x, None)
    terms = LevelTerms(("instrument SRS",), np.zeros(1))
    within, levels = fit(np.concatenate([x, other_form], axis=1), terms)
    assert without > 10
    assert abs(within) < 1.5
    assert levels.effect[0] == pytest.approx(15, abs=1.5)


def test_a_bundle_holds_digests_of_sites() -> None:
    digests = hash_sites(pd.Series(["north", None, "north", "south"]))
    assert digests[0] == digests[2] != digests[3]
    assert digests[1] == ""
    assert not any("north" in digest for digest in digests)
