"""What is true of the people of an event, now that it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.journal_records import ListedEvent, read_therapist_labels

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.journal.journal_event import EventDraft, JournalEvent

MEETING_EVENTS = frozenset({"offered", "started"})  # a coordinator can decide them against a rule
DECLINED_RULE = "declined"  # a new offer lifts it


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
