"""What the journal verbs return: the events with what took them back, the open offers, and what a new event changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.journal.apply_events import SettledEvent
    from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
    from attune_fit.data.journal.journal_store import JournalStore

UNDONE = "undone"  # the type of event that takes another one back
MEETING_EVENTS = frozenset({"offered", "started"})  # a coordinator can decide them against a rule
DECLINED_RULE = "declined"  # a new offer lifts it
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
        What ``journal.therapist_label`` of ``clinic.toml`` shows beside the therapist's id; empty without it.
    """

    event: JournalEvent
    undone_by: int | None = None
    label: str = ""

    @property
    def details(self) -> str:
        """The fields of the event as text."""
        return ", ".join(_format_field(name, value) for name, value in self.event.fields.items())

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
        faults: list[DataFault] = []
        days: list[dt.date | None] = []
        for name, day in (("since", since), ("until", until)):
            try:
                days.append(None if day is None else dt.date.fromisoformat(str(day)))
            except ValueError:
                fix = "Write a day such as 2026-11-29."
                faults.append(DataFault.error("journal-day-unreadable", "journal", name, "this is not a day", fix=fix))
        if faults:
            raise DataFault(fault for one in faults for fault in one.faults)
        return cls(*days, client_id, therapist_id, last)

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
class SettledList:
    """The events that differ from a later export: one row for each cell, in the order of events."""

    rows: tuple[SettledEvent, ...]

    @property
    def summary(self) -> str:
        """The list in one line."""
        n_events = len({row.number for row in self.rows})
        return f"{n_events:,} events differ from a later export, in {len(self.rows):,} cells"

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON."""
        return {"settled": [asdict(row) for row in self.rows]}


@dataclass(frozen=True)
class RecordedEvent:
    """An event that was recorded, and what is true now.

    Attributes
    ----------
    row : ListedEvent
    openings : int or None
        Openings that the therapist has left; None without a therapist, or where the number is not known.
    waits : bool or None
        Whether the client waits now; None without a client, or where the client is in no table.
    offers : tuple of Offer
        Open and accepted offers of the client.
    """

    row: ListedEvent
    openings: int | None = None
    waits: bool | None = None
    offers: tuple[Offer, ...] = ()

    @property
    def summary(self) -> str:
        """The event in one line."""
        event = self.row.event
        parts = (event.type, event.client_id, event.therapist_id, self.row.details)
        return f"event {event.number}: {', '.join(part for part in parts if part)}"

    def to_dict(self) -> dict[str, Any]:
        """Return the event and what is true now in the types of JSON."""
        now = {"openings": self.openings, "client_waits": self.waits}
        return {**self.row.to_dict(), "now": {**now, "offers": [offer._asdict() for offer in self.offers]}}


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
    n_settled = len({one.number for one in session.applied_journal.settled})
    return EventList(rows, len(found), len(events), _select_offers(states.offers, wanted),
                     _select_offers(states.expired, wanted), n_settled, tables.as_of)  # fmt: skip


def list_settled_events(session: ClinicSession, wanted: EventFilter) -> SettledList:
    """Return what was settled between the export and the events that were asked for."""
    numbers = {event.number for event in wanted.select(session.journal_events)}
    rows = [one for one in session.applied_journal.settled if one.number in numbers]
    return SettledList(tuple(rows[-(wanted.last or len(rows)) :]))


def describe_recorded_event(session: ClinicSession, event: JournalEvent) -> RecordedEvent:
    """Return what is true of the people of an event, now that it is recorded."""
    from attune_fit.data.outcomes.openings import count_openings

    tables = session.tables
    openings = dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True))
    left = openings.get(event.therapist_id)
    is_known = event.client_id in set(tables.clients["client_id"])
    return RecordedEvent(
        ListedEvent(event, None, read_therapist_labels(session).get(event.therapist_id or "", "")),
        None if left is None or left != left else int(left),  # NaN: not known
        event.client_id in session.list_client_ids(waiting_only=True) if is_known else None,
        tuple(offer for offer in tables.pair_states.offers if offer.client_id == event.client_id),
    )


def list_rule_notes(session: ClinicSession, draft: EventDraft) -> list[str]:
    """Return a note if the rules exclude the pair of an offer or a start, which the clinic decides nevertheless."""
    from attune_fit.data.command_words import format_option, format_word
    from attune_fit.matching.eligibility.candidate_counts import list_excluding_rules
    from attune_fit.matching.eligibility.rules import find_short_text

    client, therapist = draft.client_id, draft.therapist_id
    if draft.type not in MEETING_EVENTS or client is None or therapist is None:
        return []
    rules = list_excluding_rules(session.clinic, session.tables, client, therapist)
    texts = [find_short_text(name, is_unknown=unknown) for name, unknown in rules if name != DECLINED_RULE]
    if not texts:
        return []
    people = f"{format_option('--client', client)} {format_option('--therapist', therapist)}"
    command = f"attune why-not {format_word(session.folder)} {people}"
    return [f"Note: the rules exclude {therapist} for {client}: {', '.join(texts)}. Details: {command}"]


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


def find_user_name() -> str:
    """Return the name of the user on this machine; ``unknown`` where it has none, as in some containers."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


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
