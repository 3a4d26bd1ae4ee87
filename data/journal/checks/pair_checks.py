"""Checks of events about a client and a therapist: conflicts, offers, openings, starts and ends."""

from __future__ import annotations

import math
from collections.abc import Iterator

from attune_fit.data.faults import Fault
from attune_fit.data.journal.checks.event_case import PERSON_KEYS, EventCase
from attune_fit.data.journal.checks.field_values import JOURNAL
from attune_fit.data.journal.journal_event import JournalEvent
from attune_fit.data.outcomes.openings import list_met_therapists

OPEN_SLOTS_RULE = "open_slots"
MAX_NAMED = 8  # ids in one message


def check_no_conflict(case: EventCase) -> Iterator[Fault]:
    """Check that the pair has no conflict."""
    if _has_conflict(case):
        event = case.find_last("conflict_set")
        place = f"undo event {event.number}" if event else "delete it from the export"
        message = f"{case.client_id} and {case.therapist_id} have a conflict"
        fix = f"Choose another therapist. If there is no conflict, {place}."
        yield Fault.error("event-against-conflict", JOURNAL, "", message, fix=fix)


def check_new_conflict(case: EventCase) -> Iterator[Fault]:
    """Check that the pair has no conflict yet."""
    if _has_conflict(case):
        message = f"{case.client_id} and {case.therapist_id} have a conflict already"
        fix = "Leave it: one conflict is enough."
        yield Fault.error("conflict-set-already", JOURNAL, "", message, fix=fix)


def _has_conflict(case: EventCase) -> bool:
    conflicts = case.tables.conflicts
    is_pair = (conflicts["client_id"] == case.client_id) & (conflicts["therapist_id"] == case.therapist_id)
    return bool(is_pair.any())


def check_not_set_aside(case: EventCase) -> Iterator[Fault]:
    """Check that neither the client nor the therapist is set aside: what restricts them cannot be read."""
    for person, table in PERSON_KEYS.items():
        if case.get_id(person) in case.tables.list_set_aside(table):
            message = f"{person} {case.get_id(person)} is set aside, because a cell that restricts cannot be read"
            fix = "Correct the cell in the export; `attune check` names it. Then record the offer."
            yield Fault.error("offer-to-set-aside", JOURNAL, person, message, fix=fix)


def check_no_open_offer(case: EventCase) -> Iterator[Fault]:
    """Check that the pair has no offer that is still open or accepted."""
    offer = case.last_offer
    if case.own_offer is not None and offer is not None:
        message = f"{case.client_id} has an offer from {case.therapist_id} already (event {offer.number})"
        fix = "Record `accepted`, `declined` or `started`; or undo that event to offer for another time."
        yield Fault.error("offer-open-already", JOURNAL, "", message, fix=fix)


def check_until(case: EventCase) -> Iterator[Fault]:
    """Check that an offer does not end before it was made."""
    until = case.fields.get("until")
    if until is not None and until < case.on.isoformat():
        message = f"the offer ends on {until}, before the day on which it was made"
        yield Fault.error("offer-ends-before", JOURNAL, "until", message, fix="Correct `--until` or `--on`.")


def check_not_started(case: EventCase) -> Iterator[Fault]:
    """Check that the pair is not in therapy; after an end, it can start again."""
    if case.has_met and not case.is_over:
        message = f"{case.client_id} and {case.therapist_id} have started already ({_name_source(case, 'started')})"
        fix = "If this was entered twice, leave it. If they have stopped, record `ended` first."
        yield Fault.error("pair-started-already", JOURNAL, "", message, fix=fix)


def check_decline_of_started(case: EventCase) -> Iterator[Fault]:
    """Check that a pair that is declined is not in therapy."""
    if case.has_met and not case.is_over:
        message = f"{case.client_id} and {case.therapist_id} are in therapy ({_name_source(case, 'started')})"
        fix = "Record `ended`, with the reason."
        yield Fault.error("pair-in-therapy", JOURNAL, "", message, fix=fix)


