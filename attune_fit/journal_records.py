"""What the journal verbs return: the events with what took them back, the open offers, and what a new event changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.events.event_fields import FIELDS
from attune_fit.journal_differences import list_differences

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.journal.applying.cell_settlement import SettledEvent
    from attune_fit.data.journal.database.journal_store import JournalStore
    from attune_fit.data.journal.journal_event import JournalEvent

UNDONE = "undone"  # the type of event that takes another one back
BARE_FIELDS = frozenset({"reason", "because", "attribute", "value", "strength", "instrument"})  # clear without a name


@dataclass(frozen=True)
class ListedEvent:
    """One event as a list shows it.

    Attributes
    ----------
    event : JournalEvent
    undone_by : int or None
        Number of the event that took this one back.
    label : str
        What ``journal.therapist_label`` of ``clinic.toml`` shows with the therapist's id; empty without it.
    """

    event: JournalEvent
    undone_by: int | None = None
    label: str = ""

    @property
    def details(self) -> str:
        """The fields of the event as text, in the order of :data:`EVENT_FIELDS`."""
        fields = {name: self.event.fields[name] for name in FIELDS if name in self.event.fields}
        if "attribute" in fields and "value" in fields:  # a wish: its column and its code belong together
            fields["attribute"] = f"{fields['attribute']} {fields.pop('value')}"
        return ", ".join(_format_field(name, value) for name, value in fields.items())

    def to_dict(self) -> dict[str, Any]:
        """Return the event in the types of JSON, without the digests of what it replaced."""
        event = self.event
        return {
            "number": event.number,
            "at": event.at.isoformat(),
            "on": event.on.isoformat(),
            "actor": event.actor,
            "type": event.type,
            "client_id": event.client_id,
            "therapist_id": event.therapist_id,
            "fields": dict(event.fields),
            "undone_by": self.undone_by,
            "seal": event.seal,
        }


@dataclass(frozen=True)
class EventFilter:
    """Which events are listed; None: no limit. ``since`` and ``until`` are days on which events happened."""

    since: dt.date | None = None
    until: dt.date | None = None
    client_id: str | None = None
    therapist_id: str | None = None
    last: int | None = None

    @classmethod
    def from_values(
        cls,
        since: dt.date | str | None,
        until: dt.date | str | None,
        client_id: str | None,
        therapist_id: str | None,
        last: int | None = None,
    ) -> EventFilter:
        """Build the filter from days as dates or as ISO text.

        Raises
        ------
        DataFault
            With each day that cannot be read.
        """
        faults: list[Fault] = []
        first, final = _parse_day("from", since, faults), _parse_day("to", until, faults)
        if faults:
            raise DataFault(faults)
        return cls(first, final, client_id, therapist_id, last)

    @property
    def is_about_all(self) -> bool:
        """Whether no day and no person limits the list."""
        return self == EventFilter(last=self.last)

    def select(self, events: Iterable[JournalEvent]) -> list[JournalEvent]:
        """Return the events of the days and people, all of them whatever ``last`` is."""
        return [
            event for event in events
            if (self.since is None or event.on >= self.since) and (self.until is None or event.on <= self.until)
            and self.client_id in (None, event.client_id) and self.therapist_id in (None, event.therapist_id)
        ]  # fmt: skip


@dataclass(frozen=True)
class EventList:
    """The events of a journal that were asked for, and the state that all events lead to.

    Attributes
    ----------
    rows : tuple of ListedEvent
        By number; with ``last`` in the filter only the last ones.
    n_found, n_events : int
        Events of the days and people asked for, and all events of the journal.
    offers, expired : tuple of Offer
        Offers of the people asked for that are open or accepted, and those that expired without an answer.
    n_settled : int
        Events that differ from a later export.
    as_of : date or None
        The day of the offers; None where the tables have errors, so that offers and settled events are not known.
    notes : tuple of str
    """

    rows: tuple[ListedEvent, ...]
    n_found: int
    n_events: int
    offers: tuple[Offer, ...] = ()
    expired: tuple[Offer, ...] = ()
    n_settled: int = 0
    as_of: dt.date | None = None
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The list in one line."""
        of = "" if self.n_found == self.n_events else f" of {self.n_events:,}"
        return f"{self.n_found:,}{of} events in the journal; {len(self.offers):,} open offers"

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON."""
        return {
            "n_events": self.n_events,
            "n_found": self.n_found,
            "events": [row.to_dict() for row in self.rows],
            "as_of": self.as_of,
            "offers": [offer._asdict() for offer in self.offers],
            "expired_offers": [offer._asdict() for offer in self.expired],
            "n_settled": self.n_settled,
        }


@dataclass(frozen=True)
class SettledRow:
    """A cell in which an event and the last export differ; ``settled`` has no cell of a table, only its name."""

    settled: SettledEvent
    event: JournalEvent

    def to_dict(self) -> dict[str, Any]:
        """Return the row in the types of JSON."""
        one, event = self.settled, self.event
        people = {"client_id": event.client_id, "therapist_id": event.therapist_id}
        about = {"number": one.number, "on": event.on.isoformat(), "type": event.type, **people}
        return {**about, "cell": one.cell, "taken": one.taken, "why": one.why}


@dataclass(frozen=True)
class SettledList:
    """The events that differ from the last export: one row for each cell, in the order of events."""

    rows: tuple[SettledRow, ...]

    @property
    def summary(self) -> str:
        """The list in one line."""
        n_events = len({row.event.number for row in self.rows})
        return f"{n_events:,} events differ from the last export, in {len(self.rows):,} cells"

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON."""
        return {"settled": [row.to_dict() for row in self.rows]}


