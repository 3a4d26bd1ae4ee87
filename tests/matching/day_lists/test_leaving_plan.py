"""A therapist leaves: every client moves within the openings of the others, all or none, and can be moved back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.matching.day_lists.leaving_plan import LeavingPlan
from attune_fit.workspace import Workspace


def plan_leave(clinic: Workspace, therapist_id: str, **options: Any) -> LeavingPlan:
    plan: LeavingPlan = clinic.plan_leave(therapist_id, **options).result
    return plan


def record_plan(clinic: Workspace, plan: LeavingPlan) -> list[int]:
    """Record a plan; return the numbers of its events."""
    recorded = clinic.record_all(plan.events, expected=plan.version, actor="ana").result
    return [one.row.event.number for one in recorded]


def fill_caseload(clinic: Workspace) -> None:
    """Let four clients start with t16, and one get an offer; most others are nearly full."""
    clinic.record("opening_set", therapist="t16", openings=9)
    for client in ("c0068", "c0071", "c0074", "c0077"):
        clinic.record("started", client=client, therapist="t16")
    for therapist in ("t01", "t05", "t06", "t11"):
        clinic.record("opening_set", therapist=therapist, openings=1)
    for therapist in ("t03", "t07", "t10", "t13", "t15"):
        clinic.record("opening_set", therapist=therapist, openings=0)
    clinic.record("offered", client="c0080", therapist="t16")


def find_most_moves(wanted: list[set[str]], openings: dict[str, int]) -> int:
    """Return the largest number of clients who can be placed, by trying every choice."""
    if not wanted:
        return 0
    first, *others = wanted
    best = find_most_moves(others, openings)
    for therapist in first:
        if openings.get(therapist, 0):
            left = {**openings, therapist: openings[therapist] - 1}
            best = max(best, 1 + find_most_moves(others, left))
    return best


def test_the_plan_has_each_client_in_therapy_and_each_open_offer_once(busy_clinic: Workspace) -> None:
    plan = plan_leave(busy_clinic, "t16")
    assert [(move.client_id, move.kind) for move in plan.moves] == [("c0070", "therapy"), ("c0078", "therapy")]
    assert [(move.client_id, move.kind) for move in plan_leave(busy_clinic, "t07").moves] == [("c0077", "offer")]
    in_export = busy_clinic.tables.outcomes.query("therapist_id == 't16'")["client_id"]
    ended_or_left = {"c0070", "c0078"}
    assert set(plan.unclear) <= set(in_export) - ended_or_left
    assert plan.unclear


def test_openings_are_respected_and_as_many_clients_as_possible_move(own_clinic: Workspace) -> None:
    fill_caseload(own_clinic)
    plan = plan_leave(own_clinic, "t16")
    rows = {row.therapist_id: row for row in own_clinic.roster().result.therapists}
    openings = {name: row.openings or 0 for name, row in rows.items() if name != "t16"}
    moved = Counter(move.therapist_id for move in plan.moves if move.therapist_id)
    assert len(plan.moves) == 7
    assert all(number <= openings[name] for name, number in moved.items())
    wanted = []
    for move in plan.moves:
        own_met = set(own_clinic.tables.outcomes.query(f"client_id == '{move.client_id}'")["therapist_id"])
        candidates = own_clinic.rank(move.client_id).result.candidates
        wanted.append({one.therapist_id for one in candidates} - own_met - {"t16"})
    assert sum(moved.values()) == find_most_moves(wanted, openings) < len(plan.moves)
    for move, fitting in zip(plan.moves, wanted, strict=True):
        assert move.therapist_id is None or move.therapist_id in fitting
        assert bool(move.why) is (move.therapist_id is None)


def test_the_place_is_that_on_the_list_without_who_leaves(busy_clinic: Workspace) -> None:
    for therapist, client in (("t07", "c0077"), ("t08", "c0075")):
        (move,) = plan_leave(busy_clinic, therapist).moves
        order = [
            one.therapist_id for one in busy_clinic.rank(client).result.candidates if one.therapist_id != therapist
        ]
        if move.therapist_id is not None:
            assert move.rank == order.index(move.therapist_id) + 1


def test_recording_the_plan_moves_all_and_taking_it_back_gives_the_state_before(own_clinic: Workspace) -> None:
    fill_caseload(own_clinic)
    before, day = own_clinic.tables.digest(), own_clinic.today().to_dict()
    plan = plan_leave(own_clinic, "t16")
    numbers = record_plan(own_clinic, plan)
    offers = {(offer.client_id, offer.therapist_id) for offer in own_clinic.tables.pair_states.offers}
    for move in plan.moves:
        assert (move.client_id, "t16") not in offers
        assert move.therapist_id is None or (move.client_id, move.therapist_id) in offers
    waiting = {client.client_id: client.state for client in own_clinic.waiting_list().result.clients}
    for move in plan.moves:  # no client is lost: with an offer, or still in therapy, or waiting again
        in_therapy = {one.client_id for one in plan_leave(own_clinic, "t16").moves if one.kind == "therapy"}
        assert waiting.get(move.client_id) == "offered" if move.therapist_id else (
            move.client_id in (in_therapy if move.kind == "therapy" else waiting)
        )  # fmt: skip
    row = next(row for row in own_clinic.roster().result.therapists if row.therapist_id == "t16")
    assert (row.openings, row.offers) == (0, ())
    own_clinic.record_all(
        [{"event": "undone", "number": number, "because": "decision-changed"} for number in reversed(numbers)]
    )
    assert own_clinic.tables.digest() == before
    assert own_clinic.today().to_dict() == day
    assert plan_leave(own_clinic, "t16").moves == plan.moves


def test_a_client_in_therapy_without_another_therapist_has_no_event(own_clinic: Workspace) -> None:
    for row in own_clinic.roster().result.therapists:
        if row.therapist_id != "t16":
            own_clinic.record("opening_set", therapist=row.therapist_id, openings=len(row.offers))
    plan = plan_leave(own_clinic, "t16")
    assert {move.therapist_id for move in plan.moves} == {None}
    assert [event["event"] for event in plan.events] == ["opening_set"]


def test_a_client_with_an_offer_of_another_therapist_keeps_it(own_clinic: Workspace) -> None:
    own_clinic.record("offered", client="c0073", therapist="t16")
    plan = plan_leave(own_clinic, "t16")
    move = next(move for move in plan.moves if move.client_id == "c0073")
    assert (move.therapist_id, move.kind) == (None, "offer")
    assert "t13" in move.why
    events = [event["event"] for event in plan.events if event.get("client") == "c0073"]
    assert events == ["declined"]


def test_nothing_is_recorded_if_someone_else_recorded_about_these_people(own_clinic: Workspace) -> None:
    plan = plan_leave(own_clinic, "t16")
    own_clinic.record("score_recorded", client="c0078", therapist="t16", session=3, score=4.0)
    n_events = own_clinic.count_events()
    with pytest.raises(DataFault) as error:
        record_plan(own_clinic, plan)
    assert error.value.faults[0].id == "changed-by-someone-else"
    assert own_clinic.count_events() == n_events


def test_nothing_is_recorded_if_an_opening_of_the_plan_is_taken(own_clinic: Workspace) -> None:
    plan = plan_leave(own_clinic, "t16")
    new = next(move.therapist_id for move in plan.moves if move.therapist_id)
    own_clinic.record("opening_set", therapist=new, openings=0)
    n_events = own_clinic.count_events()
    with pytest.raises(DataFault):
        own_clinic.record_all(plan.events)
    assert own_clinic.count_events() == n_events


def test_a_client_of_an_old_record_moves_only_when_named(busy_clinic: Workspace) -> None:
    unclear = plan_leave(busy_clinic, "t16").unclear
    plan = plan_leave(busy_clinic, "t16", also=[unclear[0]])
    assert unclear[0] in [move.client_id for move in plan.moves if move.kind == "therapy"]
    assert plan.unclear == unclear[1:]
    with pytest.raises(DataFault, match="c0062 is not a client of t16") as error:
        plan_leave(busy_clinic, "t16", also=["c0062"])
    assert [fault.id for fault in error.value.faults] == ["client-not-with-therapist"]


def test_a_therapist_without_clients_only_loses_the_openings(busy_clinic: Workspace) -> None:
    plan = plan_leave(busy_clinic, "t01")
    assert plan.moves == ()
    assert plan.events == ({"event": "opening_set", "therapist": "t01", "openings": 0},)


def test_an_unknown_therapist_is_an_error(busy_clinic: Workspace) -> None:
    with pytest.raises(DataFault, match="no row has the id"):
        plan_leave(busy_clinic, "t99")
