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
from typing import TYPE_CHECKING

from attune_fit.data.formats.delimited_text import TextLayout, read_delimited_text, write_delimited_text
from attune_fit.data.formats.parquet_files import read_parquet_file, write_parquet_file

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector

    ReadTable = Callable[[Path, TextLayout, FaultCollector], pd.DataFrame | None]
    WriteTable = Callable[[Iterable[pd.DataFrame], Path], None]


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
        ``read(path, layout, collector)`` returns the cells: one column for each header, of any type, in the order of
        the file. Text formats follow the :class:`TextLayout`; others ignore it. It can add faults to the collector and
        then return None. ``ValueError`` means that the content is damaged or in another format.
    write : callable
        ``write(frames, path)`` writes blocks of rows with the same columns, at least one block. It should keep one
        block at a time in memory, as a ranking of all clients can be larger than that.
    description : str
        One sentence for the reference page: how the cells are stored, and what applies to reading.
    """

    name: str
    suffixes: tuple[str, ...]
    read: ReadTable
    write: WriteTable
    description: str


FORMATS = (
    TableFormat(
        "CSV",
        (".csv",),
        partial(read_delimited_text, default_separator=","),
        partial(write_delimited_text, separator=","),
        "Text with a comma between cells, or the `separator` in clinic.toml. Attune reads an unknown suffix as CSV.",
    ),
    TableFormat(
        "TSV",
        (".tsv",),
        partial(read_delimited_text, default_separator="\t"),
        partial(write_delimited_text, separator="\t"),
        "Text with a tab between cells, or the `separator` in clinic.toml.",
    ),
    TableFormat(
        "Parquet",
        (".parquet", ".pq"),
        read_parquet_file,
        write_parquet_file,
        "Typed, compressed columns. Attune reads a list in a cell as a set; `encoding` and `separator` do not apply.",
    ),
)
CANONICAL_SUFFIX = ".csv"  # canonical tables are text, so that any program reads them and a change shows in a diff


def find_format(path: Path) -> TableFormat | None:
    """Return the format of a file by its suffix; None if no format has it.

    >>> find_format(Path("clients.PQ")).name
    'Parquet'
    """
    return next((row for row in FORMATS if path.suffix.lower() in row.suffixes), None)


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


def format_suffixes(pattern: str = "{}") -> str:
    """Return the first suffix of each format as alternatives, each written into the pattern.

    >>> format_suffixes("clients{}")  # doctest: +ELLIPSIS
    'clients.csv, clients.tsv... or clients...'
    """
    return _join_alternatives([pattern.format(row.suffixes[0]) for row in FORMATS])


def _join_alternatives(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
