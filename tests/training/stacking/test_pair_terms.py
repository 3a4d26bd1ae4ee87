"""Scores of all pairs have the shape of their side and equal what the tables and the catalogue give."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.training.stacking.pair_terms import (
    CLIENT_NUMBERS,
    CLIENT_SETS,
    PAIR_FEATURES,
    THERAPIST_NUMBERS,
    THERAPIST_SETS,
    PairTerms,
    double_center_pairs,
    rescale_interaction,
)
from attune_fit.training.stacking.synthetic_clinics import draw_population


@cache
def terms() -> PairTerms:
    return draw_population(1, clients=260, therapists=14).terms


def test_scores_have_the_shape_of_their_side() -> None:
    for name in (*CLIENT_NUMBERS, *CLIENT_SETS):
        assert terms().take_client_column(name).shape == (260, 1)
    for name in (*THERAPIST_NUMBERS, *THERAPIST_SETS):
        assert terms().take_therapist_column(name).shape == (1, 14)


def test_a_pair_feature_is_that_of_the_catalogue_and_always_known() -> None:
    feature = next(feature for feature in PAIR_FEATURES if feature.name == "directiveness_gap")
    score = terms().take_feature(feature)
    want = PairFrame.from_pairs(Pairs.cross(terms().sides), (feature,)).standardize()[:, :, 0]
    known = ~np.isnan(want)
    assert 0 < known.mean() < 1
    assert not np.isnan(score).any()
    assert np.corrcoef(score[known], want[known])[0, 1] == pytest.approx(1)


def test_a_term_without_interaction_is_zero() -> None:
    by_client, by_therapist = np.arange(5.0)[:, None], np.arange(3.0)[None, :]
    assert not rescale_interaction(by_client + by_therapist).any()
    assert double_center_pairs(by_client * by_therapist) == pytest.approx((by_client - 2) * (by_therapist - 1))
