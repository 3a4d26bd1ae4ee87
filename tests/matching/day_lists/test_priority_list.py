"""The waiting list: states, order, first candidates and counts, compared with a plain list made event by event."""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.columns import PRIORITIES
from attune_fit.data.faults import DataFault
from attune_fit.matching.day_lists.client_states import WAITING_STATES
from attune_fit.matching.day_lists.priority_list import SORT_ORDERS, PriorityList, WaitingClient
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.workspace import Workspace
from tests.matching.day_lists.day_clinic import STATES, copy_clinic


def listed(clinic: Workspace, **options: Any) -> PriorityList:
    result: PriorityList = clinic.waiting_list(**options).result
    return result


def find_plain_states(clinic: Workspace) -> dict[str, str]:
    """Replay the journal client by client, without any code of the list."""
    today, undone = (
        clinic.tables.as_of,
        {int(one.fields["event"]) for one in clinic.journal_events if one.type == "undone"},
    )
    offers: dict[str, dict[str, str]] = {}  # by client and therapist: the last day, or "accepted"
    declined: dict[str, dt.date] = {}
    met = set(clinic.tables.met_client_ids)
    for event in clinic.journal_events:
        client, therapist = str(event.client_id), str(event.therapist_id)
        if event.number in undone:
            continue
        if event.type == "offered":
            offers.setdefault(client, {})[therapist] = event.fields["until"]
        elif event.type == "accepted":
            offers[client][therapist] = "accepted"
        elif event.type == "declined":
            offers.get(client, {}).pop(therapist, None)
            declined[client] = event.on
        elif event.type == "ended":
            met.discard(client)
    aside = clinic.tables.list_set_aside("clients")
    states = {}
    for client in clinic.tables.clients["client_id"]:
        own = list(offers.get(client, {}).values())
        is_open = [until for until in own if until == "accepted" or until >= today.isoformat()]
        expired = [until for until in own if until not in is_open]
        if client in met or (client in clinic.tables.met_client_ids and not own and client not in declined):
            continue
        if is_open:
            states[client] = "accepted" if "accepted" in is_open else "offered"
        elif client in aside:
            states[client] = "set aside"
        elif client in declined and (not expired or declined[client].isoformat() >= max(expired)):
            states[client] = "declined"
        else:
            states[client] = "offer expired" if expired else "waiting"
    return states


def test_each_client_without_a_therapist_is_in_the_one_state_that_the_journal_leads_to(busy_clinic: Workspace) -> None:
    found = {client.client_id: client.state for client in listed(busy_clinic).clients}
    assert found == find_plain_states(busy_clinic)
    assert {client: found[client] for client in STATES} == STATES
    assert set(found.values()) == set(WAITING_STATES)
    assert len(found) == len(listed(busy_clinic).clients)


def test_clients_come_by_priority_then_by_wait_and_an_unknown_wait_is_the_median(busy_clinic: Workspace) -> None:
    clients = listed(busy_clinic).clients
    median = statistics.median(one.days_waited for one in clients if one.days_waited is not None)

    def key(one: WaitingClient) -> tuple[int, float, str]:
        days = median if one.days_waited is None else one.days_waited
        return {"urgent": 0, "soon": 1}.get(one.priority or "", 2), -days, one.client_id

    assert [one.client_id for one in clients] == [one.client_id for one in sorted(clients, key=key)]
    assert [one.client_id for one in clients][:2] == ["c0069", "c0071"]
    unknown = next(one for one in clients if one.client_id == "c9001")
    place = clients.index(unknown)
    assert (unknown.days_waited, unknown.since, unknown.due_on) == (None, None, None)
    assert 2 < place < len(clients) - 1  # neither first nor last


def test_days_are_those_of_the_referral_the_offer_and_its_answer(busy_clinic: Workspace) -> None:
    clients = {one.client_id: one for one in listed(busy_clinic).clients}
    days = {name: (str(clients[name].since), str(clients[name].due_on)) for name in STATES}
    assert days["c0077"] == ("2026-01-04", "2026-01-09")  # offered
    assert days["c0062"] == ("2026-01-02", "2026-01-01")  # expired: the wait from 2025-11-13 is too long after 7 weeks
    assert days["c0064"] == ("2026-01-05", "2026-01-01")
    assert days["c0066"] == ("2025-12-16", "None")
    assert days["c0073"] == ("2026-01-05", "2026-01-15")  # of two offers one was declined
    assert clients["c0031"].days_waited == 2  # since the end of the therapy, not since the referral
    assert clients["c0064"].note == "client declined: no-answer"


def test_the_first_candidate_and_the_wishes_are_those_of_the_ranking(busy_clinic: Workspace) -> None:
    wishes = busy_clinic.tables.preferences["client_id"].tolist()
    for one in listed(busy_clinic).clients:
        assert one.first_wishes_stated == wishes.count(one.client_id)
        if one.state == "set aside":
            assert one.candidates == 0
            continue
        ranking = busy_clinic.rank(one.client_id).result
        assert (one.candidates, one.first) == (
            len(ranking.candidates), ranking.candidates[0].therapist_id if ranking.candidates else None
        )  # fmt: skip
        if ranking.candidates:
            assert one.first_wishes_met == [wish.answer for wish in ranking.candidates[0].wishes].count("met")
        else:
            number, text = ranking.count_exclusions()[0][1], ranking.count_exclusions()[0][0]
            assert one.note.startswith(f"no therapist available: {number} {text}")


