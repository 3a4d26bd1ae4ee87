"""Weekly times as people write them, such as `Mon AM` or `Thu 14:00-16:30`, become codes of half days or spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from attune_fit.data.reading.columns.time_words import DAYS, TimeToken, is_excluding, list_time_tokens

HALF_DAYS = {"am": (8 * 60, 12 * 60), "pm": (12 * 60, 17 * 60), "eve": (17 * 60, 21 * 60)}  # minutes of the day
FIRST_MINUTE, LAST_MINUTE = HALF_DAYS["am"][0], HALF_DAYS["eve"][1]  # what `before` and `after` reach
SESSION_MINUTES = 50  # a shorter time has no place for a session
EARLIEST_HOUR = 7  # a lower hour without am or pm is in the afternoon: no session is at 3 in the night
LATEST_MORNING = 9 * 60 + 30  # `7-9` can be in the morning or in the evening
WHOLE_DAY = ("am", "pm")
NOON, MIDNIGHT = 12 * 60, 24 * 60
AFTER, BEFORE = ">", "<"  # at the end of a span of which only the first or the last time is written


class TimesReading(NamedTuple):
    """What was read of one cell.

    Attributes
    ----------
    codes : tuple of str
        Half days such as ``mon-am``, and spans such as ``mon-0900-1230``; each once, in the order of the cell.
    is_complete : bool
        Whether every part of the cell was read.
    """

    codes: tuple[str, ...]
    is_complete: bool


@dataclass
class _Group:
    """Days with the times that belong to each of them, while a cell is read."""

    days: list[str] = field(default_factory=list)
    windows: list[str] = field(default_factory=list)
    begins_with_times: bool = False

    def list_codes(self, *, is_last: bool) -> Iterator[str]:
        """Yield the codes; days alone mean whole days where nothing that could be their time follows."""
        windows = _join_open_spans(self.windows) or (list(WHOLE_DAY) if is_last and not self.windows else [])
        yield from (f"{day}-{window}" for day in self.days for window in windows)


def _join_open_spans(windows: Sequence[str]) -> list[str]:
    """Return the times with `after 9` next to `before 12` as one span; `before 9` and `after 17` stay two.

    >>> _join_open_spans(["0900-2100>", "0800-1200<"]), _join_open_spans(["0800-0900<", "1700-2100>"])
    (['0900-1200'], ['0800-0900', '1700-2100'])
    """
    joined: list[str] = []
    for window in windows:
        before = joined[-1] if joined else ""
        if {before[-1:], window[-1]} == {AFTER, BEFORE}:
            first, last = (before, window) if window.endswith(BEFORE) else (window, before)
            start, end = first[:4], last.rstrip(BEFORE)[-4:]
            if start < end:
                joined[-1:] = (
                    [f"{start}-{end}"] if _count_minutes(end) - _count_minutes(start) >= SESSION_MINUTES else []
                )
                continue
        joined.append(window)
    return [window.rstrip(AFTER + BEFORE) for window in joined]


def read_times(pieces: Iterable[str], days: Sequence[str] = ()) -> TimesReading:
    """Return the weekly times in the pieces of one cell.

    Parameters
    ----------
    pieces : iterable of str
        The cell, split at its separator. Days and times go together across pieces: `Mon, Wed AM`, `Mon AM, PM`.
    days : sequence of str
        Days of the header of the cell, which a piece with times alone is about.

    Examples
    --------
    >>> read_times(["Mon", "Wed AM", "Thu 14:00-16:30"]).codes
    ('mon-am', 'wed-am', 'thu-1400-1630')
    >>> read_times(["Fri after 5pm", "perhaps Tue"])
    TimesReading(codes=('fri-1700-2100',), is_complete=False)
    """
    codes: dict[str, None] = {}
    is_complete, group = True, _Group(list(days))
    pieces = list(pieces)
    if any(map(is_excluding, pieces)):  # `weekdays, except Wed`: the rest of the cell is not what it seems
        return TimesReading((), is_complete=False)
    for piece in pieces:
        items = _list_items(piece)
        if items is None:
            is_complete = False
            codes |= dict.fromkeys(group.list_codes(is_last=False))
            group = _Group(list(days))
            continue
        for kind, names in items:
            if _begins_new_group(group, kind, days):
                codes |= dict.fromkeys(group.list_codes(is_last=False))
                group = _Group()
            if kind == "times" and not (group.days or group.windows):
                group.begins_with_times = True
            (group.days if kind == "days" else group.windows).extend(names)
    if group.windows == list(HALF_DAYS) and not group.days:  # `any time` without a day
        group.days = list(DAYS)
    is_complete = is_complete and bool(group.days or not group.windows)
    codes |= dict.fromkeys(group.list_codes(is_last=is_complete))
    return TimesReading(tuple(codes), is_complete and bool(codes or not pieces))


def _begins_new_group(group: _Group, kind: str, days: Sequence[str]) -> bool:
    """Return whether days after times, or times after days where times come first, are about something else."""
    is_full = bool(group.days and group.windows) and group.days != list(days)
    return is_full and (kind == "times") == group.begins_with_times


def _list_items(piece: str) -> list[tuple[str, list[str]]] | None:
    """Return the days and times of a piece, in order, as (``days`` or ``times``, names); None for another word.

    The name of a time is a half day, or its first and last minute of the day.
    """
    tokens = list_time_tokens(piece)
    if tokens is None:
        return None
    items: list[tuple[str, list[str]]] = []
    place = 0
    while place < len(tokens):
        found = _take_item(tokens, place)
        if found is None:
            return None
        item, place = found
        items.append(item)
    return _qualify_items(items)


def _qualify_items(items: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]] | None:
    """Return the items without a part of the day that only explains the clock times next to it: `morning 9-11`.

    None where the two exclude each other, as in `morning 18-20`. A word such as `and` makes them two times.
    """
    kept: list[tuple[str, list[str]]] = []
    for item in items:
        before = kept[-1] if kept else None
        if before is None or before[0] != "times" or item[0] != "times" or not (before[1] and item[1]):
            kept.append(item)
            continue
        parts, spans = sorted((before[1], item[1]), key=lambda names: names[0] not in HALF_DAYS)
        if not set(parts) <= set(HALF_DAYS) or set(spans) <= set(HALF_DAYS):
            kept.append(item)  # two spans, or two parts
        elif any(_overlaps(part, span) for part in parts for span in spans):
            kept[-1] = ("times", spans)
        else:
            return None
    return [item for item in kept if item[1]]


def _overlaps(part: str, span: str) -> bool:
    """Return whether a span has a place for a session in a part of the day."""
    first, last = map(_count_minutes, span.rstrip(AFTER + BEFORE).split("-"))
    return min(last, HALF_DAYS[part][1]) - max(first, HALF_DAYS[part][0]) >= SESSION_MINUTES


def _count_minutes(clock: str) -> int:
    """Return the minute of the day of a clock time in the name of a span, such as `0930`."""
    return 60 * int(clock[:2]) + int(clock[2:])


def _take_item(tokens: list[TimeToken], place: int) -> tuple[tuple[str, list[str]], int] | None:
    """Return the days or the time that begin at a place, and the place after them; None where that is no time."""
    token = tokens[place]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    after = tokens[place + 2] if place + 2 < len(tokens) else None
    is_range = following is not None and following.kind in ("dash", "to") and after is not None
    if token.kind == "any":
        return ("times", list(HALF_DAYS)), place + 1
    if token.kind == "days":
        if is_range and after is not None and after.kind == "days" and len(token.names) == len(after.names) == 1:
            return ("days", _list_day_range(token.names[0], after.names[0])), place + 3
        return ("days", list(token.names)), place + 1
    if token.kind == "parts":
        return ("times", list(token.names)), place + 1
    if token.kind == "dash":  # as in `tue-pm`
        return ("times", []), place + 1
    if token.kind == "link":
        return ("link", []), place + 1
    return _take_clock_item(tokens, place)


def _take_clock_item(tokens: list[TimeToken], place: int) -> tuple[tuple[str, list[str]], int] | None:
    """Return the span of clock times that begins at a place, as :func:`_take_item`."""
    token = tokens[place]
    kinds = [one.kind for one in tokens[place : place + 4]]
    if kinds[:4] == ["after", "clock", "to", "clock"] or kinds[:4] == ["after", "clock", "dash", "clock"]:
        span = _read_span(tokens[place + 1], tokens[place + 3])
        return None if span is None else (("times", [span]), place + 4)
    if kinds[:2] == ["after", "clock"]:
        return _mark_open(_build_item(_read_clock(tokens[place + 1]), LAST_MINUTE, place + 2), AFTER)
    if kinds[:2] in (["before", "clock"], ["to", "clock"]):
        return _mark_open(_build_item(FIRST_MINUTE, _read_clock(tokens[place + 1]), place + 2), BEFORE)
    if kinds[:3] in (["clock", "dash", "clock"], ["clock", "to", "clock"], ["clock", "before", "clock"]):
        span = _read_span(token, tokens[place + 2])
        return None if span is None else (("times", [span]), place + 3)
    if kinds[:1] == ["clock"]:
        start = _read_clock(token)
        return _build_item(start, None if start is None else start + 60, place + 1)
    return None


def _build_item(start: int | None, end: int | None, place: int) -> tuple[tuple[str, list[str]], int] | None:
    span = _format_span(start, end)
    return None if span is None else (("times", [span]), place)


def _mark_open(found: tuple[tuple[str, list[str]], int] | None, mark: str) -> tuple[tuple[str, list[str]], int] | None:
    """Return an item with the mark of a span that is open on one side."""
    if found is None:
        return None
    (kind, names), place = found
    return (kind, [f"{name}{mark}" for name in names]), place


def _list_day_range(first: str, last: str) -> list[str]:
    """Return the days from the first to the last, over the end of the week where the last is earlier."""
    start, stop = DAYS.index(first), DAYS.index(last)
    return [DAYS[number % len(DAYS)] for number in range(start, stop + 1 if stop >= start else stop + 1 + len(DAYS))]


def _read_clock(token: TimeToken, *, is_start: bool = True) -> int | None:
    """Return a clock time alone as a minute of the day; None where it could be in either half of the day."""
    hour_of_half = token.minutes % NOON
    if token.half in ("am", "pm"):
        return hour_of_half + (NOON if token.half == "pm" else 0) if token.minutes < NOON + 60 else None
    if token.half == "24" or token.minutes >= NOON:
        return token.minutes
    if token.minutes < 60 * EARLIEST_HOUR:
        return token.minutes + NOON
    return None if is_start and token.minutes < 60 * (EARLIEST_HOUR + 1) else token.minutes


def _read_span(first: TimeToken, last: TimeToken) -> str | None:
    """Return a span of two clock times; None where it could be in either half of the day, or is too short.

    Where one of them has am or pm, the other is as near to it as it can be: `10-2pm`, `9am-1`.
    """
    end = _read_clock(last, is_start=False)
    is_led = not first.half and last.half != ""  # `2-4pm`
    start = _read_start_before(first, end) if is_led else _read_span_start(first, last)
    if start is None or end is None:
        return None
    if end < start and first.half != "24" and last.half == "" and end < NOON:
        end += NOON
    return _format_span(start, end)


def _read_span_start(first: TimeToken, last: TimeToken) -> int | None:
    """Return the first time where the last one has no am or pm; `7-9` can be in the morning or in the evening."""
    is_open = not first.half and 60 * EARLIEST_HOUR <= first.minutes < 60 * (EARLIEST_HOUR + 1)
    if is_open and not last.half and first.minutes < last.minutes <= LATEST_MORNING:
        return None
    return first.minutes if is_open else _read_clock(first)


def _read_start_before(first: TimeToken, end: int | None) -> int | None:
    """Return the first time where only the last one shows its half of the day: the latest that is before it."""
    if end is None:
        return None
    hours = first.minutes % NOON
    return max((one for one in (hours, hours + NOON) if one < end), default=None)


def _format_span(start: int | None, end: int | None) -> str | None:
    """Return the name of a span; None where it has no place for a session.

    >>> _format_span(540, 750)
    '0900-1230'
    """
    if start is None or end is None or not 0 <= start <= end - SESSION_MINUTES or end > MIDNIGHT:
        return None
    return f"{start // 60:02}{start % 60:02}-{end // 60:02}{end % 60:02}"


def read_days(text: str) -> tuple[str, ...]:
    """Return the days of a text that has days alone; empty where it has times too, or another word.

    >>> read_days("Monday"), read_days("Mon AM")
    (('mon',), ())
    """
    items = _list_items(text) or []
    return tuple(day for _, days in items for day in days) if all(kind == "days" for kind, _ in items) else ()
