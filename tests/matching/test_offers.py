"""An offer holds an opening and its client does not wait: in placements, lists, notes, relaxations and follow-up."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.app.views.ranking import explain_empty_waiting_list, show_ranking
from attune_fit.app.views.relaxation import show_relaxation
from attune_fit.app.views.worklist import show_worklist
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.clinic.offer_texts import list_client_notes, list_waiting_notes
from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.faults import DataFault
from attune_fit.data.outcomes.openings import count_openings
from attune_fit.matching.assignment.assign import assign
from attune_fit.matching.assignment.assignment_result import Assignment
from attune_fit.matching.assignment.constraints import AssignmentConstraints
from attune_fit.matching.capacity.hiring_profile import find_hiring_profile
from attune_fit.matching.explaining.why_not import explain_why_not
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking.worklist import WorklistEntry, build_worklist
from attune_fit.matching.relaxation.proposed_change import TableChange
from attune_fit.matching.relaxation.relax import relax
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from attune_fit.workspace import Workspace
from tests.fault_descriptions import raises_faults
from tests.matching.builders import opened, published
from tests.shown_tables import show_tables
from tests.strategies import AS_OF, Cells, clinic

UNTIL = AS_OF + dt.timedelta(days=7)
OPEN = Offer("c0", "t0", "offered", UNTIL)
ACCEPTED = Offer("c1", "t1", "accepted", None)
EXPIRED = Offer("c2", "t1", "offered", AS_OF - dt.timedelta(days=1))
STATES = PairStates(offers=(OPEN, ACCEPTED), expired=(EXPIRED,), declined=frozenset({Pair("c2", "t2")}))
CLIENTS: Cells = {"age": [30] * 4, "referred_on": [pd.Timestamp("2026-05-01")] * 4}
TABLES = replace(clinic(CLIENTS, {"open_slots": [1, 2, 1]}), pair_states=STATES)
WITHOUT = replace(TABLES, pair_states=PairStates())


def scorer(tables: Tables = TABLES, toml: str = "") -> RosterScorer:
    return RosterScorer.from_clinic(published(), opened(toml), tables, 0)


def placed(tables: Tables = TABLES, toml: str = "", constraints: AssignmentConstraints | None = None) -> Assignment:
    return assign(scorer(tables, toml), constraints=constraints)[0]


def open_session(folder: Path, tables: Tables = TABLES) -> Workspace:
    """Return an open clinic with these tables instead of those of its folder."""
    session = Workspace(folder)
    show_tables(session, tables)
    return session


def test_a_client_with_an_offer_does_not_wait_and_waits_again_after_it() -> None:
    assert find_waiting_clients(opened(), TABLES).tolist() == [2, 3]
    assert find_waiting_clients(opened(), WITHOUT).tolist() == [0, 1, 2, 3]
    gone = replace(STATES, withdrawn=frozenset({"c3", "not in the tables"}))
    assert find_waiting_clients(opened(), replace(TABLES, pair_states=gone)).tolist() == [2]
    met = replace(TABLES, met_client_ids=frozenset({"c3"}))
    assert find_waiting_clients(opened(), met).tolist() == [2]


def test_a_placement_leaves_held_openings_and_their_clients_alone_and_names_them() -> None:
    result = placed()
    assert (result.totals.waiting, result.totals.openings) == (2, 2)
    assert {pair.client_id: pair.therapist_id for pair in result.placed} == {"c2": "t1", "c3": "t2"}  # c2: t2 declined
    assert "2 openings of the roster are held by offers." in result.notes
    assert (
        "2 clients have an offer and are not listed (c0 has an open offer from t0 until 2026-06-22; c1 has accepted "
        "the offer from t1)." in result.notes
    )
    before = placed(WITHOUT)
    assert (before.totals.waiting, before.totals.openings) == (4, 4)
    assert not [note for note in before.notes if "offer" in note]


def test_an_offer_to_a_client_who_has_met_a_therapist_holds_and_is_not_in_the_note() -> None:
    tables = replace(TABLES, met_client_ids=frozenset({"c0", "c1"}))
    result = placed(tables)
    assert result.totals.openings == 2
    assert "2 openings of the roster are held by offers." in result.notes
    assert list_waiting_notes(opened(), tables) == ()


def test_one_held_opening_is_one_in_words() -> None:
    one = replace(TABLES, pair_states=PairStates(offers=(OPEN,)))
    assert "1 opening of the roster is held by an offer." in placed(one).notes


def test_an_assumed_opening_is_held_too() -> None:
    tables = replace(TABLES, therapists=TABLES.therapists.assign(open_slots=np.nan))
    toml = "[assign]\nunknown_slots = 1"
    assert placed(tables, toml).totals.openings == 1
    assert (
        "3 therapists have no `open_slots`: counted as 1 each (`assign.unknown_slots`), minus the openings that offers "
        "hold." in placed(tables, toml).notes
    )
    assert placed(replace(tables, pair_states=PairStates()), toml).totals.openings == 3


def test_a_note_names_five_offers_and_counts_the_others() -> None:
    offers = tuple(Offer(f"c{row}", "t0", "accepted", None) for row in range(7))
    tables = replace(clinic({"age": [30] * 7}, {"age": [40]}), pair_states=PairStates(offers=offers))
    (note,) = list_waiting_notes(opened(), tables)
    assert note.startswith("7 clients have an offer and are not listed (c0 has accepted")
    assert note.endswith("c4 has accepted the offer from t0; 2 more).")
    one = replace(tables, pair_states=PairStates(offers=offers[:1]))
    assert list_waiting_notes(opened(), one) == (
        "1 client has an offer and is not listed (c0 has accepted the offer from t0).",
    )


def test_a_pin_of_a_client_with_an_offer_or_of_a_declined_pair_is_refused() -> None:
    with raises_faults("--pin: client-not-waiting (c0, c0 has an open offer from t0 until 2026-06-22)"):
        placed(constraints=AssignmentConstraints(pinned=[("c0", "t1")]))
    gone = replace(TABLES, pair_states=PairStates(withdrawn=frozenset({"c3"})))
    with pytest.raises(DataFault, match=r"client `c3` is not waiting \(no longer seeks therapy\)"):
        placed(gone, constraints=AssignmentConstraints(pinned=[("c3", "t1")]))
    with raises_faults("--pin: pin-not-possible (c2 with t2, an offer of this pair was declined, declined)"):
        placed(constraints=AssignmentConstraints(pinned=[("c2", "t2")]))


def test_a_ranking_offers_a_held_opening_to_its_own_client_only() -> None:
    mine, others = rank(scorer(), "c0"), rank(scorer(), "c3")
    assert {one.therapist_id for one in mine.candidates} == {"t0", "t1", "t2"}
    assert [(one.therapist_id, str(one.openings)) for one in others.excluded] == [
        ("t0", "1 of 1 opening held by an offer")
    ]
    assert [(one.therapist_id, one.rules[0].rule) for one in rank(scorer(), "c2").excluded] == [
        ("t0", "open_slots"),
        ("t2", "declined"),
    ]


def test_without_offers_a_ranking_has_the_json_of_earlier_versions() -> None:
    started: Cells = {"client_id": ["c0"], "therapist_id": ["t1"], "measured_on": [pd.Timestamp("2026-06-01")]}
    checked = [pd.Timestamp("2026-05-20")] * 3
    tables = clinic(CLIENTS, {"open_slots": [1, 2, 1], "updated_on": checked}, outcomes=started)
    rows = json.loads(rank(scorer(tables), "c3").to_json())["candidates"]
    assert {row["therapist_id"]: row["openings"] for row in rows}["t1"] == {
        "used": 1, "open_slots": 2, "since": "2026-05-20"
    }  # fmt: skip
    (held,) = json.loads(rank(scorer(), "c3").to_json())["excluded"]
    assert held["openings"] == {"used": 0, "open_slots": 1, "since": None, "held": 1}


def test_the_digest_of_a_policy_changes_only_where_the_rule_is_switched_off() -> None:
    default = scorer().policy_digest
    assert scorer(WITHOUT).policy_digest == default
    assert scorer(toml="[rules.declined]\non = true").policy_digest == default
    assert scorer(toml='[rules.declined]\nunknown = "exclude"').policy_digest == default
    off = "[rules.declined]\non = false"
    assert scorer(toml=off).policy_digest != default
    assert [one.therapist_id for one in rank(scorer(toml=off), "c2").excluded] == ["t0"]


def test_the_notes_of_a_client_name_open_accepted_and_expired_offers() -> None:
    assert list_client_notes(TABLES, "c0") == ("c0 has an open offer from t0 until 2026-06-22.",)
    assert list_client_notes(TABLES, "c1") == ("c1 has accepted the offer from t1.",)
    assert list_client_notes(TABLES, "c2") == ("The offer from t1 to c2 expired on 2026-06-14 without an answer.",)
    assert list_client_notes(TABLES, "c3") == ()


def test_every_list_of_those_who_wait_says_who_has_an_offer(clinic: Path) -> None:
    session = open_session(clinic)
    note = f"Note: {list_waiting_notes(session.clinic, TABLES)[0]}"
    waiting = [session.rank_waiting(), session.worklist(), session.capacity()]
    waiting.append(session.write_rankings(clinic.parent / "list.csv"))
    assert all(note in result.notes for result in waiting)
    everyone = [session.rank_waiting(everyone=True), session.worklist(everyone=True)]
    everyone.append(session.write_rankings(clinic.parent / "all.csv", everyone=True))
    assert not any(note in result.notes for result in everyone)
    assert [one.client_id for one in waiting[0].result] == ["c2", "c3"]
    assert waiting[2].result.waiting == 2
    assert session.rank("c0").notes[-1] == "Note: c0 has an open offer from t0 until 2026-06-22."
    assert "Note: c1 has accepted the offer from t1." in session.write_rankings(clinic.parent / "one.csv", "c1").notes


def list_remarks(
    entries: tuple[WorklistEntry, ...], session: Workspace, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """Return the remark of each client in the printed worklist; a command below it can begin a line with an id too."""
    show_worklist(entries, session, only_waiting=False)
    lines = [line.strip() for line in reversed(capsys.readouterr().out.splitlines())]
    return {line[:2]: line.partition("   ")[2] for line in lines if line[:2] in {entry.client_id for entry in entries}}


def test_a_worklist_shows_open_accepted_and_expired_offers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clinic: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    entries = build_worklist([rank(scorer(), f"c{row}") for row in range(4)], scorer())
    assert {one.client_id: (one.offers, one.expired_offers) for one in entries} == {
        "c0": (("t0 until 2026-06-22",), ()),
        "c1": (("t1 (accepted)",), ()),
        "c2": ((), ("t1 until 2026-06-14",)),
        "c3": ((), ()),
    }
    remarks = list_remarks(entries, open_session(clinic), capsys)
    assert remarks["c0"].endswith("has an offer: t0 until 2026-06-22")
    assert remarks["c1"].endswith("has an offer: t1 (accepted)")
    assert remarks["c2"].endswith("offer expired: t1 until 2026-06-14")
    assert "offer" not in remarks["c3"]
    table = open_session(clinic).worklist(everyone=True).to_frame().set_index("client_id")
    assert table["offers"].to_dict() == {"c0": "t0 until 2026-06-22", "c1": "t1 (accepted)", "c2": "", "c3": ""}


def test_without_a_waiting_client_an_offer_is_among_the_reasons() -> None:
    offers = tuple(Offer(f"c{row}", "t0", "offered", UNTIL) for row in range(4))
    every = replace(TABLES, pair_states=PairStates(offers=offers))
    assert explain_empty_waiting_list(opened(), every) == (
        "No client waits: every client in `clients` has met a therapist, or has an offer."
    )
    assert "offer" not in explain_empty_waiting_list(opened(), WITHOUT)
    gone = replace(WITHOUT, pair_states=PairStates(withdrawn=frozenset({"c0"})))
    assert explain_empty_waiting_list(opened(), gone).endswith("has met a therapist, or no longer seeks therapy.")
    assert gone.digest() != WITHOUT.digest()


def test_one_more_opening_comes_on_top_of_those_that_offers_hold() -> None:
    opening = next(row for row in RELAXATIONS if row.name == "opening")
    changed = TableChange(opening, "open_slots", "", "").apply(TABLES, "c3", ["t0", "t1", "t2"])
    np.testing.assert_array_equal(count_openings(changed), [1, 1, 1])
    assert changed.therapists["open_slots"].tolist() == [2, 2, 1]


def test_relax_names_the_offer_behind_a_full_therapist_and_asks_for_no_second_offer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    result = relax(scorer(), "c2")
    assert result.held_openings == ("t0 (held for c0 until 2026-06-22)",)
    assert [(option.therapists, option.steps[0].relaxation) for option in result.ways] == [(("t0",), "opening")]
    assert (result.unreached, result.beyond) == (1, {"declined": 1})
    show_relaxation(result, "verdict")
    out = capsys.readouterr().out
    assert "Full only because of an offer: t0 (held for c0 until 2026-06-22)." in out
    assert "1 offer declined" in out
    assert relax(scorer(WITHOUT), "c2").held_openings == ()
    full = replace(TABLES, therapists=TABLES.therapists.assign(open_slots=[0.0, 2.0, 1.0]))
    assert relax(scorer(full), "c2").held_openings == ()  # full without the offer too


def test_why_not_names_for_whom_an_opening_is_held_and_that_a_decline_needs_a_new_offer() -> None:
    (held,) = explain_why_not(scorer(), "c3", "t0").grounds
    assert [(one.place, one.says) for one in held.facts] == [
        ("therapists.open_slots", "1 (1 of 1 opening held by an offer; held for c0 until 2026-06-22)")
    ]
    (declined,) = explain_why_not(scorer(), "c2", "t2").grounds
    assert (declined.broken.rule, declined.facts, declined.lifted_by) == ("declined", (), ())
    assert declined.broken.lifts == "a new offer of this pair, recorded in the journal"


def test_the_excluded_are_listed_with_the_openings_that_offers_hold(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    instrument = next(row for row in INSTRUMENTS if row.name == "WAI-SR")
    show_ranking(rank(scorer(), "c3"), instrument, "verdict", band=0.55, why=True)
    assert "Openings used or held: t0: 1 of 1 opening held by an offer." in capsys.readouterr().out.splitlines()


def test_no_offer_is_of_the_new_therapist_of_a_hiring_profile() -> None:
    roster = TABLES.therapists.assign(therapist_id=["new", "t1", "t2"], formats="video")
    states = PairStates(offers=(Offer("c3", "new", "offered", UNTIL),), declined=frozenset({Pair("c2", "new")}))
    tables = replace(TABLES, clients=TABLES.clients.assign(formats="video"), therapists=roster, pair_states=states)
    here = scorer(tables)
    profile = find_hiring_profile(here.sides, here.rules, np.arange(4), 10)
    assert (profile.all_codes, profile.profile.clients) == (4, 4)
