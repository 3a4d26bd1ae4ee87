"""A weight of dropout changes the order of lists and nothing else, in the direction and by the size it states."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.features.pair_frame import PairFrame
from attune_fit.matching.explaining.score_breakdown import explain_score
from attune_fit.matching.ranking.order_adjustment import describe_order_weights
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster, _list_settings
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.dropout_model import DropoutModel
from attune_fit.models.therapist_effects import TherapistEffects
from tests.matching.builders import busy, experienced, opened

ALL = np.arange(len(busy().clients))


@cache
def build_model() -> AllianceModel:
    """A model in which therapists differ in dropout, by features and by effects of their own."""
    model, rng = experienced(), np.random.default_rng(0)
    dropout = DropoutModel.from_published(model.evidence, model.features)
    ids = tuple(busy().therapists["therapist_id"][:-2])
    effects = TherapistEffects(
        ids, 0.8 * rng.standard_normal(len(ids)), np.zeros((len(ids), len(dropout.mean))), np.full(len(ids), 0.02), 0.05
    )
    return replace(model, dropout=replace(dropout, therapists=effects, n_records=300, n_dropouts=60))


def build_scorer(weight: float | None, model: AllianceModel | None = None) -> RosterScorer:
    toml = "" if weight is None else f"[settings]\ndropout_weight = {weight}"
    return RosterScorer.from_clinic(build_model() if model is None else model, opened(toml), busy())


def compute_saved(roster: ScoredRoster) -> Floats:
    dropout, frame = build_model().dropout, PairFrame.from_pairs(roster.pairs, build_model().features)
    assert dropout is not None
    return dropout.compute_probabilities(roster.pairs, frame, 0.9).saved


def test_without_a_weight_dropout_changes_no_list() -> None:
    plain = build_scorer(None, experienced()).score_clients(ALL)
    for weight in (None, 0.0):
        other = build_scorer(weight).score_clients(ALL)
        assert other.parts.adjustment is None
        for name in ("rank", "band", "low", "high"):
            np.testing.assert_array_equal(getattr(other, name), getattr(plain, name))


def test_a_weight_changes_the_order_and_no_estimate() -> None:
    plain, other = build_scorer(0).score_clients(ALL), build_scorer(3).score_clients(ALL)
    for name in ("score", "low", "high"):
        np.testing.assert_array_equal(getattr(other, name), getattr(plain, name))
    assert (plain.rank != other.rank).any()
    saved = compute_saved(plain)
    np.testing.assert_allclose(other.parts.order_score - plain.parts.score, 30 * saved)


def test_a_weight_without_records_of_dropout_names_its_source() -> None:
    settings = opened("[settings]\ndropout_weight = 2").config.settings
    assert "published odds" in describe_order_weights(settings, experienced())
    assert "published odds" not in describe_order_weights(settings, build_model())


def test_bands_never_contradict_the_weighed_order() -> None:
    other = build_scorer(5).score_clients(ALL)
    for client in range(len(ALL)):
        candidates = other.list_candidates(client)
        order_score, band = other.parts.order_score[candidates], other.band[candidates]
        for number in range(1, int(band.max(initial=1))):
            assert order_score[band == number].min() >= order_score[band == number + 1].max()


def test_a_large_weight_puts_less_dropout_first() -> None:
    plain, other = build_scorer(0).score_clients(ALL), build_scorer(10).score_clients(ALL)
    saved = compute_saved(plain)
    first = [[one.list_candidates(client)[0] for client in range(len(ALL)) if len(one.list_candidates(client))]
             for one in (plain, other)]  # fmt: skip
    assert saved[first[1]].mean() > saved[first[0]].mean() + 0.01


def test_a_model_without_dropout_weighs_the_published_odds() -> None:
    model = replace(build_model(), dropout=None)
    parts = build_scorer(3, model).score_clients(ALL).parts
    assert parts.adjustment is not None
    assert 0 < np.abs(parts.adjustment).max() < 30
    published = replace(model, dropout=DropoutModel.from_published(model.evidence, model.features))
    np.testing.assert_array_equal(build_scorer(3, published).score_clients(ALL).parts.adjustment, parts.adjustment)


def test_some_parts_keep_their_adjustment() -> None:
    parts = build_scorer(3).score_clients(ALL).parts
    assert parts.adjustment is not None
    np.testing.assert_array_equal(parts.take([2, 0]).order_score, parts.order_score[[2, 0]])
    np.testing.assert_allclose(parts.order_score_above_baseline + parts.baseline, parts.order_score)


def test_the_digest_of_the_policy_holds_the_weight_only_where_there_is_one() -> None:
    digests = [build_scorer(weight).policy_digest for weight in (None, 0, 1, 2)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    earlier = {"shortlist", "seed", "interval", "band", "newcomer_weight", "roster_stale_days", "site_column",
               "features_off"}  # fmt: skip
    assert set(_list_settings(opened().config.settings)) == earlier


def test_json_names_dropout_where_it_is_estimated_and_the_weight_where_there_is_one() -> None:
    client_id = next(one for one in busy().clients["client_id"] if rank(build_scorer(0), one).candidates)
    without = json.loads(rank(build_scorer(0, experienced()), client_id).to_json())
    assert "order_weights" not in without
    assert all("dropout" not in row for row in without["candidates"])
    weighed = json.loads(rank(build_scorer(2), client_id).to_json())
    assert weighed["order_weights"] == describe_order_weights(build_scorer(2).clinic.config.settings, build_model())
    assert "10 percentage points less count as 2 of the 100 points" in weighed["order_weights"]
    for row in weighed["candidates"]:
        dropout = row["dropout"]
        assert 0 < dropout["low"] < dropout["probability"] < dropout["high"] < 1
        assert len({one["dropout"]["typical"] for one in weighed["candidates"]}) == 1
        pair = explain_score(build_scorer(2), client_id, row["therapist_id"]).to_dict()
        assert pair["dropout"] == dropout
        assert pair["order_weights"] == weighed["order_weights"]
    plain = explain_score(build_scorer(0, experienced()), client_id, weighed["candidates"][0]["therapist_id"]).to_dict()
    assert not {"dropout", "order_weights"} & set(plain)


@pytest.mark.parametrize("weight", [-1, 11, "much"])
def test_a_weight_out_of_its_range_is_refused(weight: object) -> None:
    with pytest.raises(ValueError, match="dropout_weight"):
        opened(f"[settings]\ndropout_weight = {json.dumps(weight)}")
