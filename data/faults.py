"""What is wrong with the data handed in, said so that someone can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in what a clinic handed in. Never holds a cell value: ids and places only.

    Attributes
    ----------
    stops : bool
        True when nothing can be done until it is mended; False when it is only noted.
    table : str
        The table, or the file name where no table is meant (``clinic.toml``).
    column : str
        The column as the clinic's file spells it; empty when the whole table is meant.
    says : str
        What is wrong.
    fix : str
        What to do, or what Attune did about it.
    rows : tuple of int
        Rows as a spreadsheet numbers them: the header is row 1. Empty when no row is meant.
    """

    stops: bool
    table: str
    column: str
    says: str
    fix: str
    rows: tuple[int, ...] = ()

    @classmethod
    def error(cls, table: str, column: str, message: str, *, fix: str, rows: Iterable[int] = ()) -> Fault:
        """Return a fault that has to be corrected first."""
        return cls(True, table, column, message, fix, tuple(int(row) for row in rows))

    @classmethod
    def warning(cls, table: str, column: str, message: str, *, fix: str, rows: Iterable[int] = ()) -> Fault:
        """Return a fault that Attune can work around; ``fix`` states how it did."""
        return cls(False, table, column, message, fix, tuple(int(row) for row in rows))

    def __str__(self) -> str:
        place = f"{self.table}, {self.column}" if self.column else self.table
        where = f" ({format_rows(self.rows)})" if self.rows else ""
        return f"{place}: {self.says}{where}. {self.fix}"


class DataFault(Exception):
    """The data is at fault: carries every fault found, those that stop first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (not f.stops, f.table, f.column, f.says)))
        super().__init__("\n".join(str(fault) for fault in self.faults if fault.stops))

    @classmethod
    def error(cls, table: str, column: str, message: str, *, fix: str) -> DataFault:
        """Return the exception for one fault; :meth:`Fault.error` gives the meaning of the parameters."""
        return cls([Fault.error(table, column, message, fix=fix)])


def format_rows(rows: tuple[int, ...], most: int = 8) -> str:
    """Say the row numbers; long lists are cut and counted.

    >>> format_rows((2, 5))
    'rows 2, 5'
    >>> format_rows(tuple(range(2, 30)), most=3)
    'rows 2, 3, 4 and 25 more'
    """
    said = ", ".join(str(row) for row in rows[:most])
    more = f" and {len(rows) - most} more" if len(rows) > most else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {said}{more}"
