"""The collector of faults: errors and warnings found while reading, so that Attune reports all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pandas as pd

from attune_fit.data.faults import Fault

TREATED_AS_MISSING = "Attune treats such cells as missing. Correct them in the file if you can."
MOSTLY = "-mostly"  # ends the id of the error about most cells of a column, after the id of the warning about a few
MIN_BAD_CELLS = 2  # a single bad cell never means that Attune misreads the whole column


@dataclass(frozen=True)
class FaultCollector:
    """Errors and warnings found so far.

    Attributes
    ----------
    table : str
        The table, or file, that new faults are about.
    faults : list of Fault
        In the order found; collectors made by :meth:`for_table` share the list.
    """

    table: str
    faults: list[Fault] = field(default_factory=list)

    def for_table(self, table: str) -> FaultCollector:
        """Return a collector for another table that adds to the same list."""
        return replace(self, table=table)

    def add_error(self, message_id: str, column: str, message: str, fix: str, rows: Iterable[int] = ()) -> None:
        """Add an error: it has to be corrected first."""
        self.faults.append(Fault.error(message_id, self.table, column, message, fix=fix, rows=rows))

    def add_warning(self, message_id: str, column: str, message: str, fix: str, rows: Iterable[int] = ()) -> None:
        """Add a warning: Attune works around it, and ``fix`` states how."""
        self.faults.append(Fault.warning(message_id, self.table, column, message, fix=fix, rows=rows))

    def add_warning_for_rows(self, message_id: str, column: str, message: str, fix: str, rows: pd.Index) -> None:
        """Add a warning if there is any such row (see :meth:`add_warning`)."""
        if len(rows):
            self.add_warning(message_id, column, message, fix, rows)

    def mask_bad_cells(
        self,
        message_id: str,
        column: str,
        cells: pd.Series,
        bad: pd.Series,
        message: str,
        hint: str,
        raw_cells: pd.Series | None = None,
    ) -> pd.Series:
        """Return the cells with bad ones set to missing, and add one fault about them.

        A few bad cells are a warning. More than half of a column is an error: then the mapping is likely wrong.

        Parameters
        ----------
        message_id : str
            The id of the warning. The error has the same id with :data:`MOSTLY` at its end.
        column : str
            The header as the clinic spells it.
        cells, bad : Series
            Cells and whether each is bad, both labelled by spreadsheet row.
        message, hint : str
            What is wrong with a bad cell, and what to check when most of them are bad.
        raw_cells : Series, optional
            The text from which ``cells`` were parsed: the known ones among it are counted.

        Returns
        -------
        Series
            The cells, missing where bad.
        """
        if not bad.any():
            return cells
        rows, count = cells.index[bad], int((cells if raw_cells is None else raw_cells).notna().sum())
        if is_mostly_bad(len(rows), count):
            fix = f"The mapping is likely wrong: {hint}"
            self.add_error(f"{message_id}{MOSTLY}", column, f"{len(rows)} of {count} cells: {message}", fix, rows)
        else:
            self.add_warning(message_id, column, message, TREATED_AS_MISSING, rows)
        return cells.mask(bad)

    @property
    def has_errors(self) -> bool:
        """Whether any fault found so far is an error."""
        return any(fault.stops for fault in self.faults)


def is_mostly_bad(bad: int, known: int) -> bool:
    """Return whether ``bad`` cells of ``known`` ones mean a wrong mapping: more than half, and more than one cell."""
    return bad >= MIN_BAD_CELLS and known < 2 * bad


def build_unknown_column_fault(place: str, table: str, column: str, known: Iterable[str]) -> Fault:
    """Return the error about a key of ``clinic.toml``, at ``place``, whose column ``table`` does not have."""
    fix = suggest_name(column, known)
    return Fault.error("unknown-column", "clinic.toml", place, f"{table} has no column `{column}`", fix=fix)


def suggest_name(word: str, known: Iterable[str]) -> str:
    """Return the known name closest to ``word`` as a question, then all known names.

    >>> suggest_name("shortlst", ["seed", "shortlist"])
    'Did you mean `shortlist`? Known: `seed`, `shortlist`.'
    """
    names = list(dict.fromkeys(known))
    by_folded = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    guess = f"Did you mean `{by_folded[close[0]]}`? " if close else ""
    return f"{guess}Known: {', '.join(f'`{name}`' for name in names) or 'none'}."
