"""Guesses about the columns of one table: the line of ``clinic.toml`` for each header, with how its cells are read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import COLUMNS, Column, list_columns
from attune_fit.data.guessing.cell_evidence import MIN_ROWS_SHOWN, SET_MARKS, WEEKDAY, YEAR_FORM, CellEvidence
from attune_fit.data.guessing.code_guesses import find_codes, is_without_code_book, list_numbers, settle_code_book
from attune_fit.data.guessing.column_scores import (
    MOSTLY,
    PERCENT_COLUMNS,
    ColumnScore,
    choose_columns,
    list_doubts,
    score_columns,
)
from attune_fit.data.guessing.guess import IDENTIFYING, Ask, Guess, Question, State
from attune_fit.data.guessing.table_roles import TableRole
from attune_fit.data.guessing.words.word_meanings import MISSING_NUMBERS, choose_number_words

MAX_CHOICES = 4  # columns that a question offers
MIN_SLOTS = 3  # headers with a day of the week, before they are columns of one slot each
SET_SEPARATOR = "|"  # what Attune assumes
PROBLEMS = frozenset(("presenting_problems", "specialties", "problems_not_taken"))  # columns with the same codes
BARE_CODES = "codes of the program without their words: write what each means in `codes`"
NO_CODE_BOOK = "numbers without a code book"
Words = dict[str, Counter[str]]  # rows of each code, by canonical column, over all tables


@dataclass
class TableGuess:
    """The columns of one table that are chosen so far.

    Attributes
    ----------
    role : TableRole
        The table and its file.
    chosen : dict of str to ColumnScore
        The header of each canonical column.
    states : dict of str to State
        Whether each of them was sure or asked about.
    done : set of str
        Headers that wishes, items or slots use.
    guesses : list of Guess
        The lines.
    columns : dict
        The content of ``[tables.NAME.columns]``.
    form : str
        The date form of the file; empty for ISO 8601.
    """

    role: TableRole
    chosen: dict[str, ColumnScore]
    states: dict[str, State]
    done: set[str] = field(default_factory=set)
    guesses: list[Guess] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    form: str = ""

    @property
    def table(self) -> str:
        """The canonical table."""
        return self.role.table

    def add(self, column: str, header: str, state: State, score: float, reason: str, value: Any = None) -> None:
        """Add one line, or what was left out."""
        self.guesses.append(Guess(self.table, column, self.role.file.place, header, state, score, reason, value))

    @property
    def set_separator(self) -> str:
        """The mark between the members of a set that Attune assumes in this table."""
        export = self.role.file.export
        return SET_SEPARATOR if export is None or export.set_separator is None else export.set_separator

    def is_filled(self, name: str) -> bool:
        """Return whether the preset of a program reads a column from the header that was chosen."""
        export = self.role.file.export
        return export is not None and name in self.chosen and export.fills(name, self.chosen[name].header)

    def list_bare_codes(self, header: str) -> list[str]:
        """List the codes under a header where most of them are a program's own, whose words are in no file."""
        export, evidence = self.role.file.export, self.role.file.get_evidence(header)
        members = sorted({part for text in evidence.counts for part in text.split(SET_SEPARATOR)})
        bare = [] if export is None else [one for one in members if export.is_bare_code(one)]
        return bare if len(bare) >= MOSTLY * len(members) else []

    def find_date_form(self, header: str) -> str:
        """Return the date form of a header: the one that its preset knows, else that of the file; empty for ISO."""
        export = self.role.file.export
        known = None if export is None else export.find_date_form(header)
        return self.form if known is None else known

    def leave_out(self, name: str, reason: str) -> None:
        """Replace the line of a column by one that is left out."""
        one = self.chosen[name]
        self.guesses = [guess for guess in self.guesses if guess.column != name or guess.header != one.header]
        self.add(name, one.header, "left out", one.score, reason)


def choose_table_columns(role: TableRole, done: set[str], ask: Ask) -> TableGuess:
    """Return the header of each column of a table: sure ones, then those that are answered.

    Parameters
    ----------
    role : TableRole
        The table, its file and its ids.
    done : set of str
        Headers that are something else, such as wishes and items.
    ask : callable
        Answers what is not sure, or None.
    """
    ids = {one.header for one in role.ids.values()}
    headers = [header for header in role.file.headers if header not in ids | done]
    scores = [one for one in score_columns(role.table, role.file, headers) if one.column not in role.ids]
    chosen = {**role.ids, **choose_columns(scores)}
    table = TableGuess(role, chosen, dict.fromkeys(chosen, "sure"), done)
    for header, options in list_doubts(scores, chosen, done).items():
        names = tuple(one.column for one in options if one.column not in table.chosen)[:MAX_CHOICES]
        if not names:
            continue
        place = f"{role.file.place}, {header}"
        text, without = f"Which column of {role.table} is `{header}`?", "it keeps its own header"
        answer = ask(Question(place, text, names, without))
        if answer in names:
            table.chosen[str(answer)] = next(one for one in options if one.column == answer)
            table.states[str(answer)] = "asked"
        else:
            reason = f"it can be {' or '.join(names)}, and is not sure"
            table.add(names[0], header, "left out", options[0].score, reason)
            table.done.add(header)
    return table


