"""Permutations keep each therapist's records together."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from attune_fit.training.multilevel.therapist_permutation import permute_signs, permute_therapists
from benchmarks.null_studies import Study, StudyDesign


def draw(kind: str, effect: float = 0.0, therapists: int = 12, seed: int = 0) -> Study:
    slope_sd = 0.0 if kind == "trait" else 0.25
    return StudyDesign(kind, slope_sd, therapists, "even").draw(np.random.default_rng(seed), effect)


def test_the_p_value_is_the_share_of_all_orders_of_traits() -> None:
    study = draw("trait", therapists=5)
    means = np.array([study.y[study.therapist == code].mean() for code in range(5)])
    traits = np.array([study.trait[study.therapist == code][0] for code in range(5)])
    agreements = np.array([abs(np.corrcoef(means, order)[0, 1]) for order in permutations(traits)])
    exact = (agreements >= agreements[0] - 1e-9).mean()
    assert permute_therapists(study.y, study.therapist, study.trait, draws=4_000) == pytest.approx(exact, abs=0.03)


def test_the_p_value_is_the_share_of_all_signs_of_slopes() -> None:
    study = draw("pair", therapists=6)
    y, value = (
        np.concatenate([column[study.therapist == code] - column[study.therapist == code].mean() for code in range(6)])
        for column in (study.y, study.value)
    )
    scores = np.array([(y * value)[study.therapist == code].sum() for code in range(6)])
    sums = np.array([abs(np.dot(signs, scores)) for signs in product([1, -1], repeat=6)])
    exact = (sums >= sums[0] - 1e-9).mean()
    assert permute_signs(study.y, study.therapist, study.value, draws=4_000) == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("kind", ["trait", "interaction", "pair"])
def test_a_large_effect_is_found_and_the_seed_decides_the_draw(kind: str) -> None:
    study = draw(kind, effect=1.0)
    assert study.permute(seed=1) == study.permute(seed=1) <= 0.01


def test_a_covariate_of_therapists_that_explains_the_trait_effect_takes_it_away() -> None:
    study, rng = draw("trait"), np.random.default_rng(1)
    years = study.trait + rng.normal(size=12)[study.therapist]
    y = study.y + years
    assert permute_therapists(y, study.therapist, study.trait) < 0.05
    assert permute_therapists(y, study.therapist, study.trait, years[:, None]) > 0.2


def test_nothing_to_permute_is_unknown() -> None:
    study, few = draw("trait"), draw("trait", therapists=2)
    constant = np.ones_like(study.y)
    assert np.isnan(permute_therapists(few.y, few.therapist, few.trait))
    assert np.isnan(permute_therapists(study.y, study.therapist, constant))
    assert np.isnan(permute_signs(study.y, study.therapist, study.trait))
