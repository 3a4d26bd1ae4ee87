"""Evidence in cells: what the cells of one column are, without keeping any of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code, parse_dates, parse_number
from attune_fit.data.guessing.words.word_meanings import OWN_WORDS, REFUSAL_WORDS, WORD_MEANINGS
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.columns.time_words import list_time_tokens
from attune_fit.data.reading.columns.weekly_times import read_times
from attune_fit.data.yes_no_marks import SLOT_MARKS, YES_NO_MARKS, parse_mark

ISO = ""  # ISO 8601, which needs no form
DATE_FORMS = (
    *(ISO, "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y"),
    *("%d-%m-%y", "%m-%d-%y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d"),
)
YEAR_FORM = "%Y"
YEARS = (1900, 2100)  # of a date that can be meant
MIN_DATES = 0.9  # share of known cells that are dates in a form
SET_MARKS = (";", "|", ",", "\n", "/")  # what joins the members of a set, the clearest first
MIN_LANGUAGES = 0.75  # share of members that are usual languages: `English/Spanish` is two of them
CLEAR_MARKS = (";", "|", "\n")  # no code of a clinic holds one of these
MIN_ROWS_SHOWN = 5  # rows in which a word has to be before it is written or shown: rarer ones can mean one person
MAX_CODE_LETTERS = 40
MAX_CODES, MAX_CODE_SHARE = 40, 0.5  # distinct ones in a column of codes: a number, or a share of the known cells
FORMAT_WORDS = frozenset((  # ways to meet: between two of them, a mark is one
    *OWN_WORDS["formats"],
    *(normalize_code(word) for family in WORD_MEANINGS["formats"] for word in family),
))  # fmt: skip
MIN_TIMES = 0.95  # share of known cells that are weekly times
SEARCHED_CELLS = 200  # distinct ones, to see whether a column can hold dates
_LIKE_DATE = re.compile(r"\d.*[-/., ].*\d|\d{8}")
_WISH = re.compile(r"(?P<value>.*\S)\s*\((?P<strength>[^()]+)\)\s*")
MIN_LETTERS_OF_DAY = 2  # of a cell with a day: `di` alone can mean much else
WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wed|thur?s?|fri|sat|sun)(?:day)?s?(?=\b|_|\d)"
    r"|\b(?:mo|di|mi|do|fr|ma|wo|vr|lu|me|je|ve|mie|jue|vie)[-_. ]+"
    r"(?:am|pm|vm|nm|vorm|nachm|abend|ochtend|middag|avond|matin|apr|soir|ma\u00f1|tarde)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CellEvidence:
    """What the cells of one column are.

    Attributes
    ----------
    cells : Series of str
        The cells of the column, missing where empty.
    decimal : str
        The decimal mark of the file.
    """

    cells: pd.Series
    decimal: str = "."

    @cached_property
    def counts(self) -> Counter[str]:
        """Rows of each distinct known cell; words for a missing cell are none."""
        texts = (text.strip() for text in self.cells.dropna().tolist())
        return Counter(text for text in texts if text and not is_missing_word(text) and not is_refusal(text))

    @cached_property
    def n_known(self) -> int:
        """Number of known cells."""
        return sum(self.counts.values())

    @cached_property
    def numbers(self) -> Counter[float]:
        """Rows of each distinct number."""
        found: Counter[float] = Counter()
        for text, count in self.counts.items():
            value = parse_number(text, self.decimal)
            if value == value:  # not NaN
                found[value] += count
        return found

    @cached_property
    def number_share(self) -> float:
        """Share of known cells that are numbers, in [0, 1]."""
        return sum(self.numbers.values()) / self.n_known if self.n_known else 0.0

    @cached_property
    def ids(self) -> frozenset[str]:
        """The distinct known cells."""
        return frozenset(self.counts)

    @cached_property
    def is_counter(self) -> bool:
        """Whether the cells are 1, 2, 3 and so on, from row to row: such numbers name rows, and no people."""
        cells = self.cells.dropna().tolist()
        return len(cells) > 1 and cells == [str(number) for number in range(1, len(cells) + 1)]

    @cached_property
    def distinct_share(self) -> float:
        """Distinct known cells for each known cell, in [0, 1]."""
        return len(self.counts) / self.n_known if self.n_known else 0.0

    def measure_range(self, low: float, high: float) -> float:
        """Return the share of known cells that are numbers from ``low`` to ``high``."""
        inside = sum(count for value, count in self.numbers.items() if low <= value <= high)
        return inside / self.n_known if self.n_known else 0.0

    @cached_property
    def date_forms(self) -> tuple[str, ...]:
        """The forms in which nearly all known cells are dates; ISO 8601 is empty text."""
        if not self.n_known or (self.number_share > 0.5 and not self._has_compact_dates()):
            return ()
        top = [_LIKE_DATE.search(text) is not None for text in list(self.counts)[:SEARCHED_CELLS]]
        if sum(top) < 0.5 * len(top):  # nearly every column: each form costs a pass over its cells
            return ()
        texts = pd.Series(list(self.counts), dtype="str")
        weights = pd.Series(list(self.counts.values()))
        found = []
        for form in DATE_FORMS:
            days = parse_dates(texts, form or None)
            good = days.notna() & days.dt.year.between(*YEARS)
            if weights[good].sum() / self.n_known >= MIN_DATES:
                found.append(form)
        return (ISO,) if ISO in found else tuple(found)

    def _has_compact_dates(self) -> bool:
        return self.measure_range(19_000_101, 21_001_231) >= MIN_DATES

    @cached_property
    def is_year(self) -> bool:
        """Whether nearly all known cells are years of birth."""
        return self.measure_range(1900, 2025) >= MIN_DATES

    @cached_property
    def mark_share(self) -> float:
        """Share of known cells that are marks for yes and no."""
        marks = {**YES_NO_MARKS, **SLOT_MARKS}
        found = sum(count for text, count in self.counts.items() if parse_mark(text, marks))
        return found / self.n_known if self.n_known else 0.0

    @cached_property
    def set_mark(self) -> str | None:
        """The mark between the members of a set; None where no mark joins words that also occur in other cells."""
        for mark in SET_MARKS:
            joined = [text for text in self.counts if mark in text]
            if not joined:
                continue
            if mark in CLEAR_MARKS:
                return mark
            members = Counter(
                normalize_code(part) for text in self.counts for part in set(text.split(mark)) if part.strip()
            )
            parts = [normalize_code(part) for text in joined for part in text.split(mark) if part.strip()]
            is_known = [members[part] > 1 or part in FORMAT_WORDS or bool(WEEKDAY.search(part)) for part in parts]
            again = sum(is_known) / max(len(parts), 1)
            languages = sum(part in OWN_WORDS["languages"] for part in parts) / max(len(parts), 1)
            has_space = all(f" {mark} " in text for text in joined)
            if again >= (0.5 if mark != "/" or has_space else 0.9) or languages >= MIN_LANGUAGES:
                return mark
        return None

    @cached_property
    def members(self) -> Counter[str]:
        """Rows of each member of a set as a code, or of each cell where no mark joins members."""
        return self.count_members(self.set_mark)

    def count_members(self, separator: str | None) -> Counter[str]:
        """Return the rows of each member of a set as a code, or of each cell where there is no separator."""
        found: Counter[str] = Counter()
        for text, count in self.counts.items():
            for part in {normalize_code(part) for part in (text.split(separator) if separator else [text])}:
                if part:
                    found[part] += count
        return found

    @cached_property
    def weekday_share(self) -> float:
        """Share of known cells that name a day of the week."""
        texts = list(self.counts)[:SEARCHED_CELLS]
        if sum(map(_names_weekday, texts)) < 0.5 * len(texts):
            return 0.0  # nearly every column
        found = sum(count for text, count in self.counts.items() if _names_weekday(text))
        return found / self.n_known if self.n_known else 0.0

    @cached_property
    def times_mark(self) -> str | None:
        """The mark between weekly times with which nearly all cells are read; empty for none, None where none does."""
        for mark in (*SET_MARKS, ""):
            pieces = {text: text.split(mark) if mark else [text] for text in self.counts if mark in text}
            if not pieces or (mark and all(len(list(filter(str.strip, one))) < 2 for one in pieces.values())):
                continue
            read = sum(count for text, count in self.counts.items() if read_times(pieces.get(text, [text])).is_complete)
            if read >= MIN_TIMES * self.n_known:
                return mark
        return None

    @cached_property
    def has_code_lengths(self) -> bool:
        """Whether the cells are short and few enough to be codes, not free text."""
        members = self.members
        short = sum(count for text, count in members.items() if len(text) <= MAX_CODE_LETTERS)
        return short >= MIN_DATES * sum(members.values()) and len(members) <= max(
            MAX_CODES, MAX_CODE_SHARE * self.n_known
        )

    @cached_property
    def strengths(self) -> Counter[str]:
        """Rows of each word in the brackets at the end of a cell, such as `required` of `F (required)`."""
        found: Counter[str] = Counter()
        for text, count in self.counts.items():
            if match := _WISH.fullmatch(text):
                found[match["strength"].strip()] += count
        return found

    def list_strength_rows(self) -> dict[str, set[int]]:
        """Return the places of the rows of each word of :attr:`strengths`: a client can have it in several columns."""
        found: dict[str, set[int]] = {}
        for place, cell in enumerate(self.cells.tolist()):
            match = _WISH.fullmatch(cell.strip()) if isinstance(cell, str) else None
            if match and match["strength"].strip() in self.strengths:
                found.setdefault(match["strength"].strip(), set()).add(place)
        return found

    @cached_property
    def refusals(self) -> Counter[str]:
        """Rows of each word by which people or programs give no answer, as a code."""
        texts: Counter[str] = Counter(map(normalize_code, self.cells.dropna().tolist()))
        is_number = self.number_share > 0.5 or bool(self.date_forms)
        words = {text: count for text, count in texts.items() if text}
        return Counter(
            {
                text: count
                for text, count in words.items()
                if is_refusal(text) or (not is_number and is_missing_word(text))
            }
        )


def _names_weekday(text: str) -> bool:
    """Return whether a cell names a day of the week: in any form, or as nothing but a weekly time."""
    if WEEKDAY.search(text):
        return True
    tokens = list_time_tokens(text) if len(text) > MIN_LETTERS_OF_DAY else None
    return tokens is not None and any(token.kind == "days" for token in tokens)


def is_refusal(text: str) -> bool:
    """Return whether a cell is one of :data:`REFUSAL_WORDS`."""
    return normalize_code(text) in REFUSAL_WORDS


def choose_date_form(columns: Sequence[CellEvidence]) -> tuple[str, ...]:
    """Return the date forms that all columns of dates share, the first first; none where no form fits all."""
    shared: Iterable[str] | None = None
    for column in columns:
        shared = column.date_forms if shared is None else [form for form in shared if form in column.date_forms]
    return tuple(shared or ())
