"""Checks of the people and the day of an event: named where the event is about them, known, and able to be there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from attune_fit.data.cell_parsing import drop_invisible_characters
from attune_fit.data.clinic.columns import DEPARTED_THERAPIST_ID, TABLE_ID_COLUMNS
from attune_fit.data.clinic.settings import FIRST_DAY
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import Fault
from attune_fit.data.formats.formula_cells import has_formula_start
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.field_values import JOURNAL
from attune_fit.data.journal.events.event_fields import REASONS
from attune_fit.data.journal.events.reason_codes import list_codes_of_side
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.rows.similar_ids import normalize_id_spelling, suggest_similar_ids

MAX_ID_LETTERS = 64


def check_people_named(case: EventCase) -> Iterator[Fault]:
    """Check that the event names the people whom it is about, and no one else."""
    for person in ("client", "therapist"):
        is_meant, one = person in case.type.people, case.get_id(person)
        if is_meant and not one:
            message = f"an event `{case.type.name}` is about a {person}, and no {person} is named"
            fix = f"Add `--{person} ID`."
            yield Fault.error("event-person-absent", JOURNAL, person, message, fix=fix)
        if one and not is_meant:
            message = f"an event `{case.type.name}` names no {person}"
            fix = f"Leave out `--{person}`."
            yield Fault.error("event-person-not-meant", JOURNAL, person, message, fix=fix)


def check_people_known(case: EventCase) -> Iterator[Fault]:
    """Check that the tables have the people whom the event names."""
    client, therapist = case.client_id, case.therapist_id
    if client and case.type.name != "client_added" and not case.is_known("client"):
        guess = suggest_similar_ids(pd.Series([client]), case.tables.clients[TABLE_ID_COLUMNS["clients"]])
        message, fix = (
            f"there is no client `{client}`",
            f"Correct the id, or record `client_added` first. {guess}".strip(),
        )
        yield Fault.error("event-about-unknown-client", JOURNAL, "client", message, fix=fix)
    if therapist and not case.is_known("therapist"):
        guess = suggest_similar_ids(pd.Series([therapist]), case.tables.therapists[TABLE_ID_COLUMNS["therapists"]])
        message = f"there is no therapist `{therapist}`"
        fix = f"Correct the id. A new therapist comes with the export. {guess}".strip()
        yield Fault.error("event-about-unknown-therapist", JOURNAL, "therapist", message, fix=fix)


def check_new_client(case: EventCase) -> Iterator[Fault]:
    """Check that the id of a new client is free, and can be an id."""
    if not case.client_id:
        return
    if case.is_known("client"):
        message = f"there is a client `{case.client_id}` already"
        fix = "Record `client_changed`, or give the new client another id."
        yield Fault.error("client-added-already", JOURNAL, "client", message, fix=fix)
    elif similar := _find_same_id(case.client_id, case.tables.clients[TABLE_ID_COLUMNS["clients"]]):
        message = f"`{case.client_id}` is almost the id of another client"
        fix = f"Did you mean `{similar}`? If not, choose an id that no program can take for it."
        yield Fault.error("client-id-like-another", JOURNAL, "client", message, fix=fix)
    elif not _is_usable_id(case.client_id):
        message = f"the id has over {MAX_ID_LETTERS} letters, begins like a formula, or means a missing cell"
        fix = "Choose a short id, such as `c0143`. A name is not an id: the journal keeps no names."
        yield Fault.error("client-id-not-usable", JOURNAL, "client", message, fix=fix)


def _find_same_id(one: str, ids: pd.Series) -> str:
    """Return the id that is this one but for case, signs and zeros, with the same numbers in it; empty for none."""

    def list_numbers(text: str) -> list[int]:
        return [int(digits) for digits in re.findall(r"[0-9]+", text)]

    return next(
        (
            str(other)
            for other in ids
            if normalize_id_spelling(str(other)) == normalize_id_spelling(one)
            and list_numbers(str(other)) == list_numbers(one)
        ),
        "",
    )


def _is_usable_id(one: str) -> bool:
    is_plain = len(one) <= MAX_ID_LETTERS and drop_invisible_characters(one) == one
    return is_plain and not has_formula_start(one) and not is_missing_word(one) and one != DEPARTED_THERAPIST_ID


def check_day(case: EventCase) -> Iterator[Fault]:
    """Check that the day of the event is not after today, and not before any record."""
    today = case.tables.as_of
    if case.on > today:
        message = f"{case.on} is after today, which is {today}"
        fix = "Record an event when it has happened."
        yield Fault.error("event-after-today", JOURNAL, "on", message, fix=fix)
    ahead = max(case.state.iterate_events(), key=lambda event: event.on, default=None)
    if ahead is not None and ahead.on > today:
        message = f"event {ahead.number} is of {ahead.on}, after today, which is {today}"
        fix = "Correct the clock of this machine, or `time_zone` or `as_of` under [clinic] in clinic.toml."
        yield Fault.error("journal-ahead-of-today", JOURNAL, "on", message, fix=fix)
    if case.on < FIRST_DAY:
        yield Fault.error("event-too-early", JOURNAL, "on", f"{case.on} is before {FIRST_DAY}", fix="Correct the year.")


def check_order(case: EventCase) -> Iterator[Fault]:
    """Check that the event is not before an earlier event that it follows."""
    followed = [name for name in case.type.needs if name != "client_added"]
    if case.type.name == "declined" and case.last_offer is not None:
        followed.append("offered")
    for name in followed:
        event = case.find_last(name)
        if event is not None and case.on < event.on:
            message = f"{case.on} is before {event.on}, the day of event {event.number} (`{name}`) of the same pair"
            fix = "Correct `--on`."
            yield Fault.error("event-before-another", JOURNAL, "on", message, fix=fix)


def check_reason(case: EventCase) -> Iterator[Fault]:
    """Check that the reason is one of the codes of the event, and of the side that gives it."""
    reason, reasons = case.fields.get("reason"), REASONS[case.type.name]
    sides = [case.fields["by"]] if "by" in case.fields else ["client", "therapist"]
    codes = list(dict.fromkeys(code for side in sides for code in list_codes_of_side(reasons, side)))
    if reason is not None and reason not in codes:
        fix = suggest_name(reason, codes)
        message = "`reason` is not one of the codes of this event"
        yield Fault.error("event-reason-unknown", JOURNAL, "reason", message, fix=fix)