def count_codes(tables: list[TableGuess]) -> Words:
    """Return the codes of each canonical column over all tables, with their rows."""
    words: Words = {}
    for table in tables:
        for name, one in table.chosen.items():
            if list_columns(table.table)[name].kind in ("code", "set"):
                evidence = table.role.file.get_evidence(one.header)
                words.setdefault(name, Counter()).update(evidence.count_members(evidence.set_mark))
    return words


def add_column_lines(table: TableGuess, words: Words, books: dict[str, Any], ask: Ask) -> None:
    """Add the line of each chosen column, in the order of the canonical columns.

    Parameters
    ----------
    table : TableGuess
        Its ``columns`` and ``guesses`` get the lines.
    words : dict
        From :func:`count_codes`.
    books : dict
        Code books that were answered for a column, which another table with the same header uses too.
    ask : callable
        Answers what is not sure, or None.
    """
    for name, column in list_columns(table.table).items():
        one = table.chosen.get(name)
        if one is None:
            continue
        if table.is_filled(name):
            table.add(name, one.header, "filled", one.score, f'by source = "{table.role.file.keys["source"]}"')
            continue
        evidence = table.role.file.get_evidence(one.header)
        place = f"{table.role.file.place}, {one.header}"
        value: dict[str, Any] = {one.source: one.header}
        state, reason = table.states[name], one.reason
        bare = table.list_bare_codes(one.header) if column.kind in ("code", "set") else []
        if bare or (column.kind in ("code", "set") and is_without_code_book(name, evidence)):
            if one.header not in books:
                books[one.header] = settle_code_book(place, one.header, bare or list_numbers(evidence), ask)
            codes = books[one.header]
            if not codes:
                table.add(name, one.header, "left out", one.score, BARE_CODES if bare else NO_CODE_BOOK)
                continue
            value, state = {**value, "codes": codes}, "asked"
        elif column.kind in ("code", "set"):
            value |= _read_codes(table, column, evidence, words)
            if column.kind == "set" and column.is_limit and evidence.set_mark is None:
                value |= _find_usual_split(table)
        elif name == "age" and one.source == "birth_date" and not evidence.date_forms:
            value["dates"] = YEAR_FORM
        elif one.source == "birth_date" or column.kind == "date":
            is_known = table.find_date_form(one.header) in evidence.date_forms
            value |= {} if is_known else {"dates": evidence.date_forms[0]}
        elif name in PERCENT_COLUMNS:
            value |= _find_scale(one.header, evidence)
        if numbers := choose_number_words(name, evidence.count_members(None)):
            value["codes"] = numbers  # whole families: a rare word is not written alone
        known = {} if table.role.file.export is None else table.role.file.export.codes.get(one.header, {})
        value |= {"codes": known} if known else {}
        missing = _settle_missing_numbers(place, one.header, column, evidence, ask)
        value |= {"missing": missing} if missing else {}
        table.columns[name] = value if len(value) > 1 or one.source != "from" else one.header
        table.add(name, one.header, state, one.score, reason, table.columns[name])
    _add_slots(table)


def _read_codes(table: TableGuess, column: Column, evidence: CellEvidence, words: Words) -> dict[str, Any]:
    """Return the separator of a set, and the codes that are not Attune's own."""
    mark = _find_mark(column, evidence, words) if column.kind == "set" else None
    members = evidence.count_members(mark)
    codes, has_others = find_codes(table.table, column.name, members, words.get(column.name, Counter()))
    value: dict[str, Any] = {}
    if mark not in (None, table.set_separator):
        value["split"] = mark
    if codes:
        value |= {"codes": codes} | ({"other": "keep"} if has_others else {})
    return value