def check_started(case: EventCase) -> Iterator[Fault]:
    """Check that the pair has started."""
    if not case.has_met:
        message = f"{case.client_id} and {case.therapist_id} have not started"
        met = ", ".join(list_met_therapists(case.tables).get(str(case.client_id), ())[:MAX_NAMED])
        fix = (
            f"{case.client_id} has met {met}: correct the id, or record `started` first."
            if met
            else "Record `started` first, with the day of the first session."
        )
        yield Fault.error("pair-not-started", JOURNAL, "", message, fix=fix)


def check_not_ended(case: EventCase) -> Iterator[Fault]:
    """Check that the pair has not ended yet."""
    if case.is_over:
        message = f"{case.client_id} and {case.therapist_id} have ended already ({_name_source(case, 'ended')})"
        fix = "To correct that end, undo its event, or change the export."
        yield Fault.error("pair-ended-already", JOURNAL, "", message, fix=fix)


def check_not_declined(case: EventCase) -> Iterator[Fault]:
    """Check that the pair was not declined already."""
    event = case.find_last("declined")
    if case.pair in case.tables.pair_states.declined and event is not None:
        message = f"{case.client_id} and {case.therapist_id} were declined already (event {event.number})"
        fix = "Undo that event first to record another reason."
        yield Fault.error("pair-declined-already", JOURNAL, "", message, fix=fix)


def check_offer_to_accept(case: EventCase) -> Iterator[Fault]:
    """Check that the pair has an offer which was open on the day of the answer, and still has its opening."""
    offer = case.last_offer
    if offer is None:
        message = f"{case.client_id} has no open offer from {case.therapist_id}"
        fix = "Record `offered` first; `attune journal` lists the open offers."
        yield Fault.error("no-offer-to-accept", JOURNAL, "", message, fix=fix)
    elif offer.type == "accepted":
        message = f"{case.client_id} has accepted the offer from {case.therapist_id} already (event {offer.number})"
        fix = "Record `started` when they start."
        yield Fault.error("offer-accepted-already", JOURNAL, "", message, fix=fix)
    elif (until := offer.fields["until"]) < case.on.isoformat():
        message = f"the offer of event {offer.number} expired after {until}"
        fix = "Record a new `offered`, or the day of the answer with `--on` if it came in time."
        yield Fault.error("offer-expired", JOURNAL, "", message, fix=fix)
    elif case.own_offer is None:  # it has expired since, and holds nothing any more
        yield from check_opening(case)


def check_opening(case: EventCase) -> Iterator[Fault]:
    """Check that the therapist has an opening for the pair: one that no other client holds, or that its offer holds.

    A start before the last check of the roster row is in the number of that check. Where the clinic switched the rule
    off, or the number is missing and the rule allows that, nothing is checked.
    """
    rule, checked_on = case.state.clinic.config.rules.get(OPEN_SLOTS_RULE), case.checked_on
    is_counted = case.type.name == "started" and checked_on is not None and case.on < checked_on
    is_in_therapy = case.has_met and not case.is_over  # a fault of its own
    if is_counted or is_in_therapy or (rule is not None and rule.on is False):
        return
    left = case.openings if case.own_offer is None else case.openings_before_offers
    if math.isnan(left):
        if rule is not None and rule.unknown == "exclude":
            message = f"it is not known whether {case.therapist_id} has an opening"
            fix = "Record `opening_set` first, with the number of openings."
            yield Fault.error("opening-not-known", JOURNAL, "therapist", message, fix=fix)
    elif left < 1:
        held = _describe_holders(case.holder_ids)
        message = f"{case.therapist_id} has no opening left{held}"
        least = len(case.holder_ids) + 1
        fix = f"If there is one, record `opening_set` first, with {least} or more: openings that offers hold count too."
        yield Fault.error("no-opening-left", JOURNAL, "therapist", message, fix=fix)


def _describe_holders(ids: list[str]) -> str:
    """Return which clients hold openings by an offer; empty for none."""
    if not ids:
        return ""
    more = f" and {len(ids) - MAX_NAMED} more" if len(ids) > MAX_NAMED else ""
    return f"; offers to {', '.join(ids[:MAX_NAMED])}{more} hold {len(ids)}"


def _name_source(case: EventCase, name: str) -> str:
    """Return where the start or the end of the pair is recorded."""
    event: JournalEvent | None = case.find_last(name)
    return f"event {event.number}" if event else "in the export"
