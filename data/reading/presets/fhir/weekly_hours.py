"""Weekly times of therapists, from the hours of their roles and from the free slots of their calendars."""

from __future__ import annotations

import datetime as dt
import re

from attune_fit.data.reading.presets.fhir.fhir_elements import (
    Element,
    find_element,
    find_flag,
    find_text,
    list_elements,
)
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # http://hl7.org/fhir/R4/valueset-days-of-week.html
WHOLE_DAY = ("00:00", "24:00")
_TIME = re.compile(r"([01]\d|2[0-4]):[0-5]\d(:\d\d(\.\d+)?)?$", re.ASCII)


def list_role_times(role: Element) -> list[str]:
    """Return the times of a role, such as ``mon 09:00-12:30``; an empty text for hours that cannot be read.

    Hours without days are such hours: whether they are meant for every day is not known.
    """
    return [time for one in list_elements(role, "availableTime") for time in _list_times(one)]


def _list_times(hours: Element) -> list[str]:
    days = hours.get("daysOfWeek")
    days = days if isinstance(days, list) and days else [days]
    start, end = find_text(hours, "availableStartTime"), find_text(hours, "availableEndTime")
    if find_flag(hours, "allDay"):
        start, end = WHOLE_DAY
    if not (_TIME.match(start) and _TIME.match(end) and start < end):
        return [""]
    return [f"{day} {start[:5]}-{end[:5]}" if day in DAYS else "" for day in days]


def list_slot_times(store: ResourceStore) -> tuple[dict[str, list[str]], int]:
    """Return the weekly times of free slots, by id of the practitioner, and how many slots have no local time.

    A slot in UTC, with a ``Z``, shows no local time. Slots that began before the day of the tables do not count.
    """
    owners = {
        one.id: store.list_practitioner_ids(list_elements(one.body, "actor"))
        for one in store.list_kind("Schedule")
        if find_flag(one.body, "active") is not False
    }
    times, n_unread = dict[str, list[str]](), 0
    for one in store.list_kind("Slot"):
        if find_text(one.body, "status") != "free":
            continue
        time = _find_local_time(find_text(one.body, "start"), find_text(one.body, "end"), store.day)
        n_unread += time is None
        for owner in owners.get(store.find_id(find_element(one.body, "schedule"), "Schedule"), ()) if time else ():
            times.setdefault(owner, []).append(str(time))
    return times, n_unread


def _find_local_time(start: str, end: str, day: dt.date) -> str | None:
    """Return the weekday and the hours of a slot; empty for one that is past, None where it has no local time."""
    try:
        first, last = dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)
    except ValueError:
        return None
    if start.endswith("Z") or first.tzinfo is None or last <= first or last - first > dt.timedelta(days=1):
        return None
    if first.date() < day:
        return ""
    if last.date() != first.date():
        return f"{DAYS[first.weekday()]} {first:%H:%M}-24:00"
    return f"{DAYS[first.weekday()]} {first:%H:%M}-{last:%H:%M}"
