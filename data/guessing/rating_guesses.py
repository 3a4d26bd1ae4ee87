"""Guesses about ratings: raw items, the instrument, and columns with one session each, which are not read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES, INSTRUMENTS, Instrument, normalize_instrument_name
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.header_clues import HEADER_CLUES
from attune_fit.data.guessing.header_scores import list_words, score_header

MIN_ANSWERS = 100  # without any answer above 5, before a form is taken for one whose items end at 5
MIN_IN_RANGE = 0.95
_NUMBERED = re.compile(r"(?P<before>.*?\D)(?P<number>\d{1,2})")
_SESSIONS = re.compile(r"(?:s|session|sess|t|week|visit|time)[ _-]?", re.IGNORECASE)
MIN_WIDE = 3
SRS_MARKS = (  # words of the four marks of the Session Rating Scale, from 0 to 10 each
    frozenset(("relationship",)),
    frozenset(("goal", "topic")),
    frozenset(("approach", "method")),
    frozenset(("overall",)),
)
SRS_ONLY = (0, 2)  # marks that no other questionnaire has
MIN_MARKS = 2
MARK_HIGH = 10.0
MIN_SCALE_HEADER = 0.9  # score of the words of a header that is a scale of the alliance
FILLERS_OF_MARKS = frozenset(
    ("srs", "session", "and", "or", "rating", "mark", "score", "the", "scale", "of", "v3", "3")
)
PART_WORDS = frozenset((  # of a header that is no total
    *("relationship", "goal", "task", "bond", "topic", "approach", "method", "item", "subscale", "question"),
))  # fmt: skip


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
        if (
            set(before) & set("{}")
            or sorted(numbered) != list(range(1, len(numbered) + 1))
            or any(f"{before}{number}" != header.strip() for number, header in numbered.items())
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


def list_total_parts(file: SurveyedFile, done: Collection[str]) -> list[str]:
    """Return headers that are parts of a total: the four marks of the SRS, and parts that name an instrument.

    Read as the total, one mark of 0 to 10 would be a very weak alliance.
    """
    parts, marks = [], dict[str, int]()
    for header in file.headers:
        words = frozenset(list_words(header))
        if header in done or not file.get_evidence(header).number_share:
            continue
        own = words - FILLERS_OF_MARKS
        mark = next((number for number, names in enumerate(SRS_MARKS) if own and own & names), None)
        if mark is not None and own <= frozenset[str]().union(*SRS_MARKS) and _is_mark(file.get_evidence(header)):
            marks[header] = mark
        elif words & PART_WORDS and is_total_header(header) and not _is_alliance_scale(header):
            parts.append(header)
    is_srs = len(set(marks.values())) >= MIN_MARKS and not {*marks.values()}.isdisjoint(SRS_ONLY)
    of_srs = [header for header in marks if is_srs or "srs" in list_words(header)]
    return [header for header in file.headers if header in {*parts, *of_srs}]


def is_total_header(header: str) -> bool:
    """Return whether a header has a word by which clinics call a total."""
    clue = next(clue for clue in HEADER_CLUES if (clue.table, clue.column) == ("outcomes", "score"))
    return score_header(header, clue.words) > 0


def _is_alliance_scale(header: str) -> bool:
    scales = [clue for clue in HEADER_CLUES if clue.table == "outcomes" and clue.column in ALLIANCE_SCALES]
    return any(score_header(header, clue.words) >= MIN_SCALE_HEADER for clue in scales)


def _is_mark(evidence: CellEvidence) -> bool:
    return evidence.measure_range(0.0, MARK_HIGH) >= MIN_IN_RANGE


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
