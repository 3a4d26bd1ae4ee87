"""Rows that are the same as before are not sorted again, and the tables come out the same in any case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.journal.applying import settled_tables
from attune_fit.data.journal.applying.apply_events import apply_events
from attune_fit.data.journal.applying.cell_settlement import compute_cell_digest
from attune_fit.data.journal.current_tables import read_journal_events
from attune_fit.data.reading.read_clinic import read_tables
from tests.data.journal.conftest import JournalFolder

DAY = dt.date(2026, 6, 15)
LATER_EVENTS: dict[str, tuple[Callable[[JournalFolder], object], int]] = {  # with the number of sorts it needs
    "nothing": (lambda clinic: clinic.open(), 0),
    "an offer": (lambda clinic: clinic.record(client_id="cat", until="2026-06-20"), 0),
    "a decline": (lambda clinic: clinic.record("declined", client_id="cat", by="client", reason="no-answer"), 0),
    "a start": (lambda clinic: clinic.record("started", client_id="cat"), 1),
    "a conflict": (lambda clinic: clinic.record("conflict_set", client_id="cat"), 1),
    "a client": (lambda clinic: clinic.record("client_added", "eve", None, cells={"age": 30}), 1),
    "openings": (lambda clinic: clinic.record("opening_set", None, "una", openings=4), 1),
    "a wish": (
        lambda clinic: clinic.record(
            "wish_set", "cat", None, replaced={"wish gender=man": compute_cell_digest(None)},
            attribute="gender", value="man", strength="must",
        ), 1),
}  # fmt: skip


@pytest.fixture
def sorts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that rows are sorted."""
    done: list[str] = []

    def sort(tables: Any) -> Any:
        done.append("sort")
        return sort_canonically(tables)

    monkeypatch.setattr(settled_tables, "sort_canonically", sort)
    return done


@pytest.mark.parametrize(("record", "n_sorts"), LATER_EVENTS.values(), ids=LATER_EVENTS)
@pytest.mark.parametrize("has_started", [True, False])
def test_rows_are_sorted_only_where_an_event_changed_them(
    record: Callable[[JournalFolder], object],
    n_sorts: int,
    has_started: bool,
    file_clinic: JournalFolder,
    sorts: list[str],
) -> None:
    file_clinic.record("started" if has_started else "accepted")
    clinic = file_clinic.open()
    export = read_tables(clinic, DAY)
    known = apply_events(clinic, export, read_journal_events(clinic))
    assert len(sorts) == has_started  # an accepted offer is in no table
    record(file_clinic)
    events = read_journal_events(clinic)
    sorts.clear()
    now = apply_events(clinic, export, events, known)
    assert len(sorts) == n_sorts
    plain = apply_events(clinic, export, events)
    assert now.tables.digest() == plain.tables.digest()
    names = ("clients", "therapists", "preferences", "outcomes", "conflicts", "opening_records")
    assert all(getattr(now.tables, name).equals(getattr(plain.tables, name)) for name in names)
    assert (now.settled, now.pending, now.undone) == (plain.settled, plain.pending, plain.undone)
    assert (now.tables.pair_states, now.tables.last_event) == (plain.tables.pair_states, plain.tables.last_event)
