"""Checks of wishes against the roster: each value in the codes of the column that the wish is about.

A wish that cannot be read is not an absent one. Where it restricts (``must``, ``never``, or a strength that cannot be
read) it sets its client aside; otherwise Attune ignores it with a warning.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, is_one_of, list_distinct, map_distinct, normalize_code
from attune_fit.data.clinic.columns import DEPARTED_THERAPIST_ID, SOFT_STRENGTHS, list_columns
from attune_fit.data.fault_collector import suggest_closest, suggest_name
from attune_fit.data.number_ranges import is_range, parse_range
from attune_fit.data.reading.columns.code_mapping import CodeBook
from attune_fit.data.reading.columns.limit_codes import list_codes
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.rows.similar_ids import suggest_similar_ids
from attune_fit.data.yes_no_marks import YES_NO_MARKS, has_only_marks

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

MAX_CODE_LENGTH = 40  # longer ones are no codes: a message does not name them
CodeBooks = Mapping[str, CodeBook]  # by column of the roster, its name as from normalize_code


@dataclass(frozen=True)
class WishChecker:
    """What wishes are checked against.

    Attributes
    ----------
    roster, clients : DataFrame
        The canonical tables. A code that clients have in a column of the same name is rare, not misspelt.
    books : mapping of str to CodeBook
        The code mapping of each column of the roster; wishes use the same codes.
    collector : FaultCollector
        Collects the people set aside and the warnings.
    is_literal : bool
        Whether a code of no person is known to be as meant.
    quotable : frozenset of str
        The columns of the roster whose codes a message may name: not a column of texts.
    left_out_ids : frozenset of str
        Ids of therapists whom ``rows`` left out of the roster: they have left, and are no unknown ones.
    """

    roster: pd.DataFrame
    clients: pd.DataFrame
    books: CodeBooks
    collector: FaultCollector
    is_literal: bool = False
    quotable: frozenset[str] = frozenset()
    left_out_ids: frozenset[str] = frozenset()

    def check(self, wishes: MappedTable, reported: Collection[int] = ()) -> MappedTable:
        """Return the wishes that the roster can answer, in the codes of its columns.

        Parameters
        ----------
        wishes : MappedTable
            Rows of ``preferences`` with ids of clients. A strength is missing where it is empty or cannot be read.
        reported : collection of int
            Rows with an unreadable cell that a fault names already.

        Returns
        -------
        MappedTable
            Attributes spelt as in the roster, values in its codes.
        """
        headers = wishes.headers
        frame = self._drop_incomplete(wishes, reported)
        names = {normalize_code(str(name)): str(name) for name in self.roster.columns}
        attribute = map_distinct(frame["attribute"], lambda word: names.get(normalize_code(word)))
        is_unknown = attribute.isna()
        if is_unknown.any():
            words = frame["attribute"][is_unknown].unique()
            guess = suggest_name(str(words[0]) if len(words) == 1 else "", names.values())
            message = "wishes about a column that the roster does not have"
            fix = f"Name a column of therapists. {guess}"
            bad, header = frame[is_unknown], headers["attribute"]
            self.collector.report_wishes("wish-about-unknown-column", header, message, fix, bad, _is_soft(bad))
        frame = frame.assign(attribute=attribute)[~is_unknown]
        parts = [
            self._check_column(rows, str(name), headers["value"])
            for name, rows in frame.groupby("attribute", sort=False)
        ]
        return MappedTable(pd.concat(parts).sort_index(kind="stable") if parts else frame, headers)

    def _drop_incomplete(self, wishes: MappedTable, reported: Collection[int]) -> pd.DataFrame:
        """Return the rows that have an attribute, a value and a strength; a row without any of them is no wish."""
        frame = wishes.frame
        known = frame[["attribute", "value", "strength"]].notna()
        is_new = pd.Series(~frame.index.isin(list(reported)), index=frame.index)
        no_strength = ~known["strength"] & known["value"] & is_new
        message = "wishes without a readable strength"
        fix = (
            "Write `must`, `prefer`, `avoid` or `never`; in a column of clients in brackets, as `woman (must)`. List "
            "your own words in `strengths`."
        )
        if no_strength.any():
            bad, header = frame[no_strength], wishes.headers["strength"]
            self.collector.report_wishes("wish-without-strength", header, message, fix, bad, _is_soft(bad))
        incomplete = ~known.all(axis=1) & ~no_strength & known[["value", "strength"]].any(axis=1) & is_new
        message, fix = "wishes without an attribute or a value", "Fill in the cell, or delete the row."
        if incomplete.any():
            bad, header = frame[incomplete], wishes.headers["value"]
            self.collector.report_wishes("incomplete-wish", header, message, fix, bad, _is_soft(bad))
        return frame[known.all(axis=1)]

    def _check_column(self, wishes: pd.DataFrame, name: str, header: str) -> pd.DataFrame:
        """Return the wishes about one column of the roster, in its codes."""
        column = self.roster[name]
        if name == "therapist_id":
            return self._check_therapist_wishes(wishes, column, header)
        if column.isna().all():
            message, fix = f"wishes about `{name}`, which is empty on the roster", "Attune cannot check these wishes."
            self.collector.add_warning("wish-about-empty-column", header, message, fix, wishes.index)
        if pd.api.types.is_datetime64_any_dtype(column):
            message, fix = f"wishes about `{name}`, which contains dates", "Use a column of numbers or codes."
            self.collector.report_wishes("wish-about-dates", header, message, fix, wishes, _is_soft(wishes))
            return wishes.iloc[:0]
        if pd.api.types.is_numeric_dtype(column):
            canonical = list_columns("therapists").get(name)
            low = None if canonical is None else canonical.low
            is_number = wishes["value"].map(lambda text: _is_possible_range(text, low)).astype(bool)
            message, bad = f"wishes about `{name}` that are not numbers", wishes[~is_number]
            fix = "Write a number, `40-60`, `65-`, `>=10` or `<=45`."
            self.collector.report_wishes("wish-not-a-number", header, message, fix, bad, _is_soft(bad))
            return wishes[is_number]
        return self._check_code_wishes(wishes, name, header)

    def _check_therapist_wishes(self, wishes: pd.DataFrame, ids: pd.Series, header: str) -> pd.DataFrame:
        """Return wishes about therapists by id."""
        by_code = {normalize_code(one): DEPARTED_THERAPIST_ID for one in self.left_out_ids}
        by_code |= {normalize_code(one): str(one) for one in (*ids.dropna(), DEPARTED_THERAPIST_ID)}
        value = wishes["value"].map(by_code).astype("str")
        guess = suggest_similar_ids(wishes["value"][value.isna()], ids)
        question = f" {guess}" if guess else ""
        fix = f"Correct the id; write `{DEPARTED_THERAPIST_ID}` for a therapist who has left.{question}"
        message = "wishes about therapists who are not on the roster"
        bad = wishes[value.isna()]
        self.collector.report_wishes("wish-about-unknown-therapist", header, message, fix, bad, _is_soft(bad))
        return wishes.assign(value=value)[value.notna()]

    def _check_code_wishes(self, wishes: pd.DataFrame, name: str, header: str) -> pd.DataFrame:
        """Return wishes about a column of codes, without those that do not have exactly one known code."""
        book = self.books.get(normalize_code(name), CodeBook({}))
        canonical = list_columns("therapists").get(name)
        if not book.codes and not self.is_literal and has_only_marks(self.roster[name].dropna().astype(str)):
            book = CodeBook({mark: [meaning] for mark, meaning in YES_NO_MARKS.items()}, keep_unlisted=True)
        allowed = set(canonical.codes) if canonical else set()
        value, bad = book.translate_cells(wishes["value"])
        bad = bad | value.isna() | is_one_of(value, [text for text in list_distinct(value) if SET_SEPARATOR in text])
        if allowed:
            bad |= ~is_one_of(value, allowed)
        vocabulary = allowed or self._list_known_codes(name, book)
        never = (wishes["strength"] == "never") & (bool(vocabulary) and not self.is_literal)
        offered = self._list_offered_codes(name, book)
        bad |= never & ~is_one_of(value, offered)  # a misspelt code would rule out no therapist
        is_new = ~bad & ~is_one_of(value, vocabulary) & (bool(vocabulary) and not self.is_literal)
        guess = self._suggest_code(name, value.fillna(wishes["value"])[bad], offered)
        message = f"wishes about `{name}` with an unknown code"
        question = f" {guess}" if guess else ""
        fix = f"Correct the cell, or list the code in `codes` of the column.{question}"
        if bad.any():
            unread = wishes[bad]
            self.collector.report_wishes("wish-with-unknown-code", header, message, fix, unread, _is_soft(unread))
        if guess := self._suggest_code(name, value[is_new], vocabulary):
            message = f"wishes about `{name}` with a code that no person has"
            self.collector.add_warning("wish-for-rare-code", header, message, guess, wishes.index[is_new])
        return wishes.assign(value=value)[~bad]

    def _suggest_code(self, name: str, codes: pd.Series, vocabulary: Collection[str]) -> str:
        """Return a question about the first of the codes that is close to a known one; empty for none."""
        if name not in self.quotable:
            return ""
        short = [code for code in vocabulary if len(code) <= MAX_CODE_LENGTH]
        return next((guess for code in codes.unique() if (guess := suggest_closest(str(code), short))), "")

    def _list_offered_codes(self, name: str, book: CodeBook) -> set[str]:
        """Return the codes of the roster, those that `codes` lists, and the only ones allowed."""
        canonical = list_columns("therapists").get(name)
        return self._list_codes([self.roster], name, book) | set(canonical.codes if canonical else ())

    def _list_known_codes(self, name: str, book: CodeBook) -> set[str]:
        """Return the codes of the roster, those that `codes` lists, and those of clients in the column of this name."""
        return self._list_codes([self.roster, self.clients], name, book)

    @staticmethod
    def _list_codes(frames: Sequence[pd.DataFrame], name: str, book: CodeBook) -> set[str]:
        columns = [frame[name] for frame in frames if name in frame and pd.api.types.is_string_dtype(frame[name])]
        listed = {normalize_code(target) for targets in book.codes.values() for target in targets}
        return listed.union(*map(list_codes, columns))


def _is_possible_range(text: str, low: float | None) -> bool:
    """Return whether a text is a range, and no negative one of a column that starts at 0 (`-40` is not `up to 40`)."""
    if not is_range(text):
        return False
    start = parse_range(text)[0]
    return low is None or low < 0 or start >= 0 or math.isinf(start)


def _is_soft(wishes: pd.DataFrame) -> pd.Series:
    """Return whether each wish restricts no pair."""
    return wishes["strength"].isin(SOFT_STRENGTHS)
