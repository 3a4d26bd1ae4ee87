"""Weekly times of therapists from FHIR: hours of their roles, and free slots of their calendars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.data.reading.fhir_clinic import Body, FhirFolder, build_practitioner, build_reference, build_role


@pytest.fixture
def clinic(tmp_path: Path) -> FhirFolder:
    """Return an empty clinic."""
    return FhirFolder(tmp_path)


def build_hours(start: str, end: str, *days: str) -> Body:
    """Return one entry of ``availableTime``."""
    return {"daysOfWeek": list(days), "availableStartTime": start, "availableEndTime": end}


def build_slot(name: str, start: str, end: str, **elements: Any) -> Body:
    """Return a free Slot of the calendar s."""
    free = {"resourceType": "Slot", "id": name, "status": "free", "schedule": {"reference": "Schedule/s"}}
    return {**free, "start": start, "end": end, **elements}


def build_schedule(**elements: Any) -> Body:
    """Return the calendar s of therapist t."""
    return {"resourceType": "Schedule", "id": "s", "actor": [build_reference("Practitioner", "t")]} | elements


@pytest.mark.parametrize(
    ("hours", "codes"),
    [
        ([build_hours("09:00:00", "11:00:00", "mon", "wed")], "mon-09|mon-09:30|mon-10|wed-09"),
        ([build_hours("01:00:00", "02:00:00", "sun")], "sun-01"),
        ([{"daysOfWeek": ["tue"], "allDay": True}], "tue-00"),
        ([], None),
    ],
)
def test_hours_become_the_starts_of_sessions(clinic: FhirFolder, hours: list[Body], codes: str | None) -> None:
    clinic.put_people(build_role("r", "t", availableTime=hours))
    cell = clinic.get_therapist("availability")
    assert (
        cell is None if codes is None else set(cell.split("|")) >= {one for one in codes.split("|") if ":" not in one}
    )


@pytest.mark.parametrize(
    "hours",
    [
        build_hours("09:00:00", "11:00:00"),
        {"availableStartTime": "09:00:00", "availableEndTime": "11:00:00"},
        build_hours("11:00:00", "09:00:00", "mon"),
        build_hours("9 o'clock", "11:00:00", "mon"),
        build_hours("09:00:00", "11:00:00", "monday"),
    ],
)
def test_hours_that_cannot_be_read_set_the_therapist_aside(clinic: FhirFolder, hours: Body) -> None:
    good = build_hours("09:00:00", "11:00:00", "mon")
    clinic.put_people(
        *(build_practitioner(name) for name in "tu"),
        build_role("r1", "t", availableTime=[good, hours]),
        build_role("r2", "u", availableTime=[good]),
    )
    assert clinic.list_aside() == {"fhir-hours-unclear": ("t",)}


def test_free_slots_give_the_times_of_who_has_no_hours(clinic: FhirFolder) -> None:
    clinic.put_people(
        build_schedule(),
        build_slot("1", "2026-06-22T09:00:00-04:00", "2026-06-22T10:00:00-04:00"),
        build_slot("2", "2026-06-23T09:00:00-04:00", "2026-06-23T10:00:00-04:00", status="busy"),
        build_slot("3", "2026-06-03T09:00:00-04:00", "2026-06-03T10:00:00-04:00"),
        build_slot("4", "2026-06-25T23:00:00-04:00", "2026-06-26T00:00:00-04:00"),
    )
    assert clinic.get_therapist("availability") == "mon-09|thu-23"
    clinic.put(build_role("r", "t", availableTime=[build_hours("14:00:00", "15:00:00", "fri")]))
    assert clinic.get_therapist("availability") == "fri-14"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-06-22T13:00:00Z", "2026-06-22T14:00:00Z"),
        ("2026-06-22T13:00:00", "2026-06-22T14:00:00"),
        ("next week", "2026-06-22T14:00:00-04:00"),
        ("2026-06-22T14:00:00-04:00", "2026-06-22T13:00:00-04:00"),
    ],
)
def test_slots_without_a_local_time_are_not_read(clinic: FhirFolder, start: str, end: str) -> None:
    clinic.put_people(build_schedule(), build_slot("1", start, end))
    assert clinic.get_therapist("availability") is None
    assert "fhir-slot-without-local-time" in clinic.list_ids()


def test_a_calendar_that_is_not_active_has_no_slots(clinic: FhirFolder) -> None:
    slot = build_slot("1", "2026-06-22T09:00:00-04:00", "2026-06-22T10:00:00-04:00")
    clinic.put_people(build_schedule(active=False), slot)
    assert clinic.get_therapist("availability") is None
