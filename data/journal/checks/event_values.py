"""Values of cells that an event sets: what a person typed becomes the value that a table of the clinic can hold."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code, normalize_text
from attune_fit.data.clinic.columns import Kind, list_columns
from attune_fit.data.clinic.settings import FIRST_DAY, LAST_DAY
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import Fault
from attune_fit.data.journal.checks.field_values import JOURNAL, parse_day, parse_typed_number
from attune_fit.data.journal.events.event_columns import (
    PERSON_TABLES,
    ROSTER_COLUMNS,
    RecordableColumn,
    list_known_codes,
    list_recordable_columns,
)
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.checks.similar_spelling import find_misspelling, suggest_code
from attune_fit.data.reading.checks.validation import AGE_BOUNDS
from attune_fit.data.reading.columns.code_mapping import CodeBook, build_code_book
from attune_fit.data.reading.columns.limit_codes import LimitCodes, list_codes, list_limit_pairs
from attune_fit.data.yes_no_marks import YES_NO_MARKS, parse_mark

if TYPE_CHECKING:
    from attune_fit.data.journal.journal_state import JournalState

MAX_CODE_WORDS, MAX_CODE_LETTERS = 3, 40  # a longer text is no code: it can be about a person
_CODE = re.compile(r"\w[\w '+&./-]*")  # no sign that separates the members of a set in any program
NEW_CODE = "Add `--new-code` if it is a new one."
MAX_CODES_LISTED = 10  # in one message

Cell = str | int | float | None  # of a stored event


@dataclass(frozen=True)
class CellReader:
    """Reads the cells of one table as they are typed.

    Attributes
    ----------
    state : JournalState
        The codes that are known, and today.
    table : {"clients", "therapists"}
    new_codes : bool
        Whether a code can be one that no one has yet.
    """

    state: JournalState
    table: str
    new_codes: bool = False

    @cached_property
    def columns(self) -> dict[str, RecordableColumn]:
        """The columns that an event can set, by name."""
        return list_recordable_columns(self.state.clinic, self.state.tables, self.table)

    def read_cells(self, given: Mapping[str, Any], faults: list[Fault]) -> dict[str, Cell]:
        """Return the cells by column, sorted; add every fault to ``faults`` and leave its cell out.

        Parameters
        ----------
        given : mapping of str to value
            By column, without regard to case: text as typed, a number, a date, or a list for a set. None and an empty
            text mean unknown.
        faults : list of Fault
            Gets an error for each cell that cannot be read.

        Returns
        -------
        dict of str to value
            Numbers as int or float, days as ISO text, sets as ``a|b``, codes as Attune spells them; None for unknown.
        """
        cells: dict[str, Cell] = {}
        for typed, entry in given.items():
            column = self._find_column(typed)
            found = column if isinstance(column, Fault) else self.read_cell(column, entry)
            if isinstance(found, Fault):
                faults.append(found)
            elif isinstance(column, RecordableColumn):
                if column.name in cells:
                    message, fix = "the column is named twice", "Name each column once."
                    faults.append(Fault.error("event-column-twice", JOURNAL, column.name, message, fix=fix))
                cells[column.name] = found
        return dict(sorted(cells.items()))

    def _find_column(self, typed: str) -> RecordableColumn | Fault:
        name = normalize_code(typed)
        known = {normalize_code(one): one for one in self.columns}
        if name in known:
            return self.columns[known[name]]
        if name in ROSTER_COLUMNS:
            message = "the number of openings and the day of the check have events of their own"
            fix = "Record `opening_set`, or `roster_checked` with `--openings`."
            return Fault.error("event-column-of-roster", JOURNAL, name, message, fix=fix)
        others = {normalize_code(str(one)) for one in getattr(self.state.tables, self.table).columns}
        if name in others - set(list_columns(self.table)):
            message = "the journal keeps only columns that `clinic.toml` declares or uses"
            fix = f"Declare it with `kind` under [tables.{self.table}.columns], if it holds no names and no texts."
            return Fault.error("event-column-not-declared", JOURNAL, typed, message, fix=fix)
        message, fix = f"no event can set a column of this name in {self.table}", suggest_name(name, self.columns)
        return Fault.error("event-column-unknown", JOURNAL, typed, message, fix=fix)

    def read_cell(self, column: RecordableColumn, entry: Any) -> Cell | Fault:
        """Return one cell as its column holds it, None for unknown; an error where it cannot be read."""
        if entry is None or (isinstance(entry, str) and not normalize_text(entry)):
            return None
        return KIND_READERS[column.kind](self, column, entry)

    def _read_number(self, column: RecordableColumn, entry: Any) -> Cell | Fault:
        number = parse_typed_number(entry)
        if not math.isfinite(number):
            message, fix = "not a number", "Write digits, with a point as decimal mark; leave it empty for unknown."
            return Fault.error("event-cell-not-a-number", JOURNAL, column.name, message, fix=fix)
        limits = column.canonical
        low = -math.inf if limits is None or limits.low is None else limits.low
        high = math.inf if limits is None or limits.high is None else limits.high
        if not low <= number <= high:
            unit = "" if limits is None else limits.description
            message, fix = f"not between {low:g} and {high:g}", f"Correct the number. {unit}".strip()
            return Fault.error("event-cell-out-of-range", JOURNAL, column.name, message, fix=fix)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number

    def _read_date(self, column: RecordableColumn, entry: Any) -> Cell | Fault:
        day = parse_day(entry.date() if isinstance(entry, dt.datetime) else entry)
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            message, fix = "not a day", "Write year, month and day, such as 2026-01-31; leave it empty for unknown."
            return Fault.error("event-cell-not-a-day", JOURNAL, column.name, message, fix=fix)
        if column.canonical is not None and day > self.state.tables.as_of:
            message, fix = "a day after today", "Correct the day."
            return Fault.error("event-cell-after-today", JOURNAL, column.name, message, fix=fix)
        return day.isoformat()

    def _read_code(self, column: RecordableColumn, entry: Any) -> Cell | Fault:
        if isinstance(entry, list | tuple) and all(isinstance(one, str) for one in entry):
            entry = SET_SEPARATOR.join(entry)
        if not isinstance(entry, str | int | float):
            message, fix = "not a text, a number or a list of texts", "Write a code, or a list of codes."
            return Fault.error("event-cell-not-a-text", JOURNAL, column.name, message, fix=fix)
        is_set, book = column.kind == "set", self._find_book(column)
        members = self._split_members(column, book, str(entry)) if is_set else book.split_members(str(entry), None)
        if not is_set and SET_SEPARATOR in str(entry) and not book.has_code(str(entry)):
            message, fix = "several codes, where the column holds one", "Name one code."
            return Fault.error("event-cell-with-several-codes", JOURNAL, column.name, message, fix=fix)
        codes: list[str] = []
        for member in members:
            found = self._read_member(column, book, member)
            if isinstance(found, Fault):
                return found
            codes += found
        return SET_SEPARATOR.join(dict.fromkeys(codes)) or None

    def _split_members(self, column: RecordableColumn, book: CodeBook, text: str) -> list[str]:
        """Return the members of a set: separated by ``|``, or as the column is split in the clinic's own file."""
        table = getattr(self.state.clinic.config.tables, self.table)
        mapping = table.columns.get(column.name)
        own = (mapping.split if mapping is not None else None) or table.set_separator
        parts = book.split_members(text, SET_SEPARATOR)
        return list(dict.fromkeys(member for part in parts for member in book.split_members(part, own)))

    def _find_book(self, column: RecordableColumn) -> CodeBook:
        """Return the clinic's codes of a column; marks for yes and no where an own column holds nothing else."""
        mapping = getattr(self.state.clinic.config.tables, self.table).columns.get(column.name)
        book = build_code_book(column.canonical, mapping)
        is_marks = not book.codes and column.canonical is None and self.list_column_codes(column.name) == {"yes", "no"}
        return CodeBook({mark: [yes] for mark, yes in YES_NO_MARKS.items()}, keep_unlisted=True) if is_marks else book

    def list_column_codes(self, name: str) -> set[str]:
        """Return the codes that are known in a column of the table."""
        return list_known_codes(self.state.clinic, self.state.tables, self.table, name)

    def _read_member(self, column: RecordableColumn, book: CodeBook, member: str) -> list[str] | Fault:
        """Return the codes of one member of a cell."""
        codes = book.translate_code(member)
        if column.canonical is not None and column.canonical.has_ranges:
            if codes is not None and all(is_range(code, *AGE_BOUNDS) for code in codes):
                return codes
            message, fix = "not a range of numbers", "Write `18-64` or `65-`; several of them as `18-64|65-`."
            return Fault.error("event-cell-not-a-range", JOURNAL, column.name, message, fix=fix)
        known = self.list_column_codes(column.name)
        if codes is None or not known.issuperset(codes):
            mark = parse_mark(member, YES_NO_MARKS) if known == {"yes", "no"} else None
            return [mark] if mark is not None else self.check_new_code(column.name, member) or [member]
        return codes

    def check_new_code(self, name: str, code: str) -> Fault | None:
        """Return why a code that no one has yet cannot be set; None where it can.

        A code that is almost a known one, or holds one, is refused always: a limit that matches no client would
        restrict no pair.
        """
        column, known = list_columns(self.table).get(name), self.list_column_codes(name)
        short = [one for one in known if len(one) <= MAX_CODE_LETTERS]
        guess = suggest_code(code, self._list_quotable_codes(name))
        question = f"Did you mean `{guess}`? " if guess else ""
        if column is not None and column.codes:
            fix = suggest_name(code, column.codes)
            return Fault.error("event-cell-not-allowed", JOURNAL, name, "not one of the codes of this column", fix=fix)
        if is_missing_word(code):
            message, fix = "a word for a missing cell is no code", "Leave it empty for unknown."
            return Fault.error("event-cell-missing-word", JOURNAL, name, message, fix=fix)
        if find_misspelling(code, short) or self._holds_another_code(name, code):
            message = "almost a code that is known, or one that holds such a code"
            fix = f"{question}Correct it. List it in `codes` of the column if it is another code."
            return Fault.error("event-cell-like-another-code", JOURNAL, name, message, fix=fix)
        if not is_like_a_code(code):
            message = f"a code has at most {MAX_CODE_WORDS} words and {MAX_CODE_LETTERS} letters, without commas"
            fix = "Choose a short code. Write several codes as `a|b`. The journal keeps no texts about people."
            return Fault.error("event-cell-not-like-a-code", JOURNAL, name, message, fix=fix)
        if not self.new_codes:
            message, fix = "no one has this code yet", f"{question}{self._list_codes(name)}{NEW_CODE}"
            return Fault.error("event-cell-with-new-code", JOURNAL, name, message, fix=fix)
        return None

    def _list_quotable_codes(self, name: str) -> list[str]:
        """Return the codes that a message can name: no cell of a client, and none of a column that can hold texts."""
        mapping = getattr(self.state.clinic.config.tables, self.table).columns.get(name)
        if name not in list_columns(self.table) and not (mapping is not None and (mapping.kind or mapping.codes)):
            return []
        known = list_known_codes(self.state.clinic, self.state.tables, self.table, name, owners=("therapists",))
        return sorted(code for code in known if len(code) <= MAX_CODE_LETTERS)

    def _list_codes(self, name: str) -> str:
        """Return a sentence that lists the codes that a message can name; empty for none."""
        codes = self._list_quotable_codes(name)
        more = f" and {len(codes) - MAX_CODES_LISTED} more" if len(codes) > MAX_CODES_LISTED else ""
        listed = ", ".join(f"`{code}`" for code in codes[:MAX_CODES_LISTED])
        return f"Known: {listed}{more}. " if codes else ""

    def _holds_another_code(self, name: str, code: str) -> bool:
        """Return whether a code on one side of a limit holds a code of the other side without being it."""
        sides = [dict(zip(PERSON_TABLES, pair, strict=True)) for pair in list_limit_pairs()]
        for side in sides:
            if side[self.table] == name:
                other = next(table for table in PERSON_TABLES if table != self.table)
                codes = {self.table: {code}, other: list_codes(getattr(self.state.tables, other)[side[other]])}
                return bool(LimitCodes(codes, CodeBook({})).find_inexact(self.table))
        return False


def is_like_a_code(text: str) -> bool:
    """Return whether a text can be a new code: few words and letters, and no separator.

    >>> is_like_a_code("sign language"), is_like_a_code("grief, anxiety"), is_like_a_code("her son lives with her")
    (True, False, False)
    """
    return len(text.split()) <= MAX_CODE_WORDS and len(text) <= MAX_CODE_LETTERS and _CODE.fullmatch(text) is not None


KIND_READERS: dict[Kind, Callable[[CellReader, RecordableColumn, Any], Cell | Fault]] = {
    "number": CellReader._read_number,
    "date": CellReader._read_date,
    "code": CellReader._read_code,
    "set": CellReader._read_code,
}
