"""Checks of recorded scores: the instrument, its range, and that no score comes twice."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES, normalize_instrument_name
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import Fault
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.field_values import JOURNAL

SUM_FIX = "Correct the number. A sum of items is first divided by the number of items that were answered."


def find_instrument(case: EventCase) -> str | None:
    """Return the name of the score's instrument, as ``clinic.instruments`` spells it; None where it is not known.

    Without a name in the event it is that of ``tables.outcomes.instrument``, or the only one in the outcomes.
    """
    given = case.fields.get("instrument") or case.state.clinic.config.tables.outcomes.instrument
    if given is None:
        used = case.tables.outcomes["instrument"].dropna().unique()
        given = str(used[0]) if len(used) == 1 else ""
    names = {normalize_instrument_name(name): name for name in case.state.clinic.instruments}
    return names.get(normalize_instrument_name(given))


def check_instrument(case: EventCase) -> Iterator[Fault]:
    """Check that the instrument is known."""
    if find_instrument(case) is None:
        given = case.fields.get("instrument")
        message = "there is no such instrument" if given else "the event has to name the instrument"
        fix = f"Add `--instrument NAME`. {suggest_name(given or '', case.state.clinic.instruments)}"
        yield Fault.error("event-instrument-unknown", JOURNAL, "instrument", message, fix=fix)


def check_points(case: EventCase) -> Iterator[Fault]:
    """Check that the score and the scales are within the range of the instrument."""
    name = find_instrument(case)
    if name is None:
        return
    instrument = case.state.clinic.instruments[name]
    for scale in ("score", *ALLIANCE_SCALES):
        low, high = instrument.compute_bounds(None if scale == "score" else scale)
        if scale in case.fields and not low <= case.fields[scale] <= high:
            message = f"`{scale}` of {name} is from {low:g} to {high:g} points"
            yield Fault.error("event-score-out-of-range", JOURNAL, scale, message, fix=SUM_FIX)


def check_score_is_new(case: EventCase) -> Iterator[Fault]:
    """Check that no score of the pair has the same instrument and rater, and the same session or day."""
    name = find_instrument(case)
    if name is None or not {"session", "rater"} <= case.fields.keys():
        return
    records = case.records
    is_same = (records["instrument"] == name) & (records["rater"].fillna("client") == case.fields["rater"])
    on_day = records["measured_on"] == pd.Timestamp(case.on)
    is_same &= records["score"].notna() & ((records["session"] == case.fields["session"]) | on_day)
    if not is_same.any():
        return
    number = _find_number(case, name)
    place = f"event {number} has" if number else "the export has"
    message = f"{place} a score of {case.client_id} and {case.therapist_id} for this session or day already"
    fix = f"To correct it, undo event {number} and record it again." if number else "Correct it in the export."
    yield Fault.error("score-recorded-already", JOURNAL, "score", message, fix=fix)


def _find_number(case: EventCase, name: str) -> int:
    """Return the number of the event with the same score, 0 where the export has it."""
    for event in case.state.iterate_events("score_recorded"):
        is_same = (event.client_id, event.therapist_id) == case.pair and (
            event.fields.get("instrument"), event.fields.get("rater"),
        ) == (name, case.fields["rater"])  # fmt: skip
        if is_same and (event.fields.get("session") == case.fields["session"] or event.on == case.on):
            return event.number
    return 0
