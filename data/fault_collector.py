"""Where the faults of one table are collected while it is read, so that all of them are told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pandas as pd

from attune_fit.data.faults import Fault

MIN_BAD_CELLS = 2  # a single odd cell never means that a whole column was misread


@dataclass(frozen=True)
class FaultCollector:
    """Faults found so far; ``table`` says in which table the next one stands."""

    table: str
    faults: list[Fault] = field(default_factory=list)

    def for_table(self, table: str) -> FaultCollector:
        """The same list, for another table."""
        return replace(self, table=table)

    def add_error(self, column: str, says: str, fix: str, rows: Iterable[int] = ()) -> None:
        """Add a fault that must be mended first."""
        self.faults.append(Fault.error(self.table, column, says, fix=fix, rows=tuple(int(row) for row in rows)))

    def add_warning(self, column: str, says: str, fix: str, rows: Iterable[int] = ()) -> None:
        """Add a fault that Attune can work around, saying how it did."""
        self.faults.append(Fault.warning(self.table, column, says, fix=fix, rows=tuple(int(row) for row in rows)))

    def add_warning_for_rows(self, column: str, says: str, fix: str, rows: pd.Index) -> None:
        """:meth:`add_warning`, where there is any such row."""
        if len(rows):
            self.add_warning(column, says, fix, rows)

    def mask_bad_cells(
        self, column: str, cells: pd.Series, bad: pd.Series, says: str, likely: str, given: pd.Series | None = None
    ) -> pd.Series:
        """Note the bad cells and read them as unknown; when most of the column is bad the mapping must be wrong.

        Parameters
        ----------
        column : str
            The header as the clinic spells it.
        cells, bad : Series
            Cells and whether each is bad, both labelled by spreadsheet row.
        says, likely : str
            What is wrong with a bad cell, and what to look at when most of them are.
        given : Series, optional
            The cells as handed in, where ``cells`` are read from them.

        Returns
        -------
        Series
            The cells, unknown where bad.
        """
        if not bad.any():
            return cells
        rows, count = cells.index[bad], int((cells if given is None else given).notna().sum())
        if is_mostly_bad(len(rows), count):
            self.add_error(
                column, f"{len(rows)} of {count} cells: {says}", f"The mapping is likely wrong: {likely}", rows
            )
        else:
            self.add_warning(column, says, "Read as unknown; correct it in the file if you can.", rows)
        return cells.mask(bad)

    @property
    def has_errors(self) -> bool:
        """Whether anything found so far must be mended first."""
        return any(fault.stops for fault in self.faults)


def is_mostly_bad(bad: int, given: int) -> bool:
    """Whether so much of a column is bad that it must have been misread: more than half, and more than one cell."""
    return bad >= MIN_BAD_CELLS and given < 2 * bad


def suggest_name(word: str, known: Iterable[str]) -> str:
    """The closest known word as a question, then all of them.

    >>> suggest_name("shortlst", ["seed", "shortlist"])
    'Did you mean `shortlist`? Known: `seed`, `shortlist`.'
    """
    listed = list(dict.fromkeys(known))
    folded = {one.casefold(): one for one in reversed(listed)}
    close = difflib.get_close_matches(word.casefold(), folded, n=1)
    guess = f"Did you mean `{folded[close[0]]}`? " if close else ""
    return f"{guess}Known: {', '.join(f'`{one}`' for one in listed) or 'none'}."
