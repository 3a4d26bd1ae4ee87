"""Weekly times of both tables in the same codes: half days, or the starts of sessions where any table has hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from attune_fit.data.cell_parsing import SET_SEPARATOR, list_distinct, map_distinct
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.reading.columns.source_file import SourceFile
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.columns.time_words import DAYS
from attune_fit.data.reading.columns.weekly_times import HALF_DAYS, SESSION_MINUTES

Span = tuple[int, int]  # first and last minute of the week, from Monday at 0:00
DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"([a-z]{3})-(\d\d)(\d\d)-(\d\d)(\d\d)")


def match_times(sources: Mapping[str, SourceFile], tables: Mapping[str, MappedTable]) -> dict[str, MappedTable]:
    """Return the tables with the weekly times of clients and therapists in codes that can be compared.

    Where no table has a clock time, the codes are half days such as ``mon-am``. Else each becomes the starts of the
    sessions that fit into it, such as ``mon-09`` or ``mon-09:30``: half days too, by :data:`HALF_DAYS`. Two people
    share a code if and only if both are free for the same :data:`SESSION_MINUTES`.

    Parameters
    ----------
    sources : mapping of str to SourceFile
        The files, by table. A column with ``times`` in one of them is changed in both tables.
    tables : mapping of str to MappedTable
        Their columns as read, by table.
    """
    aligned = dict(tables)
    names = {name for source in sources.values() for name, column in source.mapping.columns.items() if column.times}
    for name in sorted(names):
        owners = [table for table in TABLE_ID_COLUMNS if table in tables and name in tables[table].frame]
        cells = {table: tables[table].frame[name] for table in owners}
        members = {one for column in cells.values() for text in list_distinct(column) for one in _split(text)}
        if any(_SPAN.fullmatch(one) for one in members):
            starts = _list_starts(members)
            for table in owners:
                codes = map_distinct(cells[table], partial(_convert_cell, starts=starts))
                aligned[table] = replace(aligned[table], frame=aligned[table].frame.assign(**{name: codes}))
    return aligned


def _split(text: str) -> list[str]:
    return str(text).split(SET_SEPARATOR)


def _find_span(code: str) -> Span | None:
    """Return the minutes of a half day or a span; None for any other code.

    >>> _find_span("tue-am"), _find_span("tue-0900-1000"), _find_span("by phone")
    ((1920, 2160), (1980, 2040), None)
    """
    found = _SPAN.fullmatch(code)
    day, _, part = code.partition("-")
    if found is None and not (day in DAYS and part in HALF_DAYS):
        return None
    first, last = HALF_DAYS[part] if found is None else (60 * int(found[2]) + int(found[3]),
                                                         60 * int(found[4]) + int(found[5]))  # fmt: skip
    return DAYS.index(day) * DAY_MINUTES + first, DAYS.index(day) * DAY_MINUTES + last


def _merge_spans(codes: Iterable[str]) -> list[Span]:
    """Return the spans of codes, those that touch as one, in the order of the week."""
    merged: list[Span] = []
    for start, end in sorted(span for span in map(_find_span, codes) if span is not None):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _list_starts(codes: Iterable[str]) -> list[int]:
    """Return the minutes of the week at which a session can begin: each full hour, and each start of a span.

    Two spans share a session if and only if they share one that begins where the later of them begins.
    """
    spans = [span for span in map(_find_span, codes) if span is not None]
    hours = range(0, len(DAYS) * DAY_MINUTES, 60)
    return sorted({*hours, *(start for start, _ in spans)})


def _convert_cell(text: str, starts: list[int]) -> str | None:
    """Return the starts of sessions in a cell, then its codes that are no times."""
    codes = _split(text)
    spans = _merge_spans(codes)
    fitting = [one for one in starts if any(start <= one <= end - SESSION_MINUTES for start, end in spans)]
    others = [code for code in codes if _find_span(code) is None]
    return SET_SEPARATOR.join((*map(_format_start, fitting), *others)) or None


def _format_start(minute: int) -> str:
    """Return the code of a session that begins at a minute of the week.

    >>> _format_start(540), _format_start(1440 + 570)
    ('mon-09', 'tue-09:30')
    """
    day, rest = divmod(minute, DAY_MINUTES)
    return f"{DAYS[day]}-{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
