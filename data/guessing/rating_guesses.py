"""Guesses about ratings: raw items, the instrument, and columns with one session each, which are not read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from attune_fit.data.clinic.instruments import INSTRUMENTS, Instrument, normalize_instrument_name
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.folder_survey import SurveyedFile

MIN_ANSWERS = 100  # without any answer above 5, before a form is taken for one whose items end at 5
MIN_IN_RANGE = 0.95
_NUMBERED = re.compile(r"(?P<before>.*?\D)(?P<number>\d{1,2})")
_SESSIONS = re.compile(r"(?:s|session|sess|t|week|visit|time)[ _-]?", re.IGNORECASE)
MIN_WIDE = 3


@dataclass(frozen=True)
class ItemGuess:
    """Raw items of one instrument: the pattern of their headers, the headers, the instrument and the reason."""

    pattern: str
    headers: tuple[str, ...]
    instrument: Instrument
    is_sure: bool
    reason: str


def list_numbered_headers(headers: Iterable[str]) -> dict[str, dict[int, str]]:
    """Return headers that differ by a number at their end, by the text before it.

    >>> list_numbered_headers(["wai1", "wai2", "age"])
    {'wai': {1: 'wai1', 2: 'wai2'}}
    """
    found: dict[str, dict[int, str]] = {}
    for header in headers:
        if match := _NUMBERED.fullmatch(header.strip()):
            found.setdefault(match["before"], {})[int(match["number"])] = header
    return found


def find_items(file: SurveyedFile) -> ItemGuess | None:
    """Return the raw items of an instrument; None where no headers are numbered as its items are.

    Of two instruments with as many items, the one whose largest answer is the largest that occurs.
    """
    for before, numbered in list_numbered_headers(file.headers).items():
        name = normalize_instrument_name(before).rstrip("0123456789")
        if sorted(numbered) != list(range(1, len(numbered) + 1)) or any(
            f"{before}{number}" != header.strip() for number, header in numbered.items()
        ):
            continue
        columns = [file.get_evidence(header) for header in numbered.values()]
        n_answers = sum(column.n_known for column in columns)
        fits = [one for one in INSTRUMENTS if one.items == len(numbered) and _is_in_range(columns, one, n_answers)]
        named = [one for one in fits if name and _has_name(name, one)]
        if not named:
            continue
        best = min(named, key=lambda one: one.item_high)
        is_sure = len(named) == 1 or n_answers >= MIN_ANSWERS
        reason = f"{len(numbered)} items from {best.item_low:g} to {best.item_high:g}"
        return ItemGuess(f"{before}{{}}", tuple(numbered.values()), best, is_sure, reason)
    return None


def list_session_columns(headers: Iterable[str]) -> list[str]:
    """Return headers such as `s1` to `s10`: one column for each session.

    >>> list_session_columns(["id", "s1", "s2", "s3"])
    ['s1', 's2', 's3']
    """
    return [
        header
        for before, numbered in list_numbered_headers(headers).items()
        if len(numbered) >= MIN_WIDE and _SESSIONS.fullmatch(before)
        for header in numbered.values()
    ]


def list_possible_instruments(evidence: CellEvidence, header: str) -> tuple[list[str], bool]:
    """Return the instruments whose range holds the scores, and whether the header names the only one of them."""
    fits = [one for one in INSTRUMENTS if evidence.measure_range(one.low, one.high) >= MIN_IN_RANGE]
    words = normalize_instrument_name(header)
    named = [one.name for one in fits if words.startswith(normalize_instrument_name(one.name))]
    longest = max(named, key=len, default=None)  # `WAI-SR` begins like `WAI-S`
    return ([longest], True) if longest is not None else ([one.name for one in fits], False)


def _is_in_range(columns: list[CellEvidence], instrument: Instrument, n_answers: int) -> bool:
    low, high = instrument.item_low, instrument.item_high
    inside = sum(column.measure_range(low, high) * column.n_known for column in columns)
    return n_answers > 0 and inside >= MIN_IN_RANGE * n_answers


def _has_name(name: str, instrument: Instrument) -> bool:
    """Return whether letters before a number are the beginning of the name of an instrument."""
    full = normalize_instrument_name(instrument.name)
    return full.startswith(name) or name.startswith(full.rstrip("0123456789"))