def _find_mark(column: Column, evidence: CellEvidence, words: Words) -> str | None:
    """Return the mark between the members of a set.

    Where the cells do not show it, other columns can: one that is compared with this one has the members as codes
    alone. Between languages, any mark is one.
    """
    if evidence.set_mark is not None:
        return evidence.set_mark
    names = {one.name for one in COLUMNS if one.name == column.name or (one.rule and one.rule == column.rule)}
    names |= PROBLEMS if column.name in PROBLEMS else frozenset()
    known = {word for name in names for word in words.get(name, ())}
    for mark in SET_MARKS:
        parts = {normalize_code(part) for text in evidence.counts if mark in text for part in text.split(mark)}
        if parts and (parts <= known or column.name == "languages"):
            return mark
    return None


def _find_usual_split(table: TableGuess) -> dict[str, str]:
    """Return the mark that all other sets of a file have: a limit of several codes must never be read as one."""
    sets = [one for name, one in table.chosen.items() if list_columns(table.table)[name].kind == "set"]
    marks = {mark for one in sets if (mark := table.role.file.get_evidence(one.header).set_mark) is not None}
    return {"split": marks.pop()} if len(marks) == 1 and marks != {SET_SEPARATOR} else {}


def _find_scale(header: str, evidence: CellEvidence) -> dict[str, float]:
    """Return the factor to a range of 0 to 1, from the largest number and the header."""
    largest = max(evidence.numbers, default=0.0)
    if largest <= 1:
        return {}
    is_of_ten = largest <= 10 and not re.search(r"100|%", header)
    return {"scale": 0.1 if is_of_ten else 0.01}


def _settle_missing_numbers(place: str, header: str, column: Column, evidence: CellEvidence, ask: Ask) -> list[str]:
    """Return numbers such as 99 outside the range of a column that mean no answer, as it is answered."""
    if column.kind != "number" or column.low is None or column.high is None or column.name in PERCENT_COLUMNS:
        return []
    suspects = [
        value
        for value in MISSING_NUMBERS
        if not column.low <= value <= column.high and evidence.numbers[float(value)] >= MIN_ROWS_SHOWN
    ]
    text, without = "Does {} in `{}` mean no answer?", "left out: it counts as a number outside the range"
    return [
        str(value)
        for value in suspects
        if ask(Question(place, text.format(value, header), ("yes", "no"), f"{value} {without}")) == "yes"
    ]


def _add_slots(table: TableGuess) -> None:
    """Add columns with one weekly slot each, where no other header is the availability."""
    if "availability" in table.chosen or "availability" not in list_columns(table.table):
        return
    file = table.role.file
    headers = [header for header in file.headers if WEEKDAY.search(header.replace("_", " "))]
    headers = [header for header in headers if header not in table.done and _is_marked(file.get_evidence(header))]
    if len(headers) < MIN_SLOTS:
        return
    pattern = _find_slot_pattern(headers)
    value = {"slots": pattern or headers}
    table.columns["availability"] = value
    table.done.update(headers)
    shown = pattern or f"{headers[0]} to {headers[-1]}"
    table.add("availability", shown, "sure", 1.0, "one column for each weekly slot", value)


def _find_slot_pattern(headers: list[str]) -> str:
    """Return the headers with ``*`` for the slot; empty where they do not begin alike.

    >>> _find_slot_pattern(["Free [Mon AM]", "Free [Tue PM]"]), _find_slot_pattern(["Mon AM", "Tue AM"])
    ('Free [*]', '')
    """
    before = {header[: _find_weekday(header)] for header in headers}
    prefix = before.pop() if len(before) == 1 else ""
    after = {header[-1] for header in headers} & {"]", ")"}
    is_closed = len(after) == 1 and all(header[-1] in after for header in headers)
    return f"{prefix}*{after.pop() if is_closed else ''}" if len(prefix.strip()) > 1 else ""


def _find_weekday(header: str) -> int:
    match = WEEKDAY.search(header.replace("_", " "))
    return 0 if match is None else match.start()


def _is_marked(evidence: CellEvidence) -> bool:
    return evidence.mark_share >= MOSTLY


def add_own_columns(table: TableGuess) -> None:
    """Add the headers that no guess is about: Attune keeps these columns under their own header.

    Of an export, those that identify people are not kept, and those that the program added, or that are empty because
    they are of another form, are not listed.
    """
    file, export = table.role.file, table.role.file.export
    for header in () if export is None else export.dropped:
        table.add("", header, "left out", 0.0, IDENTIFYING)
    used = {one.header for one in table.chosen.values()} | table.done
    for header in file.headers:
        is_idle = export is not None and (export.is_own_header(header) or not file.get_evidence(header).n_known)
        if header not in used and not is_idle:
            table.add("", header, "left out", 0.0, "no column of Attune; it keeps its own header")
