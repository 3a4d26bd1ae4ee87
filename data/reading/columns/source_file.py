"""One file of a clinic, and how its cells are read as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from attune_fit.data.cell_parsing import (
    THOUSANDS_MARKS,
    drop_invisible_characters,
    find_invisible_characters,
    is_one_of,
    list_distinct,
    mask_missing_codes,
)
from attune_fit.data.clinic.columns import UNREADABLE_CELL, Column, list_columns
from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
from attune_fit.data.missing_words import is_missing_word

if TYPE_CHECKING:
    from attune_fit.data.clinic.columns import Kind
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.code_mapping import CodeBook


class CellCounts(NamedTuple):
    """What became of the cells under one header.

    Attributes
    ----------
    read : int
        Cells with a value.
    unread : int
        Cells that cannot be read, in whole or in part: a fault names them.
    unknown : int
        Cells that mean that the value is not known: a code or a word for missing, or a value that the file declares as
        missing.
    empty : int
        Cells without anything.
    """

    read: int
    unread: int
    unknown: int
    empty: int

    @classmethod
    def of_rows(cls, rows: int, read: int, unread: int, unknown: int) -> CellCounts:
        """Return the counts of a column with this many rows: what is not counted is empty."""
        return cls(read, unread, unknown, rows - read - unread - unknown)


@dataclass(frozen=True)
class SourceFile:
    """One file of a clinic and how to read it.

    Attributes
    ----------
    table : str
        The canonical table, or the name of a second file.
    raw : DataFrame
        Text cells under the clinic's headers. Row labels are the row numbers of a spreadsheet.
    mapping : TableMapping
        How to read the table.
    folder : Path
        The clinic folder.
    collector : FaultCollector
        Collects errors and warnings about this file.
    owner : str
        The canonical table to which a second file adds a column; empty for the file of a table itself.
    left_out_ids : frozenset of str
        Ids of the clients or therapists in rows that ``rows`` leaves out.
    dropped : tuple of str
        Headers that identify people, which a preset left out.
    parts : tuple of SourceFile
        The parts of the table, where it has several; their rows together are those of the table.
    """

    table: str
    raw: pd.DataFrame
    mapping: TableMapping
    folder: Path
    collector: FaultCollector
    owner: str = ""
    left_out_ids: frozenset[str] = frozenset()
    dropped: tuple[str, ...] = ()
    parts: tuple[SourceFile, ...] = ()
    _invisible: dict[str, pd.Series] = field(default_factory=dict, repr=False, compare=False)

    @property
    def key_path(self) -> str:
        """Place under ``tables`` of the keys that read the file, such as ``clients`` or ``outcomes.parts.0``."""
        return self.collector.key_path

    def find_column(self, name: str) -> Column | None:
        """Return the canonical column of this name; None for a column of the clinic's own."""
        return list_columns(self.owner or self.table).get(name)

    def needs_every_code(self, name: str) -> bool:
        """Return whether a set of this column counts only as a whole, see :attr:`Column.needs_every_code`."""
        column = self.find_column(name)
        return column is not None and column.needs_every_code

    def list_number_marks(self, mapping: ColumnMapping | None = None) -> tuple[str, str]:
        """Return the decimal mark and the thousands mark of a column; the second is empty for none."""
        decimal, thousands = self.mapping.number_marks
        if mapping and mapping.decimal not in (None, decimal):
            decimal, thousands = str(mapping.decimal), THOUSANDS_MARKS[str(mapping.decimal)]
        return decimal, thousands if mapping is None or mapping.thousands is None else mapping.thousands

    def find_invisible_characters(self, header: str) -> pd.Series:
        """Return whether each cell under a header has a character that no screen shows; each header is read once."""
        if header not in self._invisible:
            self._invisible[header] = find_invisible_characters(self.raw[header])
        return self._invisible[header]

    def read_cells(self, header: str, mapping: ColumnMapping | None = None) -> pd.Series:
        """Return the cells under a header, missing where they show nothing or contain a code for missing."""
        own_codes = mapping.missing if mapping else []
        cells, invisible = self.raw[header], self.find_invisible_characters(header)
        if invisible.any():
            cells = cells.mask(invisible & (cells.map(drop_invisible_characters, na_action="ignore").str.strip() == ""))
        codes = [*self.mapping.missing, *own_codes]
        return mask_missing_codes(cells, codes, *self.list_number_marks(mapping)) if codes else cells

    def mask_missing_words(
        self, header: str, name: str, kind: Kind, cells: pd.Series, book: CodeBook, is_read: pd.Series | None = None
    ) -> pd.Series:
        """Return the cells, missing where a word looks like a missing cell, such as `n/a`.

        Where an empty cell means something of its own, such as no limit, the word is a cell that cannot be read: it
        is not taken for an empty one. A word that ``codes`` lists is a code.

        Parameters
        ----------
        header, name : str
            The header, and the name of the column.
        kind : {"code", "set", "number", "date"}
            Kind of the column: `none` is an answer among codes.
        cells : Series of str
            From :meth:`read_cells`.
        book : CodeBook
            The codes of the column.
        is_read : Series of bool, optional
            Whether each cell has a value already: it is then no word.
        """
        message, hint = "a cell that could not be read when Attune wrote this file", "write what is meant."
        if self.mapping.source is not None:  # a preset marks such cells too, and has a warning about each
            message, hint = (
                "a cell that cannot be read, as another warning about this column shows",
                "correct it there.",
            )
        distinct = list_distinct(cells)
        if UNREADABLE_CELL in distinct:
            is_mark = cells == UNREADABLE_CELL
            cells = self.collector.mask_bad_cells(
                "cell-written-as-unreadable", header, cells, is_mark, message, hint, name=name, escalates=False
            )
        if self.mapping.literal:
            return cells
        is_number = kind in ("number", "date")
        words = [text for text in distinct if is_uncoded_missing_word(text, book, is_number=is_number)]
        is_word = is_one_of(cells, words) if words else pd.Series(False, index=cells.index)
        if is_read is not None:
            is_word &= ~is_read
        if not is_word.any():
            return cells
        column = self.find_column(name)
        if column is not None and column.is_limit:
            message = "words that look like a missing cell, in a column where an empty cell has a meaning of its own"
            hint = "list the word under `missing` if it means an empty cell, or under `codes`."
            return self.collector.mask_bad_cells(
                "missing-word-in-limit", header, cells, is_word, message, hint, name=name
            )
        add_missing_word_warning(self, header, cells.index[is_word])
        return cells.mask(is_word)


def is_uncoded_missing_word(text: str, book: CodeBook, *, is_number: bool = True) -> bool:
    """Return whether a cell looks like a missing one and is no code of the column."""
    return is_missing_word(text, is_number=is_number) and not book.has_code(text)


def add_missing_word_warning(source: SourceFile, header: str, rows: pd.Index) -> None:
    """Add one warning about words of a column that Attune reads as missing, if there is any."""
    message = "words that look like a missing cell"
    fix = "Attune reads them as missing. List them under `missing`, or under `codes` where one is a code."
    source.collector.add_warning_for_rows("missing-word", header, message, fix, rows)
