"""The day of the tables: ``as_of`` of ``clinic.toml``, or today in the clinic's time zone."""

from __future__ import annotations

import datetime as dt
import difflib
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config

MIN_SIMILARITY = 0.8  # of a time zone that is proposed, as in difflib
TableDay = dt.date | Literal["latest"] | None  # see read_tables


def find_today(config: Config, now: dt.datetime | None = None) -> dt.date:
    """Return the day on which the clinic works: ``as_of`` where ``clinic.toml`` sets it, else that of ``now``."""
    return config.clinic.as_of or find_current_day(config, now)


def find_current_day(config: Config, now: dt.datetime | None = None) -> dt.date:
    """Return the day on the clinic's calendar, without regard to ``as_of``.

    Parameters
    ----------
    config : Config
        Its ``time_zone`` decides which day it is; without one, the time zone of this machine does.
    now : datetime, optional
        With its time zone. The current time when None.
    """
    zone = ZoneInfo(config.clinic.time_zone) if config.clinic.time_zone else None
    return (now or dt.datetime.now(dt.UTC)).astimezone(zone).date()


def check_time_zone(name: str) -> str:
    """Return the name of a time zone as it was given, if this machine knows it, or if it is empty.

    Raises
    ------
    ValueError
        If not; with the name that is most like it.
    """
    try:
        if name:
            ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no path within the database; a folder of it; no such zone
        zones = sorted(zone for zone in available_timezones() if "/" in zone)
        if not zones:
            raise ValueError("this machine has no list of time zones: run `pip install tzdata`") from None
        known = {short: zone for zone in zones for short in (zone.rpartition("/")[2].casefold(), zone.casefold())}
        like = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=MIN_SIMILARITY)
        example = f"did you mean `{known[like[0]]}`?" if like else "write one such as `Europe/Berlin`"
        raise ValueError(f"this is not a time zone that this machine knows: {example}") from None
    return name