def list_events(session: ClinicSession, wanted: EventFilter) -> EventList:
    """Return the events that were asked for; with errors in the tables, a note instead of the open offers."""
    from attune_fit.data.command_words import format_word

    events = session.journal_events
    found = wanted.select(events)
    undone_by = {int(event.fields["event"]): event.number for event in events if event.type == UNDONE}
    shown = found[-(wanted.last or len(found)) :]
    try:
        tables, labels = session.tables, read_therapist_labels(session)
    except DataFault:
        note = f"Open offers are not shown: the tables have errors. See: attune check {format_word(session.folder)}"
        rows = tuple(ListedEvent(event, undone_by.get(event.number)) for event in shown)
        return EventList(rows, len(found), len(events), notes=(note,))
    rows = tuple(
        ListedEvent(event, undone_by.get(event.number), labels.get(event.therapist_id or "", "")) for event in shown
    )
    states = tables.pair_states
    n_settled = len({one.number for one in list_differences(session)})
    return EventList(rows, len(found), len(events), _select_offers(states.offers, wanted),
                     _select_offers(states.expired, wanted), n_settled, tables.as_of)  # fmt: skip


def list_settled_events(session: ClinicSession, wanted: EventFilter) -> SettledList:
    """Return what was settled between the export and the events that were asked for."""
    events = {event.number: event for event in wanted.select(session.journal_events)}
    rows = [SettledRow(one, events[one.number]) for one in list_differences(session) if one.number in events]
    return SettledList(tuple(rows[-(wanted.last or len(rows)) :]))


def read_therapist_labels(session: ClinicSession) -> dict[str, str]:
    """Return what ``journal.therapist_label`` shows for each therapist, by id; nothing without that setting."""
    column = session.clinic.config.journal.therapist_label
    roster = session.tables.therapists
    if not column or column not in roster:
        return {}
    known = roster[roster[column].notna()]
    return {str(id_): str(label) for id_, label in zip(known["therapist_id"], known[column], strict=True)}


def require_journal(clinic: Clinic) -> JournalStore:
    """Return the journal of a clinic.

    Raises
    ------
    DataFault
        If no event was recorded yet.
    """
    from attune_fit.data.command_words import format_word
    from attune_fit.data.journal.journal_access import find_journal

    store = find_journal(clinic)
    if store is None:
        fix = f"The first event makes it: attune record {format_word(clinic.folder)}"
        raise DataFault.error("journal-absent", "journal", "", "this clinic has no journal yet", fix=fix)
    return store


def _parse_day(name: str, day: dt.date | str | None, faults: list[Fault]) -> dt.date | None:
    """Return a day of a filter; one that cannot be read is None and adds a fault."""
    try:
        return None if day is None else dt.date.fromisoformat(str(day))
    except ValueError:
        fix = "Write a day such as 2026-11-29."
        faults.append(Fault.error("journal-day-unreadable", "journal", name, "this is not a day", fix=fix))
        return None


def _select_offers(offers: Iterable[Offer], wanted: EventFilter) -> tuple[Offer, ...]:
    """Return the offers of the people who were asked for."""
    return tuple(
        offer for offer in offers
        if wanted.client_id in (None, offer.client_id) and wanted.therapist_id in (None, offer.therapist_id)
    )  # fmt: skip


def _format_field(name: str, value: Any) -> str:
    """Return one field of an event as text, such as ``until 2026-12-06`` or ``payer = self``."""
    if isinstance(value, dict):
        return ", ".join(f"{column} = {'unknown' if cell is None else cell}" for column, cell in value.items())
    if isinstance(value, float):
        value = f"{value:g}"
    return str(value) if name in BARE_FIELDS else f"{name} {value}"
