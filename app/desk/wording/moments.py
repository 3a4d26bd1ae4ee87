"""Times of events, in the time zone of the clinic."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def format_moment(at: str, time_zone: str = "", *, today: dt.date | None = None) -> str:
    """Return the time of an event as people write it; without a day where it is of today.

    Parameters
    ----------
    at : str
        ISO, with a time zone.
    time_zone : str
        Of the clinic; empty for that of this machine.
    today : date, optional
        Default: the day is always written.

    Examples
    --------
    >>> format_moment("2026-06-15T08:31:12+00:00", "Europe/Berlin")
    '15 June 2026, 10:31'
    >>> format_moment("2026-06-15T08:31:12+00:00", "Europe/Berlin", today=dt.date(2026, 6, 15))
    'today, 10:31'
    """
    moment = dt.datetime.fromisoformat(at).astimezone(ZoneInfo(time_zone) if time_zone else None)
    day = "today" if moment.date() == today else f"{moment.day} {moment:%B} {moment.year}"
    return f"{day}, {moment:%H:%M}"
