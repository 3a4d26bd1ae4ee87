"""Intervening on what is told: the input unknown, the opposite, the weight taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.catalogue import FEATURES
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.ranking.reasons import THERAPIST_EFFECT, PairIndex, RelativeContributions
from attune_fit.models.alliance_model import AllianceModel
from tests.matching.builders import busy, experienced, published

CLIENTS = [0, 7, 20]
OPPOSITE = {"must": "never", "prefer": "avoid", "avoid": "prefer", "never": "must"}
APART = ("wishes_met", "problems_covered", "slots_shared", "formats_to_choose", "more_languages", "style_distance",
         "interpersonal_skill", "years_experience")  # fmt: skip

every = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)


def reasons(model: AllianceModel, tables: Tables) -> RelativeContributions:
    """Reasons of a few clients with the whole roster as candidates."""
    pairs = Pairs.cross(Sides(tables), CLIENTS)
    parts = model.compute_parts(pairs)
    return RelativeContributions.from_scores(model, pairs, parts, np.ones(parts.score.shape, dtype=bool), 1.0)


def told(found: RelativeContributions) -> Iterator[tuple[PairIndex, str, int]]:
    """Cell, feature and sign of every reason and of every caution that is a part of the sum."""
    for cell in np.ndindex(found.relative_contributions.shape[:2]):
        for reason in found.select_reasons(cell):
            yield cell, reason.feature, 1
        caution = found.find_caution(cell)
        if caution is not None and caution.points is not None:
            yield cell, caution.about, -1


def named(found: RelativeContributions) -> set[str]:
    """All that reasons and cautions are about, the unknown included."""
    cautions = [found.find_caution(cell) for cell in np.ndindex(found.relative_contributions.shape[:2])]
    return {name for _, name, _ in told(found)} | {one.about for one in cautions if one}


def score(model: AllianceModel, tables: Tables, cell: PairIndex) -> float:
    return float(model.compute_parts(Pairs.from_rows(Sides(tables), [CLIENTS[cell[0]]], [cell[1]])).score[0])


def weighing(model: AllianceModel, weights: dict[str, float]) -> AllianceModel:
    """The model with some weights set, in SD of alliance."""
    mean = model.evidence.mean.copy()
    for name, weight in weights.items():
        mean[1 + model.feature_names.index(name)] = weight * model.evidence.unit
    return replace(model, evidence=replace(model.evidence, mean=mean))


@every
def test_a_feature_without_weight_is_never_named(feature: Feature) -> None:
    """Neither as a reason, nor as a caution, nor as what is unknown here and known of others."""
    model = weighing(published(), {feature.name: 0.0})
    found, column = reasons(model, busy()), model.feature_names.index(feature.name)
    assert feature.name not in named(found)
    for flags in (found.is_reason, found.is_caution, found.is_missing_here):
        assert not flags[..., column].any()


def test_a_model_without_any_weight_has_nothing_to_say() -> None:
    silent = weighing(published(), {feature.name: 0.0 for feature in FEATURES})
    assert not named(reasons(silent, busy()))


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10_000))
def test_whatever_the_weights_unknown_input_moves_the_score_as_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = {feature.name: float(rng.normal(0, 0.1) * (rng.random() < 0.7)) for feature in FEATURES}
    model = weighing(experienced() if seed % 2 else published(), drawn)
    found = reasons(model, busy())
    by_name = {feature.name: feature for feature in FEATURES}
    some = [one for number, one in enumerate(told(found)) if number % 7 == 0]
    assert len(some) > 5
    for cell, name, sign in some:
        if name == THERAPIST_EFFECT:
            continue
        therapists, preferences = busy().therapists.copy(), busy().preferences
        if PREFERENCES_TABLE in by_name[name].client:
            preferences = preferences.head(0)
        else:
            therapists.loc[cell[1], list(by_name[name].therapist)] = None
        without = replace(busy(), therapists=therapists, preferences=preferences)
        assert sign * (score(model, busy(), cell) - score(model, without, cell)) > 0, name


def test_without_earlier_ratings_a_therapists_own_effect_moves_the_score_as_told() -> None:
    model = weighing(experienced(), {feature.name: 0.0 for feature in FEATURES})
    forgotten = replace(model, therapists=replace(published().therapists))
    tried = 0
    for cell, name, sign in list(told(reasons(model, busy())))[::3]:
        if name == THERAPIST_EFFECT:
            assert sign * (score(model, busy(), cell) - score(forgotten, busy(), cell)) > 0
            tried += 1
    assert tried > 5


def test_the_opposite_moves_the_score_the_other_way() -> None:
    """Where no two features share an input: wishes turned round, or the columns of the therapist it suits least."""
    rows = tuple(feature for feature in FEATURES if feature.name in APART)
    model = published(tuple(replace(row, weight=-0.1 if row.direction == "-" else 0.1) for row in rows))
    rows = model.features
    found, tried = reasons(model, busy()), set()
    for cell, name, sign in list(told(found))[::2]:
        row = next(row for row in rows if row.name == name)
        therapists, preferences = busy().therapists.copy(), busy().preferences
        if PREFERENCES_TABLE in row.client:
            preferences = preferences.assign(strength=preferences["strength"].map(OPPOSITE))
        else:
            suits = sign * row.weight * found.values[cell[0], :, model.feature_names.index(name)]
            other = int(np.nanargmin(suits))
            for one in row.therapist:
                therapists[one] = therapists[one].where(therapists.index != cell[1], therapists[one].iloc[other])
        turned = replace(busy(), therapists=therapists, preferences=preferences)
        assert sign * (score(model, busy(), cell) - score(model, turned, cell)) > 0, (name, cell)
        tried.add((name, sign))
    assert len(tried) >= 10
    assert len({name for name, _ in tried}) >= len(APART) - 1
