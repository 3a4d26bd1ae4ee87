"""Rematch: a client who has met a therapist is ranked again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.follow_up.rematch import is_in_training_data, rematch
from attune_fit.matching.log_replay import recompute_ranking
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking_log import log_rankings, read_ranking_log
from attune_fit.models import model_bundle
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import Cells, clinic, clinics

UNDATED = {name: pd.Series(pd.NaT, index=busy().clients.index) for name in ("referred_on", "intake_on")}
MET_CLIENT = str(busy().outcomes["client_id"].iloc[0])


@settings(max_examples=15, deadline=None)
@given(clinics(outcomes=4))
def test_therapists_already_met_are_excluded_and_the_whole_roster_is_accounted_for(tables: Tables) -> None:
    for client in sorted(tables.met_client_ids):
        found = rematch(RosterScorer.from_clinic(published(), opened(), tables), client)
        theirs = set(tables.outcomes.loc[tables.outcomes["client_id"] == client, "therapist_id"])
        assert {one.therapist_id for one in found.met} == theirs
        out = {one.therapist_id: [rule.rule for rule in one.rules] for one in found.ranking.excluded}
        assert {name for name, rules in out.items() if "met" in rules} == theirs
        assert sorted([*out, *(one.therapist_id for one in found.ranking.candidates)]) == sorted(
            tables.therapists["therapist_id"]
        )
        assert [one.therapist_id for one in found.changes] == [one.therapist_id for one in found.ranking.candidates]
        json.dumps(found.to_dict(), allow_nan=False)


def test_a_client_without_a_record_is_referred_to_rank() -> None:
    tables = clinic({"age": [30]}, {"age": [40]})
    with raises_faults("outcomes, client_id: no-earlier-record (c0, --client c0)"):
        rematch(RosterScorer.from_clinic(published(), opened(), tables), "c0")


def test_a_weak_rating_lowers_every_score_equally_and_keeps_the_order() -> None:
    trained = replace(experienced(), n_outcomes=50, data_digest=busy().digest())
    before, after = (
        rank(RosterScorer.from_clinic(trained, opened(), busy()), MET_CLIENT),
        rematch(RosterScorer.from_clinic(trained, opened(), busy()), MET_CLIENT),
    )
    assert all(one.learned for one in after.met)
    was = {one.therapist_id: one for one in before.candidates}
    now = {one.therapist_id: one for one in after.ranking.candidates}
    moved = [now[name].score - was[name].score for name in now if 1 < now[name].score < 5]
    assert np.ptp(moved) < 2e-6
    assert moved[0] == pytest.approx(after.level, abs=2e-6)
    assert [name for name in was if name in now] == list(now)
    assert all(now[name].reasons == was[name].reasons for name in now if set(was) == set(now))


def test_a_wish_stated_after_the_first_pair_counts_like_any_wish() -> None:
    first = rematch(RosterScorer.from_clinic(published(), opened(), busy()), MET_CLIENT).ranking
    gender = busy().therapists.set_index("therapist_id")["gender"]
    wanted = next(gender[one.therapist_id] for one in first.candidates[1:] if pd.notna(gender[one.therapist_id]))
    new = pd.DataFrame([{"client_id": MET_CLIENT, "attribute": "gender", "value": wanted, "strength": "must"}])
    more = replace(busy(), preferences=pd.concat([busy().preferences, new], ignore_index=True))
    result = rematch(RosterScorer.from_clinic(published(), opened(), more), MET_CLIENT).ranking
    assert result.candidates
    assert {gender[one.therapist_id] for one in result.candidates} == {wanted}


def test_a_weak_rating_is_shrunk_and_changes_are_relative_to_continuing() -> None:
    tables = busy().outcomes
    low = replace(busy(), outcomes=tables.assign(score=tables["score"].where(tables["client_id"] != MET_CLIENT, 1.5)))
    found = rematch(RosterScorer.from_clinic(published(), opened(), low), MET_CLIENT)
    last_met = found.met[-1]
    assert last_met.rated == 1.5
    assert last_met.expected > 1.6
    for change, one in zip(found.changes, found.ranking.candidates, strict=True):
        assert change.points == pytest.approx(one.score - last_met.expected, abs=1e-5)
        assert change.low < change.points < change.high
        # The less pairs differ, the more of a weak score is chance.
        assert change.if_pairs_differ_little < change.points
    assert found.level_low < found.level < 0


@pytest.mark.parametrize("digest", [Tables.training_digest, Tables.digest], ids=["now", "of earlier versions"])
def test_the_starting_model_has_no_training_records_and_a_bundle_of_these_tables_all_with_a_score(
    digest: Callable[[Tables], str],
) -> None:
    days = pd.to_datetime(["2025-01-01", "2025-01-01", "2030-01-01"])
    episodes = pd.DataFrame({"client_row": [0, 1, 2], "pomp": [50.0, np.nan, 50.0], "began": days})
    undated = replace(busy(), clients=busy().clients.assign(**UNDATED))
    assert is_in_training_data(published(), opened(), undated, episodes).tolist() == [False, False, False]
    same = replace(published(), n_outcomes=9, data_digest=digest(undated))
    assert is_in_training_data(same, opened(), undated, episodes).tolist() == [True, False, True]
    late = replace(undated, clients=undated.clients.assign(intake_on=pd.Timestamp("2025-02-01")))
    assert is_in_training_data(replace(same, data_digest=digest(late)), opened(), late, episodes).tolist() == [
        False,
        False,
        True,
    ]


def test_a_record_after_the_date_of_the_bundle_is_not_training_data(tmp_path: Path) -> None:
    clinic_ = opened(folder=tmp_path)
    model = replace(published(), n_outcomes=9, data_digest="of other tables")
    name = model_bundle.compute_bundle_name(model, {"until": "2025-06-30"})
    model_bundle.save(model, clinic_.artifacts / "bundles" / name, {"until": "2025-06-30"})
    days = pd.to_datetime(["2025-06-30", "2025-07-01", ""])
    episodes = pd.DataFrame({"client_row": [0, 1, 2], "pomp": 50.0, "began": days})
    undated = replace(busy(), clients=busy().clients.assign(**UNDATED))
    assert is_in_training_data(replace(model, bundle=name), clinic_, undated, episodes).tolist() == [True, False, True]


def test_a_rematch_is_logged_and_can_be_recomputed(tmp_path: Path) -> None:
    clinic_ = opened(folder=tmp_path)
    ranking = rematch(RosterScorer.from_clinic(experienced(), clinic_, busy()), MET_CLIENT).ranking
    log_rankings(clinic_, [ranking], kind="rematch")
    entry = read_ranking_log(clinic_)[0]
    assert entry.kind == "rematch"
    assert recompute_ranking(entry, experienced(), clinic_, busy()).to_json() == ranking.to_json()


def test_changes_are_relative_to_the_therapist_met_last() -> None:
    days = [pd.Timestamp("2026-03-02"), pd.Timestamp("2026-01-02")]
    met: Cells = {"client_id": ["c0"] * 2, "therapist_id": ["t0", "t1"], "measured_on": days, "score": [2.0, 4.0],
           "instrument": ["WAI-SR"] * 2}  # fmt: skip
    found = rematch(
        RosterScorer.from_clinic(published(), opened(), clinic({"age": [30]}, {"age": [40, 41, 42]}, outcomes=met)),
        "c0",
    )
    assert [one.therapist_id for one in found.met] == ["t1", "t0"]
    assert found.changes[0].points == pytest.approx(
        found.ranking.candidates[0].score - found.met[-1].expected, abs=1e-5
    )
