"""One client as a page or a notebook shows the client: cells, wishes, state, offers, and what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from attune_fit.data.clinic.columns import PRIORITY
from attune_fit.journal_records import UNDONE, ListedEvent, read_therapist_labels
from attune_fit.person_cells import Cell, format_cell, read_person_cells

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.matching.day_lists.client_states import StateFinder
    from attune_fit.matching.day_lists.current_pairs import CurrentPairs

OTHER_STATES = {  # of clients who are not on the waiting list; the others are those of WAITING_STATES
    "in therapy": "The client has met a therapist, and no end is known.",
    "ended": "The therapy of the client ended.",
    "withdrawn": "The client no longer seeks therapy here.",
    "not waiting": "The client does not fulfil the clinic's own condition for the waiting list.",
}
RECORD_COLUMNS = ("client_id", "kind", "name", "value", "strength")


class Wish(NamedTuple):
    """A wish of the client about the therapist."""

    attribute: str
    value: str
    strength: str


class Therapy(NamedTuple):
    """A therapy that has no end in the records."""

    therapist_id: str
    last_on: dt.date | None  # day of the last record, None where unknown
    is_current: bool  # False where the last record is old or has no day: it can have ended, as on the roster


class _State(NamedTuple):
    name: str
    since: dt.date | None = None
    waits_from: dt.date | None = None
    therapies: tuple[Therapy, ...] = ()


@dataclass(frozen=True)
class ClientRecord:
    """One client, as the tables and the journal have the client now.

    Attributes
    ----------
    client_id : str
    cells : mapping of str to cell
        By column that an event can set: text, number, day, codes of a set, or None where unknown.
    unreadable : tuple of str
        Columns whose cell in the export cannot be read, sorted.
    wishes : tuple of Wish
        In the order of the table.
    state : str
        One of :data:`WAITING_STATES`, or of :data:`OTHER_STATES`.
    state_since : date or None
        The day on which the state began; None where unknown, or where the client is not on the waiting list.
    priority : str or None
        ``urgent``, ``soon`` or ``routine``; None where unknown.
    days_waited : int or None
        From the referral, or from the end of an earlier therapy, to the day of the tables; None where unknown, and for
        a client who is not on the waiting list.
    offers, expired : tuple of Offer
        Open and accepted offers, and those that ended without an answer.
    therapies : tuple of Therapy
        Of a client in therapy: those that count for the roster, by therapist; empty in any other state.
    met : tuple of str
        Ids of the therapists whom the client has met; the latest first record comes last.
    events : tuple of ListedEvent
        All events about the client, by number.
    """

    client_id: str
    cells: Mapping[str, Cell]
    unreadable: tuple[str, ...]
    wishes: tuple[Wish, ...]
    state: str
    state_since: dt.date | None
    priority: str | None
    days_waited: int | None
    offers: tuple[Offer, ...]
    expired: tuple[Offer, ...]
    therapies: tuple[Therapy, ...]
    met: tuple[str, ...]
    events: tuple[ListedEvent, ...]

    @property
    def version(self) -> int:
        """Number of the last event about the client, 0 without one: ``expected`` of an event that is recorded next."""
        return self.events[-1].event.number if self.events else 0

    @property
    def summary(self) -> str:
        """The client in one line."""
        wait = "" if self.days_waited is None else f", {self.days_waited:,} days since the referral"
        return f"{self.client_id}: {self.state}{wait}; {len(self.wishes)} wishes, {len(self.events)} events"

    def to_dict(self) -> dict[str, Any]:
        """Return the record in the types of JSON; days stay dates."""
        return {
            "client_id": self.client_id,
            "cells": dict(self.cells),
            "unreadable": self.unreadable,
            "wishes": [wish._asdict() for wish in self.wishes],
            "state": self.state,
            "state_since": self.state_since,
            "priority": self.priority,
            "days_waited": self.days_waited,
            "offers": [offer._asdict() for offer in self.offers],
            "expired_offers": [offer._asdict() for offer in self.expired],
            "therapies": [one._asdict() for one in self.therapies],
            "met": self.met,
            "events": [row.to_dict() for row in self.events],
            "version": self.version,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each known cell and each wish; ``strength`` is missing for a cell."""
        import pandas as pd

        known = [("cell", name, format_cell(cell), None) for name, cell in self.cells.items() if cell is not None]
        rows = [*known, *(("wish", *wish) for wish in self.wishes)]
        return pd.DataFrame([(self.client_id, *row) for row in rows], columns=list(RECORD_COLUMNS), dtype="str")


