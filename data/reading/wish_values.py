"""Checks of wishes against the roster: each value in the codes of the column that the wish is about.

A wish that cannot be read is not an absent one. Where it restricts (``must``, ``never``, or a strength that cannot be
read) it sets its client aside; otherwise Attune ignores it with a warning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code, split_set
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.fault_collector import suggest_closest, suggest_name
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.code_mapping import CodeBook
from attune_fit.data.reading.known_ids import DEPARTED_THERAPIST_ID, SOFT_STRENGTHS, suggest_similar_ids
from attune_fit.data.reading.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

CodeBooks = Mapping[str, CodeBook]  # by column of the roster, its name as from normalize_code
SET_ASIDE = "Attune puts these clients on no list until it is corrected."


@dataclass(frozen=True)
class WishChecker:
    """What wishes are checked against.

    Attributes
    ----------
    roster, clients : DataFrame
        The canonical tables. A code that clients have in a column of the same name is a known code too.
    books : mapping of str to CodeBook
        The code mapping of each column of the roster; wishes use the same codes.
    collector : FaultCollector
        Collects the people set aside and the warnings.
    """

    roster: pd.DataFrame
    clients: pd.DataFrame
    books: CodeBooks
    collector: FaultCollector

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
        attribute = frame["attribute"].map(lambda word: names.get(normalize_code(word))).astype("str")
        is_unknown = attribute.isna()
        if is_unknown.any():
            words = frame["attribute"][is_unknown].unique()
            guess = suggest_name(str(words[0]) if len(words) == 1 else "", names.values())
            message = "wishes about a column that the roster does not have"
            self._report(
                "wish-about-unknown-column",
                headers["attribute"],
                frame,
                is_unknown,
                message,
                f"Name a column of therapists. {guess}",
            )
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
        message, fix = "wishes without a readable strength", "Write `must`, `prefer`, `avoid` or `never`."
        self._report("wish-without-strength", wishes.headers["strength"], frame, no_strength, message, fix)
        incomplete = ~known.all(axis=1) & ~no_strength & known[["value", "strength"]].any(axis=1) & is_new
        message, fix = "wishes without an attribute or a value", "Fill in the cell, or delete the row."
        self._report("incomplete-wish", wishes.headers["value"], frame, incomplete, message, fix)
        return frame[known.all(axis=1)]

    def _report(
        self, message_id: str, header: str, frame: pd.DataFrame, bad: pd.Series, message: str, fix: str
    ) -> None:
        """Set the clients aside whose bad wishes restrict; warn of the other bad wishes."""
        soft = bad & frame["strength"].isin(SOFT_STRENGTHS)
        rows = frame.index[bad & ~soft]
        if len(rows):
            ids = frame["client_id"][bad & ~soft]
            self.collector.add_set_aside(message_id, header, message, f"{SET_ASIDE} {fix}", rows, ids)
        self.collector.add_warning_for_rows(
            f"{message_id}-ignored", header, message, f"Attune ignores these wishes. {fix}", frame.index[soft]
        )

    def _check_column(self, wishes: pd.DataFrame, name: str, header: str) -> pd.DataFrame:
        """Return the wishes about one column of the roster, in its codes."""
        column = self.roster[name]
        if name == "therapist_id":
            return self._check_therapist_wishes(wishes, column, header)
        if column.isna().all():
            message, fix = f"wishes about `{name}`, which is empty on the roster", "Attune cannot check these wishes."
            self.collector.add_warning("wish-about-empty-column", header, message, fix, wishes.index)
        if pd.api.types.is_datetime64_any_dtype(column):
            bad, message = pd.Series(True, index=wishes.index), f"wishes about `{name}`, which contains dates"
            self._report("wish-about-dates", header, wishes, bad, message, "Use a column of numbers or codes.")
            return wishes[~bad]
        if pd.api.types.is_numeric_dtype(column):
            bad, message = ~wishes["value"].map(is_range).astype(bool), f"wishes about `{name}` that are not numbers"
            fix = "Write a number, `40-60`, `65-`, `>=10` or `<=45`."
            self._report("wish-not-a-number", header, wishes, bad, message, fix)
            return wishes[~bad]
        return self._check_code_wishes(wishes, name, header)

    def _check_therapist_wishes(self, wishes: pd.DataFrame, ids: pd.Series, header: str) -> pd.DataFrame:
        """Return wishes about therapists by id."""
        by_code = {normalize_code(one): str(one) for one in (*ids.dropna(), DEPARTED_THERAPIST_ID)}
        value = wishes["value"].map(by_code).astype("str")
        guess = suggest_similar_ids(wishes["value"][value.isna()], ids)
        fix = f"Correct the id; write `{DEPARTED_THERAPIST_ID}` for a therapist who has left. {guess}".strip()
        message = "wishes about therapists who are not on the roster"
        self._report("wish-about-unknown-therapist", header, wishes, value.isna(), message, fix)
        return wishes.assign(value=value)[value.notna()]

    def _check_code_wishes(self, wishes: pd.DataFrame, name: str, header: str) -> pd.DataFrame:
        """Return wishes about a column of codes, without those that do not have exactly one known code."""
        book = self.books.get(normalize_code(name), CodeBook({}))
        canonical = list_columns("therapists").get(name)
        allowed = set(canonical.codes) if canonical else set()
        value, bad = book.translate_cells(wishes["value"])
        bad = bad | value.isna() | value.str.contains(SET_SEPARATOR, regex=False).fillna(True).astype(bool)
        if allowed:
            bad |= ~value.isin(allowed)
        vocabulary = allowed or self._list_known_codes(name, book)
        is_new = ~bad & ~value.isin(vocabulary) & bool(vocabulary)
        bad |= is_new & (wishes["strength"] == "never")  # a misspelt code would rule out nobody
        guess = self._suggest_code(value.fillna(wishes["value"])[bad], vocabulary)
        message = f"wishes about `{name}` with an unknown code"
        fix = f"Correct the cell, or list the code in `codes` of the column. {guess}".strip()
        self._report("wish-with-unknown-code", header, wishes, bad, message, fix)
        if guess := self._suggest_code(value[is_new & ~bad], vocabulary):
            message = f"wishes about `{name}` with a code that nobody has"
            self.collector.add_warning("wish-for-rare-code", header, message, guess, wishes.index[is_new & ~bad])
        return wishes.assign(value=value)[~bad]

    @staticmethod
    def _suggest_code(codes: pd.Series, vocabulary: Collection[str]) -> str:
        """Return a question about the first of the codes that is close to a known one; empty for none."""
        return next((guess for code in codes.unique() if (guess := suggest_closest(str(code), vocabulary))), "")

    def _list_known_codes(self, name: str, book: CodeBook) -> set[str]:
        """Return the codes of the roster, those that `codes` lists, and those of clients in the column of this name."""
        cells = [frame[name].dropna() for frame in (self.roster, self.clients) if name in frame]
        texts = {str(cell) for column in cells if not pd.api.types.is_numeric_dtype(column) for cell in column.unique()}
        listed = {normalize_code(target) for targets in book.codes.values() for target in targets}
        return listed | {code for text in texts for code in split_set(text)}
