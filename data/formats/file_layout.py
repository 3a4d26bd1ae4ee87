"""FileLayout: how a clinic's file is laid out, from the keys of its table in ``clinic.toml``."""

from __future__ import annotations

from dataclasses import dataclass

HEADER_ROW = 1  # row number of the header where the file has no rows above it


@dataclass(frozen=True)
class FileLayout:
    """How a file is laid out. Each format of FORMATS uses the keys in its ``layout_keys``.

    Attributes
    ----------
    encoding : str
        Name of the encoding of a text file, as Python knows it. A byte-order mark is allowed.
    separator : str or None
        A single character between the cells of a text file; None means the separator of the file's format.
    sheet : str or None
        Name of the sheet of a workbook; None means its only sheet, or the one that is called like the table.
    header_row : tuple of int
        Numbers of the rows with headers, as a spreadsheet counts, ascending. Empty: the first row with any cell.
    skip_rows : tuple of int
        Numbers of rows that are neither headers nor data.
    labels : bool or None
        What the cells of a file of a statistics program are. True: the label of each value that has one. False: the
        values. None: labels in the variables where every value that occurs has one, values in the others.
    known_headers : frozenset of str
        Headers that Attune looks for, as codes. They serve suggestions only.
    id_headers : frozenset of str
        Those of them that hold ids.
    missing : frozenset of str
        Codes for a missing cell.
    restricts : bool
        Whether a lost row could lift a restriction, so that it is an error.
    section : str
        Where these keys are in ``clinic.toml``, such as ``tables.clients``; for messages.
    """

    encoding: str = "utf-8"
    separator: str | None = None
    sheet: str | None = None
    header_row: tuple[int, ...] = ()
    skip_rows: tuple[int, ...] = ()
    labels: bool | None = None
    known_headers: frozenset[str] = frozenset()
    id_headers: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    restricts: bool = False
    section: str = ""
