from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.features import wish_features
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.features.plain import Row, Wishes, each_pair
from tests.strategies import Wish, clinic, clinics

ROSTER = {"gender": ["f", "m", None], "religion": ["jewish", None, None]}


def pairs_with(*wishes: Wish) -> Pairs:
    return Pairs.cross(Sides(clinic({}, ROSTER, wishes)))


@settings(max_examples=30, deadline=None)
@given(clinics(columns=("gender", "age", "languages"), wishes=8))
def test_wishes_agree_with_a_loop_over_pairs(tables: Tables) -> None:
    wishes = Wishes(tables)

    def share(client: Row, therapist: Row) -> float:
        answers = wishes.answers(client, therapist, "prefer")
        known = [answer == "met" for answer in answers if answer != "unknown"]
        if not answers:
            return wish_features.MET_SHARE_NORM[0]
        return sum(known) / len(known) if known else math.nan

    def broken(client: Row, therapist: Row) -> float:
        must, never = (wishes.answers(client, therapist, strength) for strength in ("must", "never"))
        if {*must, *never} == {"unknown"}:
            return math.nan
        return must.count("unmet") + never.count("met")

    def gender(client: Row, therapist: Row) -> float:
        wanted = wishes.answers(client, therapist, "prefer", "gender")
        unwanted = wishes.answers(client, therapist, "avoid", "gender")
        good = wanted.count("met") + unwanted.count("unmet")
        bad = wanted.count("unmet") + unwanted.count("met")
        if not good + bad:
            return math.nan if wanted or unwanted else 0.0
        return (good - bad) / (good + bad)

    pairs = Pairs.cross(Sides(tables))
    np.testing.assert_allclose(
        pairs.broadcast(wish_features.compute_share_met(pairs)), each_pair(tables, share), rtol=1e-12
    )
    np.testing.assert_array_equal(pairs.broadcast(wish_features.count_broken_musts(pairs)), each_pair(tables, broken))
    np.testing.assert_allclose(
        pairs.broadcast(wish_features.compute_wish_balance(pairs, "gender")), each_pair(tables, gender), rtol=1e-12
    )


def test_preferences_are_met_unmet_or_unknown() -> None:
    pairs = pairs_with((0, "gender", "f", "prefer"), (0, "religion", "jewish", "prefer"))
    np.testing.assert_array_equal(wish_features.compute_share_met(pairs), [[1, 0, np.nan]])
    np.testing.assert_array_equal(wish_features.count_unmet(pairs), [[0, 1, np.nan]])


def test_something_to_avoid_counts_where_the_therapist_has_it() -> None:
    pairs = pairs_with((0, "gender", "m", "avoid"))
    np.testing.assert_array_equal(wish_features.count_avoided(pairs), [[0, 1, np.nan]])
    np.testing.assert_array_equal(wish_features.compute_wish_balance(pairs, "gender"), [[1, -1, np.nan]])
    np.testing.assert_array_equal(pairs.broadcast(wish_features.compute_wish_balance(pairs, "religion")), [[0, 0, 0]])


def test_a_must_or_never_without_an_answer_is_counted_as_unknown() -> None:
    pairs = pairs_with((0, "gender", "f", "must"), (0, "religion", "jewish", "never"))
    np.testing.assert_array_equal(wish_features.count_broken_musts(pairs), [[1, 1, np.nan]])
    np.testing.assert_array_equal(wish_features.count_unanswered_musts(pairs), [[0, 1, 2]])


@pytest.mark.parametrize("feature", wish_features.ROWS, ids=lambda feature: feature.name)
def test_a_client_without_wishes_is_the_same_with_every_therapist(feature: Feature) -> None:
    (values,) = np.broadcast_to(feature.function(pairs_with()), (1, 3))
    assert values.tolist() == [values[0]] * 3
    assert values[0] in {0.0, feature.center}
