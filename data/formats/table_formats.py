"""FORMATS: the kinds of files that hold a table. A new kind is one row here.

Every place that finds, reads, writes or names table files uses this table: the clinic's own tables, the files joined
to them, rankings, placements, counts of capacity, messages and help texts. The module imports nothing heavy, because
the help texts of the commands need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.delimited_text import read_delimited_text, write_delimited_text
from attune_fit.data.formats.file_layout import FileLayout
from attune_fit.data.formats.file_signatures import SIGNATURES
from attune_fit.data.formats.parquet_files import read_parquet_file, write_parquet_file
from attune_fit.data.formats.parquet_tables import write_parquet_tables
from attune_fit.data.formats.statistics_packages import read_statistics_file
from attune_fit.data.formats.workbooks import read_workbook

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector

    ReadTable = Callable[[Path, FileLayout, FaultCollector], pd.DataFrame | None]
    WriteTable = Callable[[Iterable[pd.DataFrame], Path], None]
    WriteArrowTables = Callable[[Iterable[Any], Path], None]

HEADER_KEYS = frozenset({"header_row", "skip_rows"})  # of the formats whose headers are rows of the file


@dataclass(frozen=True)
class TableFormat:
    """A kind of file that holds a table.

    Attributes
    ----------
    name : str
        As people call it, such as ``Parquet``; used in messages.
    suffixes : tuple of str
        Endings of its file names, in lower case with the dot. Messages suggest the first.
    read : callable
        ``read(path, layout, collector)`` returns the cells, of any type, in the order of the file: one column for each
        header. A format with ``header_row`` among its ``layout_keys`` returns every row instead, headers included,
        labelled by its number in a spreadsheet. It can add faults to the collector and then return None.
        ``ValueError`` means that the content is damaged or in another format.
    write : callable or None
        ``write(frames, path)`` writes blocks of rows with the same columns, at least one block. It should keep one
        block at a time in memory, as a ranking of all clients can be larger than that. None: Attune only reads it.
    description : str
        One sentence for the reference page: how the cells are stored, and what applies to reading.
    layout_keys : frozenset of str
        Fields of :class:`FileLayout`, and keys of ``[tables.NAME]``, that apply to this format.
    separator : str
        What Attune writes between the cells of a text; empty for other formats.
    write_tables : callable or None
        As ``write``, for blocks that are Arrow tables. None: they are written as frames.
    """

    name: str
    suffixes: tuple[str, ...]
    read: ReadTable
    write: WriteTable | None
    description: str
    layout_keys: frozenset[str] = frozenset()
    separator: str = ""
    write_tables: WriteArrowTables | None = None

    @property
    def is_text(self) -> bool:
        """Whether people read the file as it is: text with a separator between the cells."""
        return "separator" in self.layout_keys

    @property
    def has_signature(self) -> bool:
        """Whether the first bytes of a file show that it is of this format."""
        return any(row.format == self.name for row in SIGNATURES)


FORMATS = (
    TableFormat(
        "CSV",
        (".csv",),
        partial(read_delimited_text, default_separator=","),
        partial(write_delimited_text, separator=","),
        "Text with a comma between cells, or the `separator` in clinic.toml. Attune reads an unknown suffix as CSV.",
        HEADER_KEYS | {"encoding", "separator"},
        ",",
    ),
    TableFormat(
        "TSV",
        (".tsv",),
        partial(read_delimited_text, default_separator="\t"),
        partial(write_delimited_text, separator="\t"),
        "Text with a tab between cells, or the `separator` in clinic.toml.",
        HEADER_KEYS | {"encoding", "separator"},
        "\t",
    ),
    TableFormat(
        "CSV (gzip)",
        (".csv.gz",),
        partial(read_delimited_text, default_separator=","),
        None,
        "CSV that gzip has compressed. Its size counts as unpacked.",
        HEADER_KEYS | {"encoding", "separator"},
    ),
    TableFormat(
        "TSV (gzip)",
        (".tsv.gz",),
        partial(read_delimited_text, default_separator="\t"),
        None,
        "TSV that gzip has compressed. Its size counts as unpacked.",
        HEADER_KEYS | {"encoding", "separator"},
    ),
    TableFormat(
        "Parquet",
        (".parquet", ".pq"),
        read_parquet_file,
        write_parquet_file,
        "Typed, compressed columns. A list in a cell is a set. A folder `clients.parquet` of such files is one table. "
        "`encoding` and `separator` do not apply.",
        write_tables=write_parquet_tables,
    ),
    TableFormat(
        "Excel workbook",
        (".xlsx", ".xlsm", ".xls"),
        read_workbook,
        None,
        "One sheet: `sheet` in clinic.toml, the only one, or the one called like the table. Attune reads values, not "
        "their display: store an id such as `0012` as text.",
        HEADER_KEYS | {"sheet"},
    ),
    TableFormat(
        "OpenDocument spreadsheet", (".ods",), read_workbook, None, "As an Excel workbook.", HEADER_KEYS | {"sheet"}
    ),
    TableFormat(
        "SPSS",
        (".sav", ".zsav"),
        partial(read_statistics_file, program="SPSS"),
        None,
        "Value labels where every value that occurs has one, else values; `labels` in clinic.toml chooses. A value "
        'that the file declares as missing is unknown. Needs `pip install "attune-fit[formats]"`.',
        frozenset({"labels"}),
    ),
    TableFormat(
        "Stata", (".dta",), partial(read_statistics_file, program="Stata"), None, "As SPSS.", frozenset({"labels"})
    ),
)
CANONICAL_SUFFIX = ".csv"  # canonical tables are text, so that any program reads them and a change shows in a diff


def find_format(path: Path) -> TableFormat | None:
    """Return the format of a file by its suffix; None if no format has it.

    >>> find_format(Path("clients.PQ")).name
    'Parquet'
    """
    suffix = find_suffix(path)
    return next((row for row in FORMATS if suffix in row.suffixes), None)


def find_suffix(path: Path) -> str:
    """Return the ending of a file name in lower case: the longest of FORMATS, else what follows the last dot.

    >>> [find_suffix(Path(name)) for name in ("clients.CSV.gz", "a.b.tsv", "notes.docx", ".csv", "clients")]
    ['.csv.gz', '.tsv', '.docx', '', '']
    """
    endings = ("".join(path.suffixes[-count:]).lower() for count in (2, 1))
    return next((one for one in endings if any(one in row.suffixes for row in FORMATS)), path.suffix.lower())


def find_format_by_name(name: str) -> TableFormat:
    """Return the format of this name.

    >>> find_format_by_name("Parquet").suffixes[0]
    '.parquet'
    """
    return next(row for row in FORMATS if row.name == name)


def find_format_to_read(path: Path) -> TableFormat:
    """Return the format of a file by its suffix. A file with an unknown suffix, such as ``export.txt``, is CSV."""
    return find_format(path) or FORMATS[0]


def list_file_names(table: str) -> list[str]:
    """Return the file names that a clinic's table can have, one for each suffix.

    >>> list_file_names("clients")[:2]
    ['clients.csv', 'clients.tsv']
    """
    return [table + suffix for row in FORMATS for suffix in row.suffixes]


def format_names() -> str:
    """Return the names of the formats as alternatives.

    >>> format_names()  # doctest: +ELLIPSIS
    'CSV, TSV... or ...'
    """
    return _join_alternatives([row.name for row in FORMATS])


def format_suffixes(pattern: str = "{}", *, writable: bool = False) -> str:
    """Return the first suffix of each format as alternatives, each written into the pattern.

    With ``writable``, only formats that Attune can write.

    >>> format_suffixes("clients{}")  # doctest: +ELLIPSIS
    'clients.csv, clients.tsv... or clients...'
    """
    rows = [row for row in FORMATS if row.write is not None or not writable]
    return _join_alternatives([pattern.format(row.suffixes[0]) for row in rows])


def _join_alternatives(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