def describe_client(session: ClinicSession, client_id: str) -> ClientRecord:
    """Return the record of one client.

    Raises
    ------
    DataFault
        If no client has this id.
    """
    from attune_fit.data.outcomes.openings import list_met_therapists

    tables = session.tables
    cells = read_person_cells(session.clinic, tables, "clients", client_id)
    own = replace(tables, outcomes=tables.outcomes[tables.outcomes["client_id"] == client_id])  # all others cost time
    events = [event for event in session.journal_events if event.client_id == client_id]
    state = _find_state(session, own, events, client_id)
    wishes = tables.preferences[tables.preferences["client_id"] == client_id]
    priority = cells.get(PRIORITY)
    offers, expired = (
        tuple(offer for offer in some if offer.client_id == client_id)
        for some in (tables.pair_states.offers, tables.pair_states.expired)
    )
    return ClientRecord(
        client_id, cells, tuple(sorted(_find_unreadable(tables, client_id) & cells.keys())),
        tuple(Wish(*map(str, row)) for row in wishes[list(Wish._fields)].itertuples(index=False)),
        state.name, state.since, None if priority is None else str(priority),
        None if state.waits_from is None else max(0, (tables.as_of - state.waits_from).days),
        offers, expired, state.therapies, list_met_therapists(own).get(client_id, ()), _list_rows(session, events),
    )  # fmt: skip


def _list_rows(session: ClinicSession, events: Sequence[JournalEvent]) -> tuple[ListedEvent, ...]:
    """Return the events of a client with the number of the event that took each back."""
    labels = read_therapist_labels(session)
    undone_by = {int(event.fields["event"]): event.number for event in events if event.type == UNDONE}
    return tuple(
        ListedEvent(event, undone_by.get(event.number), labels.get(event.therapist_id or "", "")) for event in events
    )


def _find_unreadable(tables: Tables, client_id: str) -> set[str]:
    """Return the columns in which the export has a cell of the client that cannot be read."""
    return {cell.column for cell in tables.unreadable if cell.table == "clients" and cell.id == client_id}


def _find_state(session: ClinicSession, own: Tables, events: Sequence[JournalEvent], client_id: str) -> _State:
    """Return the state of a client, the day on which it began, the day from which the client waits, and the therapies.

    ``own`` has the outcomes of this client alone, and ``events`` are those about the client.
    """
    from attune_fit.data.journal.journal_state import JournalState
    from attune_fit.matching.day_lists.client_states import StateFinder
    from attune_fit.matching.day_lists.current_pairs import list_current_pairs
    from attune_fit.matching.day_lists.latest_events import LatestEvents
    from attune_fit.matching.ranking.rank import find_row

    clinic, undone = session.clinic, session.applied_journal.undone
    latest = LatestEvents.from_journal(JournalState(clinic, own, tuple(events), undone))
    finder, row = StateFinder.from_tables(own, latest), find_row(own, "clients", client_id)
    is_withdrawn = client_id in own.pair_states.withdrawn
    if _is_listed(session, finder, row, client_id) or (client_id in finder.ended_on and not is_withdrawn):
        status = finder.find_state(row, client_id)
        return _State(status.state, status.since, status.waits_from)
    if is_withdrawn:
        return _State("withdrawn")
    if therapies := _list_therapies(own, list_current_pairs(clinic, own, latest)):
        return _State("in therapy", therapies=therapies)
    return _State("ended" if client_id in own.met_client_ids else "not waiting")


def _list_therapies(own: Tables, pairs: CurrentPairs) -> tuple[Therapy, ...]:
    """Return the therapies of the client whose outcomes ``own`` has, by therapist."""
    import pandas as pd

    days = own.outcomes.groupby("therapist_id")["measured_on"].max()
    return tuple(
        Therapy(pair.therapist_id, None if pd.isna(day) else day.date(), pair in pairs.current)
        for pair in sorted(pairs.current | pairs.unclear)
        for day in [days[pair.therapist_id]]
    )


def _is_listed(session: ClinicSession, finder: StateFinder, row: int, client_id: str) -> bool:
    """Return whether the client waits, or would wait without an offer."""
    from attune_fit.data.clinic.waiting_clients import list_offers_instead_of_waiting

    if client_id not in finder.offers:
        return bool((session.snapshot.waiting_rows == row).any())
    return any(offer.client_id == client_id for offer in list_offers_instead_of_waiting(session.clinic, session.tables))
