"""Interventions on reasons: without the input, with the opposite input, without the weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.ranking.reasons import THERAPIST_EFFECT, RelativeContributions
from attune_fit.models.alliance_model import AllianceModel
from tests.matching.builders import busy, compute_roster_contributions, experienced, published

CLIENTS = [0, 7, 20]
OPPOSITE = {"must": "never", "prefer": "avoid", "avoid": "prefer", "never": "must"}
SEPARATE_INPUTS = ("wishes_met", "problems_covered", "slots_shared", "formats_to_choose", "more_languages",
                   "style_distance", "interpersonal_skill", "years_experience")  # fmt: skip

every = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)


PairIndex = tuple[int, int]  # which of the clients, row of the therapist


def compute_contributions(model: AllianceModel, tables: Tables) -> list[RelativeContributions]:
    """Contributions for a few clients, with the whole roster as candidates."""
    sides = Sides(tables)
    return [compute_roster_contributions(model, sides, client) for client in CLIENTS]


def list_reported(contributions: list[RelativeContributions]) -> Iterator[tuple[PairIndex, str, int]]:
    """Pair, feature and sign of every reason, and of every caution that is a part of the score."""
    for client, one in enumerate(contributions):
        for row in range(len(one.values)):
            for reason in one.select_reasons(row):
                yield (client, row), reason.feature, 1
            caution = one.find_caution(row)
            if caution is not None and caution.points is not None:
                yield (client, row), caution.about, -1


def list_names(contributions: list[RelativeContributions]) -> set[str]:
    """The names in all reasons and cautions, including cautions about unknown features."""
    cautions = [one.find_caution(row) for one in contributions for row in range(len(one.values))]
    return {name for _, name, _ in list_reported(contributions)} | {one.about for one in cautions if one}


def score(model: AllianceModel, tables: Tables, pair: PairIndex) -> float:
    return float(model.compute_parts(Pairs.from_rows(Sides(tables), [CLIENTS[pair[0]]], [pair[1]])).score[0])


def with_weights(model: AllianceModel, weights: dict[str, float]) -> AllianceModel:
    """The model with some weights set, in SD of alliance."""
    mean = model.evidence.mean.copy()
    for name, weight in weights.items():
        mean[1 + model.feature_names.index(name)] = weight * model.evidence.unit
    return replace(model, evidence=replace(model.evidence, mean=mean))


@every
def test_a_feature_without_weight_is_never_named(feature: Feature) -> None:
    """It is no reason, no caution, and no feature that is unknown here and known for others."""
    model = with_weights(published(), {feature.name: 0.0})
    contributions, column = compute_contributions(model, busy()), model.feature_names.index(feature.name)
    assert feature.name not in list_names(contributions)
    for one in contributions:
        for flags in (one.is_reason, one.is_caution, one.is_missing_here):
            assert not flags[..., column].any()


def test_a_model_without_any_weight_gives_no_reason_and_no_caution() -> None:
    weightless = with_weights(published(), {feature.name: 0.0 for feature in FEATURES})
    assert not list_names(compute_contributions(weightless, busy()))


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000))
def test_for_any_weights_an_unknown_input_moves_the_score_as_reported(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = {feature.name: float(rng.normal(0, 0.1) * (rng.random() < 0.7)) for feature in FEATURES}
    model = with_weights(experienced() if seed % 2 else published(), drawn)
    contributions = compute_contributions(model, busy())
    by_name = {feature.name: feature for feature in FEATURES}
    sample = [one for number, one in enumerate(list_reported(contributions)) if number % 7 == 0]
    assert len(sample) > 5
    for pair, name, sign in sample:
        if name == THERAPIST_EFFECT:
            continue
        therapists, preferences = busy().therapists.copy(), busy().preferences
        if PREFERENCES_TABLE in by_name[name].client:
            preferences = preferences.head(0)
        else:
            therapists.loc[pair[1], list(by_name[name].therapist)] = None
        without = replace(busy(), therapists=therapists, preferences=preferences)
        assert sign * (score(model, busy(), pair) - score(model, without, pair)) > 0, name


def test_without_earlier_ratings_the_therapist_effect_moves_the_score_as_reported() -> None:
    model = with_weights(experienced(), {feature.name: 0.0 for feature in FEATURES})
    forgotten = replace(model, therapists=replace(published().therapists))
    checked = 0
    for pair, name, sign in list(list_reported(compute_contributions(model, busy())))[::3]:
        if name == THERAPIST_EFFECT:
            assert sign * (score(model, busy(), pair) - score(forgotten, busy(), pair)) > 0
            checked += 1
    assert checked > 5


def test_the_opposite_moves_the_score_the_other_way() -> None:
    """No two of these features share an input. Wishes are inverted, or the least suitable therapist's columns used."""
    rows = tuple(feature for feature in FEATURES if feature.name in SEPARATE_INPUTS)
    model = published(tuple(replace(row, weight=-0.1 if row.direction == "-" else 0.1) for row in rows))
    rows = model.features
    contributions, checked = compute_contributions(model, busy()), set()
    for pair, name, sign in list(list_reported(contributions))[::2]:
        row = next(row for row in rows if row.name == name)
        therapists, preferences = busy().therapists.copy(), busy().preferences
        if PREFERENCES_TABLE in row.client:
            preferences = preferences.assign(strength=preferences["strength"].map(OPPOSITE))
        else:
            suits = sign * row.weight * contributions[pair[0]].values[:, model.feature_names.index(name)]
            other = int(np.nanargmin(suits))
            for one in row.therapist:
                therapists[one] = therapists[one].where(therapists.index != pair[1], therapists[one].iloc[other])
        inverted = replace(busy(), therapists=therapists, preferences=preferences)
        assert sign * (score(model, busy(), pair) - score(model, inverted, pair)) > 0, (name, pair)
        checked.add((name, sign))
    assert len(checked) >= 10
    assert len({name for name, _ in checked}) >= len(SEPARATE_INPUTS) - 1
