"""Faults: errors, people set aside, and warnings about a clinic's data, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Fault:
    """One fault of the clinic's files. It holds ids, places and codes, never the value of another cell.

    A fault stops the smallest thing that it can concern. There are three kinds: an error stops everything; a fault with
    ids in ``sets_aside`` stops these people; any other is a warning.

    Attributes
    ----------
    id : str
        What kind of fault this is, the same in every version (``unknown-column``): one id is one wording.
    stops : bool
        True for an error: Attune does nothing until it is corrected.
    table : str
        The table, or a file name where no table is meant (``clinic.toml``).
    column : str
        The column as the clinic's file spells it; empty when the whole table is meant.
    says : str
        What is wrong.
    fix : str
        What to do, or how Attune worked around it.
    rows : tuple of int
        Rows as a spreadsheet numbers them: the header is row 1. Empty when no row is meant.
    sets_aside : tuple of str
        Ids of the clients, or of the therapists where ``table`` is ``therapists``, whom Attune sets aside until this
        is corrected: they are on no list. Empty for an error and for a warning.
    files : tuple of str
        The file of each of the ``rows``, where the table has several; the one file that is meant where no row is. Empty
        where the table has one file.
    """

    id: str
    stops: bool
    table: str
    column: str
    says: str
    fix: str
    rows: tuple[int, ...] = ()
    sets_aside: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @classmethod
    def error(
        cls, message_id: str, table: str, column: str, message: str, *, fix: str, rows: Iterable[int] = ()
    ) -> Fault:
        """Return a fault that has to be corrected first."""
        return cls(message_id, True, table, column, message, fix, tuple(int(row) for row in rows))

    @classmethod
    def warning(
        cls, message_id: str, table: str, column: str, message: str, *, fix: str, rows: Iterable[int] = ()
    ) -> Fault:
        """Return a fault that Attune can work around; ``fix`` states how it did."""
        return cls(message_id, False, table, column, message, fix, tuple(int(row) for row in rows))

    @classmethod
    def set_aside(
        cls,
        message_id: str,
        table: str,
        column: str,
        message: str,
        *,
        fix: str,
        rows: Iterable[int],
        ids: Iterable[str],
    ) -> Fault:
        """Return a fault that takes people off every list until it is corrected; the ids are sorted."""
        people = tuple(sorted(set(ids)))
        return cls(message_id, False, table, column, message, fix, tuple(int(row) for row in rows), people)

    @property
    def side(self) -> str:
        """The table of the people in ``sets_aside``: ``clients`` or ``therapists``."""
        return "therapists" if self.table == "therapists" else "clients"

    @property
    def kind(self) -> str:
        """What the fault stops: ``error``, ``set aside`` or ``warning``."""
        return "error" if self.stops else "set aside" if self.sets_aside else "warning"

    def name_people(self, most: int = 8) -> str:
        """Return the people set aside by id, at most ``most`` of them.

        >>> Fault.set_aside("id", "clients", "", "", fix="", rows=(), ids=["c1", "c2", "c3"]).name_people(most=2)
        'clients c1, c2 and 1 more'
        """
        listed, n_more = ", ".join(self.sets_aside[:most]), len(self.sets_aside) - most
        noun = self.side if len(self.sets_aside) > 1 else self.side.removesuffix("s")
        return f"{noun} {listed}{f' and {n_more} more' if n_more > 0 else ''}"

    def name_rows(self) -> str:
        """Return every row number, each with its file where the table has several.

        >>> Fault("id", False, "clients", "", "", "", rows=(3, 5), files=("a.csv", "b.csv")).name_rows()
        '3 of a.csv, 5 of b.csv'
        """
        files = self.files or ("",) * len(self.rows)
        pairs = zip(self.rows, files, strict=False)  # a fault about a file as a whole has no row
        return ", ".join(f"{row} of {file}" if file else str(row) for row, file in pairs)

    @property
    def place(self) -> str:
        """The table, the file where the table has several and no row is meant, and the column."""
        table = f"{self.table} ({', '.join(self.files)})" if self.files and not self.rows else self.table
        return f"{table}, {self.column}" if self.column else table

    def __str__(self) -> str:
        rows = f" ({format_rows(self.rows, files=self.files)})" if self.rows else ""
        return f"{self.place}: {self.says}{rows}. {self.fix}"


class ReadFile(NamedTuple):
    """A file, or a sheet of one, that was read for a table.

    Attributes
    ----------
    table : str
        The canonical table, or the name of the file where it is a second file of one.
    file : str
        Name of the file.
    sheet : str
        Name of the sheet; empty where the file has none.
    rows : int
        Rows below the headers, before any is left out.
    """

    table: str
    file: str
    sheet: str
    rows: int


class DeclaredMissing(NamedTuple):
    """Cells of one header whose value the file of a statistics program declares as missing, by spreadsheet row.

    ``table`` is the canonical table, or the name of a second file.
    """

    table: str
    header: str
    rows: tuple[int, ...]


class DataFault(Exception):
    """The clinic's data has errors. Carries every fault found, errors before warnings.

    Attributes
    ----------
    faults : tuple of Fault
        Sorted: errors first, then people set aside, then by table, column and message. The text of the exception
        lists the errors only, or all faults where none is an error.
    files : tuple of ReadFile
        The files that were read nevertheless.
    """

    def __init__(self, faults: Iterable[Fault], files: Iterable[ReadFile] = ()) -> None:
        self.files = tuple(files)
        self.faults = tuple(
            sorted(faults, key=lambda f: (not f.stops, not f.sets_aside, f.table, f.column, f.says, f.rows))
        )
        errors = [fault for fault in self.faults if fault.stops]
        super().__init__("\n".join(map(str, errors or self.faults)))

    def __reduce__(self) -> tuple[type[DataFault], tuple[tuple[Fault, ...], tuple[ReadFile, ...]]]:
        """Return how another process makes the same exception: the text of an exception alone would not do."""
        return type(self), (self.faults, self.files)

    @classmethod
    def error(cls, message_id: str, table: str, column: str, message: str, *, fix: str) -> DataFault:
        """Return the exception for one fault; :meth:`Fault.error` gives the meaning of the parameters."""
        return cls([Fault.error(message_id, table, column, message, fix=fix)])


def format_rows(rows: tuple[int, ...], most: int = 8, files: tuple[str, ...] = ()) -> str:
    """Return row numbers as text. A long list is cut after ``most`` rows, and the others are counted.

    ``files`` are the files of the rows, where the table has several.

    >>> format_rows((2, 5))
    'rows 2, 5'
    >>> format_rows(tuple(range(2, 30)), most=3)
    'rows 2, 3, 4 and 25 more'
    >>> format_rows((3, 5, 2), files=("a.csv", "a.csv", "b.csv"))
    'rows 3, 5 of a.csv; row 2 of b.csv'
    """
    more = f" and {len(rows) - most} more" if len(rows) > most else ""
    by_file: dict[str, list[int]] = {}
    for row, file in zip(rows[:most], files or [""] * len(rows), strict=False):
        by_file.setdefault(file, []).append(row)
    listed = "; ".join(_format_rows_of_file(some, file, is_one=len(rows) == 1) for file, some in by_file.items())
    return f"{listed}{more}"


def _format_rows_of_file(rows: list[int], file: str, *, is_one: bool) -> str:
    noun = "row" if is_one or (file and len(rows) == 1) else "rows"
    return f"{noun} {', '.join(map(str, rows))}{f' of {file}' if file else ''}"
