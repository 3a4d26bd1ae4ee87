"""What is true of the people of an event, now that it is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.data.clinic.columns import BINDING_STRENGTHS
from attune_fit.data.command_words import format_option, format_word
from attune_fit.journal_records import ListedEvent, read_therapist_labels

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.journal.journal_event import EventDraft, JournalEvent

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


def describe_recorded_events(session: ClinicSession, events: Iterable[JournalEvent]) -> tuple[RecordedEvent, ...]:
    """Return what is true of the people of each event, now that all of them are recorded."""
    from attune_fit.data.outcomes.openings import count_openings

    tables, labels = session.tables, read_therapist_labels(session)
    openings = dict(zip(tables.therapists["therapist_id"], count_openings(tables).tolist(), strict=True))
    known, waiting = set(tables.clients["client_id"]), set(session.list_client_ids(waiting_only=True))
    return tuple(
        RecordedEvent(
            ListedEvent(event, None, labels.get(event.therapist_id or "", "")),
            _convert_number(openings.get(event.therapist_id)),
            event.client_id in waiting if event.client_id in known else None,
            tuple(offer for offer in tables.pair_states.offers if offer.client_id == event.client_id),
        )
        for event in events
    )


def _convert_number(number: float | None) -> int | None:
    """Return a number of openings; None where it is not known."""
    return None if number is None or number != number else int(number)


def list_event_notes(session: ClinicSession, draft: EventDraft) -> list[str]:
    """Return what the person who records an event should know before it is in the tables, one sentence each."""
    return [f"Note: {note}" for list_notes in NOTES.get(draft.type, ()) for note in list_notes(session, draft)]


def _list_rule_notes(session: ClinicSession, draft: EventDraft) -> Iterator[str]:
    """Yield a note if the rules exclude the pair, which the clinic decides nevertheless."""
    from attune_fit.matching.eligibility.candidate_counts import list_excluding_rules
    from attune_fit.matching.eligibility.rules import find_short_text

    client, therapist = str(draft.client_id), str(draft.therapist_id)
    rules = list_excluding_rules(session.clinic, session.snapshot.sides, client, therapist)
    texts = [find_short_text(name, is_unknown=unknown) for name, unknown in rules if name != DECLINED_RULE]
    if texts:
        command = f"attune why-not {format_word(session.folder)} {_format_pair(client, therapist)}"
        yield f"the rules exclude {therapist} for {client}: {', '.join(texts)}. Details: {command}"


def _list_other_therapies(session: ClinicSession, draft: EventDraft) -> Iterator[str]:
    """Yield a note for each other therapist whom the client has met, without an end that is known."""
    outcomes = session.tables.outcomes
    own = outcomes[(outcomes["client_id"] == draft.client_id) & (outcomes["therapist_id"] != draft.therapist_id)]
    ended = session.tables.pair_states.ended
    for therapist, rows in own.groupby("therapist_id"):
        if (draft.client_id, therapist) not in ended and not rows["dropped_out"].eq("yes").any():
            pair = _format_pair(str(draft.client_id), str(therapist))
            command = f"attune record {format_word(session.folder)} ended {pair} --reason CODE"
            yield f"{draft.client_id} has met {therapist} too, and no end is known. If it has ended: {command}"


def _list_held_openings(session: ClinicSession, draft: EventDraft) -> Iterator[str]:
    """Yield what a number of openings also means, and which offers hold more than it."""
    offers = [offer for offer in session.tables.pair_states.offers if offer.therapist_id == draft.therapist_id]
    yield "this counts as a check of the whole roster row, on this day."
    if len(offers) > draft.fields["openings"]:
        clients = ", ".join(offer.client_id for offer in offers)
        yield f"offers hold more openings than that ({clients}). Decline them, or record a larger number."


def _list_equal_wishes(session: ClinicSession, draft: EventDraft) -> Iterator[str]:
    """Yield a note if the client has another wish about the same attribute that restricts."""
    wishes, attribute = session.tables.preferences, draft.fields["attribute"]
    value = draft.fields.get("value", draft.therapist_id)
    own = wishes[(wishes["client_id"] == draft.client_id) & (wishes["attribute"] == attribute)]
    n_others = int(((own["value"] != value) & own["strength"].isin(BINDING_STRENGTHS)).sum())
    if n_others and draft.fields["strength"] in BINDING_STRENGTHS:
        others = "another wish" if n_others == 1 else f"{n_others} other wishes"
        pair = f"{format_option('--client', draft.client_id)} --attribute {attribute} --value CODE"
        command = f"attune record {format_word(session.folder)} wish_withdrawn {pair}"
        yield f"{draft.client_id} has {others} about {attribute}: all have to be met. To drop one: {command}"


def _format_pair(client: str, therapist: str) -> str:
    return f"{format_option('--client', client)} {format_option('--therapist', therapist)}"


NOTES: Mapping[str, tuple[Callable[[ClinicSession, EventDraft], Iterator[str]], ...]] = {
    "offered": (_list_rule_notes,),
    "started": (_list_rule_notes, _list_other_therapies),
    "opening_set": (_list_held_openings,),
    "wish_set": (_list_equal_wishes,),
}
