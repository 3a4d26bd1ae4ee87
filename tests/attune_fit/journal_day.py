"""A small day of events in the sample clinic, for the tests of the journal's verbs."""

from __future__ import annotations

import datetime as dt

import pytest

import attune_fit as af

CLIENT, OTHER, THERAPIST = "c0062", "c0065", "t13"  # t13 has one opening, and is on the list of both clients


def ids(error: pytest.ExceptionInfo[af.DataFault]) -> list[str]:
    """Ids of the faults of an error."""
    return [fault.id for fault in error.value.faults]


def record_day(clinic: af.Workspace) -> None:
    """Record four events: an offer, its decline by a typing error, which is undone, and an opening."""
    clinic.record("offered", client=CLIENT, therapist=THERAPIST, until=dt.date(2026, 1, 9), actor="ana")
    clinic.record("declined", client=CLIENT, therapist=THERAPIST, by="client", reason="no-answer", actor="ana")
    clinic.record("undone", number=2, because="wrong-entry", actor="ben")
    clinic.record("opening_set", therapist="t07", openings=2, on="2026-01-04", actor="ben")
