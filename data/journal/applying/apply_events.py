"""Application of the journal's events to the tables of the export: the state that every command sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from attune_fit.data.journal.applying.applied_journal import AppliedJournal
from attune_fit.data.journal.garbage_collection import pause_garbage_collection

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent


def apply_events(
    clinic: Clinic, tables: Tables, events: Sequence[JournalEvent], known: AppliedJournal | None = None
) -> AppliedJournal:
    """Return the tables of an export with all events of the journal applied.

    All changes are collected first and settled with the export once, so the cost does not grow with the events before
    the last of a cell. An undone event changes nothing, as if it had never been recorded.

    Parameters
    ----------
    clinic : Clinic
        Its settings say which codes are declared and which rules are on.
    tables : Tables
        The export.
    events : sequence of JournalEvent
        From number 1; in any order.
    known : AppliedJournal, optional
        An earlier result, which makes this one quicker where both have the same rows. It changes nothing else.

    Returns
    -------
    AppliedJournal
        Without events it holds the very tables given.

    Raises
    ------
    DataFault
        If this version of Attune does not know the type of an event, or the export spells an id of the journal in
        another way.
    """
    if not events:
        return AppliedJournal(tables)
    events = sorted(events, key=lambda event: event.number)
    undone = frozenset(int(event.fields["event"]) for event in events if event.type == "undone")
    last_event = events[-1].number
    if all(event.type == "undone" or event.number in undone for event in events):
        return AppliedJournal(replace(tables, last_event=last_event), undone=undone)
    from attune_fit.data.journal.applying.settled_tables import settle_events  # a clinic without a journal needs none

    with pause_garbage_collection():  # the edits are gone again at its end
        applied = settle_events(clinic, tables, events, undone, known)
    return replace(applied, tables=replace(applied.tables, last_event=last_event))
