"""What decides a list: the parts of the score, compared between the therapists of one client."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.evaluation.choice_shares import (
    MAX_CLIENTS,
    THERAPIST_PART,
    TREES_PART,
    measure_choice_shares,
)
from tests.models.builders import grow_catalogue_trees
from tests.training.builders import simulated, toy


def test_shares_add_up_and_agree_with_plain_loops_over_clients() -> None:
    records = simulated(120, seed=3)
    model = replace(Recipe().fit(records, np.arange(len(records))), learned=grow_catalogue_trees(records.features))
    shares = {one.part: one for one in measure_choice_shares(model, records.sides)}
    assert sum(one.share for one in shares.values()) == pytest.approx(1)
    tables = records.sides.tables
    parts = model.compute_parts(Pairs.cross(records.sides, np.arange(len(tables.clients))))
    of_trees = np.sqrt(np.mean([np.var(row) for row in parts.learned]))
    of_therapists = np.sqrt(np.mean([np.var(row) for row in parts.therapist]))
    total = np.mean([np.var(row) for row in parts.evidence + parts.learned + parts.therapist])
    assert shares[TREES_PART].sd == pytest.approx(of_trees)
    assert shares[THERAPIST_PART].sd == pytest.approx(of_therapists)
    with_score = [
        np.cov(tree, score, bias=True)[0, 1]
        for tree, score in zip(parts.learned, parts.evidence + parts.learned + parts.therapist, strict=True)
    ]
    assert shares[TREES_PART].share == pytest.approx(np.mean(with_score) / total)
    assert "intake" not in shares, "the same for every therapist"


def test_a_model_of_one_part_gives_it_the_whole_choice() -> None:
    records = toy(40)
    ids = records.therapist_ids
    zero = AllianceModel.from_published(records.features)
    evidence = replace(zero.evidence, mean=np.zeros_like(zero.evidence.mean))
    effects = TherapistEffects(
        tuple(ids), np.arange(len(ids)).astype(float), np.zeros((len(ids), 4)), np.ones(len(ids)), 1.0
    )
    shares = measure_choice_shares(replace(zero, evidence=evidence, therapists=effects), records.sides)
    assert {one.part: one.share for one in shares if one.share} == {THERAPIST_PART: 1.0}
    assert shares[-1].sd == pytest.approx(np.arange(len(ids)).std())
    assert measure_choice_shares(replace(zero, evidence=evidence), records.sides) == (), "all scores are equal"


def test_a_sample_of_clients_gives_nearly_the_same_shares() -> None:
    records = simulated(700, seed=5)
    model = AllianceModel.from_published(FEATURES)
    features = replace(model, features=records.features)
    sampled = measure_choice_shares(features, records.sides)
    everybody = measure_choice_shares(features, records.sides, np.arange(len(records.sides.tables.clients)))
    assert len(records.sides.tables.clients) > 2 * MAX_CLIENTS
    for one, other in zip(sampled, everybody, strict=True):
        assert one.sd == pytest.approx(other.sd, rel=0.15)
        assert one.share == pytest.approx(other.share, abs=0.05)
