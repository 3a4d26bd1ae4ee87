"""Several events at once: all or none, each checked against the state after the ones before it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import attune_fit as af
from attune_fit.data.journal.applying import apply_events as applying
from attune_fit.data.journal.database.journal_conflict import JournalConflict
from tests.attune_fit.journal_day import CLIENT, OTHER, THERAPIST, ids


def offer(client: str, therapist: str = THERAPIST, event: str = "offered", **values: Any) -> dict[str, Any]:
    return {"event": event, "client": client, "therapist": therapist, **values}


def undo(number: int) -> dict[str, Any]:
    return {"event": "undone", "number": number, "because": "decision-changed"}


def test_each_event_is_checked_after_the_ones_before(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    openings = {"event": "opening_set", "therapist": THERAPIST, "openings": 2}
    drafts = [openings, offer(CLIENT), offer(OTHER), offer(CLIENT, event="accepted")]
    result = workspace.record_all(drafts, actor="ana", expected=0)
    assert [one.row.event.number for one in result.result] == [1, 2, 3, 4]
    assert {one.row.event.actor for one in result.result} == {"ana"}
    assert [one.openings for one in result.result] == [0, 0, 0, 0]  # the state after the last one
    assert (result.summary, len(result.to_frame()), len(result.to_dict())) == ("4 events recorded: 1 to 4", 4, 4)
    again = af.open_clinic(clinic)
    assert again.tables.digest() == workspace.tables.digest()
    assert [event.seal for event in again.journal_events] == [event.seal for event in workspace.journal_events]
    assert again.verify_journal().summary == "the journal is whole"


def test_it_is_the_same_as_one_after_the_other(clinic: Path, tmp_path: Path) -> None:
    drafts = [offer(CLIENT), offer(CLIENT, event="accepted"), offer(CLIENT, event="started")]
    workspace = af.open_clinic(clinic)
    workspace.record_all(drafts)
    together = workspace.tables.digest()
    for number in (3, 2, 1):
        workspace.record("undone", number=number, because="wrong-entry")
    for draft in drafts:
        workspace.record(**draft)
    assert workspace.tables.digest() == together
    fields = [(event.type, event.fields, event.replaced) for event in workspace.journal_events]
    assert fields[:3] == fields[6:]


@pytest.mark.parametrize("n_before", [0, 1])
def test_one_refused_event_refuses_all(clinic: Path, n_before: int) -> None:
    workspace = af.open_clinic(clinic)
    for _ in range(n_before):
        workspace.record("opening_set", therapist="t07", openings=2)
    before = workspace.tables.digest(), [one.seal for one in workspace.journal_events]
    with pytest.raises(af.DataFault) as error:
        workspace.record_all([offer(CLIENT), offer(OTHER)])
    assert ids(error) == ["no-opening-left"]
    assert error.value.faults[0].rows == (2,)
    assert (workspace.tables.digest(), [one.seal for one in workspace.journal_events]) == before
    assert af.open_clinic(clinic).journal().result.n_events == n_before
    assert (clinic / "artifacts" / "journal.db").exists() == bool(n_before)


def test_every_refused_event_is_named_and_no_follower(clinic: Path) -> None:
    drafts = [offer(CLIENT, "t99"), offer(CLIENT), {"event": "opening_set", "therapist": "t07"}, {"client": "c0067"}]
    with pytest.raises(af.DataFault) as error:
        af.open_clinic(clinic).record_all(drafts)
    found = {fault.id: fault.rows for fault in error.value.faults}
    assert found == {"event-about-unknown-therapist": (1,), "event-field-absent": (3,), "event-type-unknown": (4,)}


def test_several_events_are_undone_in_reverse_order(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    before = workspace.tables.digest()
    workspace.record_all([offer(CLIENT), offer(CLIENT, event="accepted"), offer(CLIENT, event="started")])
    with pytest.raises(af.DataFault) as error:
        workspace.record_all([undo(1), undo(2), undo(3)])
    assert ids(error) == ["event-needed-later"]
    result = workspace.record_all([undo(3), undo(2), undo(1)], expected=3)
    assert [one.row.event.client_id for one in result.result] == [CLIENT] * 3
    assert [row.undone_by for row in workspace.journal().result.rows] == [6, 5, 4, None, None, None]
    assert workspace.tables.digest() == before
    with pytest.raises(af.DataFault) as error:
        workspace.record_all([undo(3), undo(2)])
    assert ids(error) == ["event-undone-already"]  # the second one is about the same people


def test_an_unseen_event_about_any_of_the_people_refuses_all(clinic: Path) -> None:
    first, second = af.open_clinic(clinic), af.open_clinic(clinic)
    first.record("client_changed", client=CLIENT, cells={"payer": "self"}, new_codes=True)
    first.record("client_changed", client="c0067", cells={"payer": "self"}, new_codes=True)
    drafts = [offer(OTHER), {"event": "client_changed", "client": CLIENT, "cells": {"age": 40}}]
    with pytest.raises(JournalConflict) as error:
        second.record_all(drafts, expected=0)
    assert ids(error) == ["changed-by-someone-else"]
    assert [event.number for event in error.value.later] == [1]  # event 2 is about another client
    assert error.value.later[0].fields == {"cells": {"payer": "self"}}
    copy = pickle.loads(pickle.dumps(error.value))  # noqa: S301 - made here
    assert (copy.later, copy.faults, str(copy)) == (error.value.later, error.value.faults, str(error.value))
    assert second.record_all(drafts, expected=1).result[1].row.event.number == 4


def test_a_conflict_names_the_taken_opening_too(clinic: Path) -> None:
    first, second = af.open_clinic(clinic), af.open_clinic(clinic)
    first.record("offered", client=CLIENT, therapist=THERAPIST)
    ways: tuple[Callable[[], af.Result], ...] = (
        lambda: second.record("offered", client=OTHER, therapist=THERAPIST, expected=0),
        lambda: second.record_all([offer(OTHER)], expected=0),
    )
    for record in ways:
        with pytest.raises(JournalConflict) as error:
            record()
        assert ids(error) == ["changed-by-someone-else", "no-opening-left"]
        assert [event.client_id for event in error.value.later] == [CLIENT]
    with pytest.raises(af.DataFault) as seen:
        second.record("offered", client=OTHER, therapist=THERAPIST, expected=1)
    assert ids(seen) == ["no-opening-left"]


def test_undoing_conflicts_with_a_later_event_about_the_people(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("offered", client=CLIENT, therapist=THERAPIST)
    workspace.record("accepted", client=CLIENT, therapist=THERAPIST)
    with pytest.raises(JournalConflict) as error:
        workspace.record_all([undo(1)], expected=1)
    assert ids(error) == ["changed-by-someone-else", "event-needed-later"]
    assert [event.type for event in error.value.later] == ["accepted"]


def test_nothing_to_record_writes_nothing(clinic: Path) -> None:
    result = af.open_clinic(clinic).record_all([])
    assert (result.result, result.summary, len(result.to_frame())) == ((), "0 events recorded", 0)
    assert not (clinic / "artifacts").exists()
    with pytest.raises(TypeError, match="a mapping"):
        af.open_clinic(clinic).record_all(["offered"])  # type: ignore[list-item]


def test_an_event_that_cannot_be_applied_stops_all(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = af.open_clinic(clinic)
    digest, apply = workspace.tables.digest(), applying.apply_events

    def fail_at_the_second(clinic: Any, tables: Any, events: Any, *known: Any) -> Any:
        if len(events) > 1:
            raise KeyError("until")
        return apply(clinic, tables, events, *known)

    monkeypatch.setattr(applying, "apply_events", fail_at_the_second)
    with pytest.raises(KeyError):
        workspace.record_all([offer(CLIENT), offer(CLIENT, event="accepted")])
    assert af.open_clinic(clinic).journal().result.n_events == 0
    assert workspace.tables.digest() == digest