def test_counts_equal_rows_under_every_filter(busy_clinic: Workspace) -> None:
    everyone = listed(busy_clinic)
    assert everyone.total == everyone.matching == len(everyone.clients)
    assert sum(everyone.states.values()) == sum(everyone.priorities.values()) == everyone.total
    for state, number in everyone.states.items():
        some = listed(busy_clinic, state=state)
        assert len(some.clients) == some.matching == number
        assert {one.state for one in some.clients} == {state}
        assert (some.total, some.states) == (everyone.total, everyone.states)
    for priority in (*PRIORITIES, ""):
        some = listed(busy_clinic, priority=priority)
        assert len(some.clients) == everyone.priorities[priority]
        assert {one.priority or "" for one in some.clients} <= {priority}
    assert everyone.priorities["urgent"] == everyone.priorities["soon"] == everyone.priorities["routine"] == 1


@pytest.mark.parametrize("sort", SORT_ORDERS)
def test_pages_together_are_the_whole_list_in_each_order(busy_clinic: Workspace, sort: str) -> None:
    everyone = listed(busy_clinic, sort=sort)
    pages = [listed(busy_clinic, sort=sort, start=start, most=8) for start in range(0, everyone.total, 8)]
    assert tuple(client for page in pages for client in page.clients) == everyone.clients
    assert {page.matching for page in pages} == {everyone.total}
    orders = {name: [one.client_id for one in listed(busy_clinic, sort=name).clients] for name in SORT_ORDERS}
    assert [order for order in orders.values() if order == orders[sort]] == [orders[sort]]


def test_only_the_clients_that_are_listed_are_ranked(own_clinic: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    ranked: list[int] = []
    score_clients = RosterScorer.score_clients

    def count(scorer: RosterScorer, client_rows: Indices, *others: Any, **options: Any) -> Any:
        ranked.extend(client_rows)
        return score_clients(scorer, client_rows, *others, **options)

    monkeypatch.setattr(RosterScorer, "score_clients", count)
    assert len(listed(own_clinic, most=3, start=2).clients) == 3
    assert len(ranked) == 3


def test_an_offer_expires_the_day_after_its_last_day(busy_clinic: Workspace, tmp_path: Path) -> None:
    states = [listed(copy_clinic(busy_clinic, tmp_path / day, day)).clients for day in ("2026-01-09", "2026-01-10")]
    found = [next(one for one in clients if one.client_id == "c0077").state for clients in states]
    assert found == ["offered", "offer expired"]


def test_a_client_who_no_longer_seeks_therapy_is_on_no_list(own_clinic: Workspace) -> None:
    before = listed(own_clinic).total
    own_clinic.record("declined", client="c0077", therapist="t07", by="client", reason="no-longer-seeks-therapy")
    assert listed(own_clinic).total == before - 1
    assert "c0077" not in [one.client_id for one in listed(own_clinic).clients]


def test_a_start_after_an_earlier_therapy_takes_the_client_off_the_list(own_clinic: Workspace) -> None:
    therapist = listed(own_clinic, state="declined", sort="client_id").clients[0].first
    own_clinic.record("started", client="c0031", therapist=therapist)
    assert "c0031" not in [one.client_id for one in listed(own_clinic).clients]


def test_a_client_whose_therapy_ended_does_not_go_back_to_that_therapist(own_clinic: Workspace) -> None:
    own_clinic.record("roster_checked", therapist="t02", openings=4)
    ranked = [one.therapist_id for one in own_clinic.rank("c0031").result.candidates]
    assert "t02" in ranked
    client = next(one for one in listed(own_clinic).clients if one.client_id == "c0031")
    others = [one for one in ranked if one != "t02"]
    assert (client.candidates, client.first) == (len(others), others[0])
    assert "c0031" not in [one.client_id for one in own_clinic.who_fits("t02", None).result.clients]


@pytest.mark.parametrize("option", ["state", "priority", "sort"])
def test_a_word_that_the_list_does_not_know_is_an_error_with_the_known_words(
    busy_clinic: Workspace, option: str
) -> None:
    with pytest.raises(DataFault, match="Known: `") as error:
        listed(busy_clinic, **{option: "urgnt"})
    assert [(fault.id, fault.column) for fault in error.value.faults] == [("unknown-list-choice", option)]


def test_the_list_is_the_same_as_frame_and_as_json(busy_clinic: Workspace) -> None:
    result = busy_clinic.waiting_list(most=5)
    frame, plain = result.to_frame(), result.to_dict()
    assert frame["client_id"].tolist() == [one["client_id"] for one in plain["clients"]]
    assert len(frame) == 5
    assert plain["total"] == result.result.total
    offered = busy_clinic.waiting_list(state="offered").to_dict()["clients"]
    assert next(one for one in offered if one["client_id"] == "c0077")["offers"] == [
        {"client_id": "c0077", "therapist_id": "t07", "state": "offered", "until": "2026-01-09"}
    ]
