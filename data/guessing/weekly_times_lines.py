"""Lines of weekly times: words such as `Mon AM` in the cells of clients and therapists are read as times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_guesses import TableGuess
from attune_fit.data.reading.columns.weekly_times import read_times

AVAILABILITY = "availability"
_CODE = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)-(?:am|pm|eve)")


def settle_times(tables: Iterable[TableGuess]) -> None:
    """Read the availability as weekly times where that of each table can be read so.

    Codes that are Attune's own, such as ``mon-am``, stay as they are. So do those of both tables where one has words
    that are no times: half of the codes would have another form than the others.

    Parameters
    ----------
    tables : iterable of TableGuess
        Their ``columns`` and ``guesses`` change.
    """
    people = [table for table in tables if table.table in TABLE_ID_COLUMNS and AVAILABILITY in table.columns]
    states = [_describe_times(table) for table in people]
    if not people or None in states:
        return
    for table, state in zip(people, states, strict=True):
        if state == "times":
            _write_times(table)


def _describe_times(table: TableGuess) -> str | None:
    """Return ``times`` for words that are read as times, ``codes`` for Attune's own, None for anything else."""
    value = table.columns[AVAILABILITY]
    if isinstance(value, dict) and "slots" in value:
        slots = _list_slot_names(table, value["slots"])
        return _describe_slots(slots)
    if isinstance(value, dict) and "file" in value:
        return None
    evidence = table.role.file.get_evidence(table.chosen[AVAILABILITY].header)
    mark = evidence.times_mark
    if _has_own_codes(evidence):
        return "codes"
    return "times" if mark is not None else None


def _describe_slots(slots: list[str]) -> str | None:
    if slots and all(_CODE.fullmatch(normalize_code(slot)) for slot in slots):
        return "codes"
    is_read = slots and all((found := read_times([slot])).is_complete and found.codes for slot in slots)
    return "times" if is_read else None


def _list_slot_names(table: TableGuess, slots: str | list[str]) -> list[str]:
    """Return the texts of headers that name a slot: what the star of a pattern matches, or the whole header."""
    if isinstance(slots, list):
        return slots
    before, _, after = map(normalize_code, slots.partition("*"))
    headers = map(normalize_code, table.role.file.headers)
    return [
        header.removeprefix(before).removesuffix(after).strip()
        for header in headers
        if header.startswith(before) and header.endswith(after)
    ]


def _has_own_codes(evidence: CellEvidence) -> bool:
    return all(_CODE.fullmatch(member) for member in evidence.count_members(evidence.times_mark or evidence.set_mark))


def _write_times(table: TableGuess) -> None:
    """Write that the cells are times, with the mark between them."""
    value = table.columns[AVAILABILITY]
    details: dict[str, Any] = dict(value) if isinstance(value, dict) else {"from": value}
    if "slots" not in details:
        mark = table.role.file.get_evidence(table.chosen[AVAILABILITY].header).times_mark
        details.pop("split", None)
        details |= {"split": mark} if mark not in ("", None, table.set_separator) else {}
    details["times"] = True
    table.columns[AVAILABILITY] = details
    table.guesses = [
        guess if guess.column != AVAILABILITY or guess.value is None else replace(guess, value=details)
        for guess in table.guesses
    ]
