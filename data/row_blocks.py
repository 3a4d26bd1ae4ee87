"""Row labels of tables that come from several files: where a row is in the clinic's own files, for messages.

The label of a row is its number in a spreadsheet where a table has one file. A table of several files has blocks of
labels: ``block * ROWS_PER_BLOCK + row``. So labels stay unique, and each is resolved to a file and a row at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from attune_fit.data.faults import Fault

ROWS_PER_BLOCK = 10**9  # above the number of any row of a file


class RowBlock(NamedTuple):
    """The rows of one file of a table, or one session of them.

    Attributes
    ----------
    file : str
        Name of the file or of the table of a database.
    sheet : str
        Name of the sheet; empty where it needs no name.
    session : int or None
        The session, where one row of the file has several.
    origin : int
        Label of the first row of the block before sessions were made of it, less its row number.
    """

    file: str
    sheet: str = ""
    session: int | None = None
    origin: int = 0

    def __str__(self) -> str:
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        return f"{self.file}{sheet}{'' if self.session is None else f', session {self.session}'}"


@dataclass(frozen=True)
class JoinedRows:
    """Columns of a table that come from another file, joined by a key.

    Attributes
    ----------
    table : str
        The canonical table.
    section : str
        Place in ``clinic.toml`` of the keys that read it: of the table, or of a part.
    file : str
        Name of the joined file.
    key : str
        Its header with the ids.
    headers : tuple of str
        Its other headers, as they are called in the table.
    rows : Series of float
        Row number in the joined file, by row label of the table; missing where the joined file has no such row.
    n_rows : int
        Rows of the joined file.
    n_keys : int
        Rows of it that have an id.
    """

    table: str
    section: str
    file: str
    key: str
    headers: tuple[str, ...]
    rows: pd.Series
    n_rows: int
    n_keys: int


def add_block(blocks: list[RowBlock], block: RowBlock) -> int:
    """Add a block to the list and return the label of its row 0.

    >>> blocks = [RowBlock("a.csv")]
    >>> add_block(blocks, RowBlock("b.csv")) // ROWS_PER_BLOCK, str(blocks[1])
    (2, 'b.csv')
    """
    blocks.append(block)
    return len(blocks) * ROWS_PER_BLOCK


def find_block(label: int, blocks: Sequence[RowBlock]) -> RowBlock | None:
    """Return the block of a row label; None for a row of a table with one file."""
    return blocks[label // ROWS_PER_BLOCK - 1] if label >= ROWS_PER_BLOCK else None


def replace_row_labels(
    faults: Iterable[Fault], blocks: Sequence[RowBlock], joined: Sequence[JoinedRows]
) -> tuple[Fault, ...]:
    """Return the faults with the rows of the clinic's files in place of row labels; the same fault once.

    Parameters
    ----------
    faults : iterable of Fault
        Their rows are labels. A fault with ``files`` has row numbers already.
    blocks : sequence of RowBlock
        The blocks, the first of which is block 1.
    joined : sequence of JoinedRows
        A fault about one of their columns gets the rows of the joined file.
    """
    if not blocks and not joined:
        return tuple(faults)
    by_header: dict[tuple[str, str], list[JoinedRows]] = {}
    for one in joined:
        for header in one.headers:
            by_header.setdefault((one.table, header), []).append(one)
            if one.table == "clients":  # columns of clients can hold wishes
                by_header.setdefault(("preferences", header), []).append(one)
    located = (_locate_fault(fault, blocks, by_header.get((fault.table, fault.column), [])) for fault in faults)
    return tuple(dict.fromkeys(located))


def _locate_fault(fault: Fault, blocks: Sequence[RowBlock], joined: Sequence[JoinedRows]) -> Fault:
    if not fault.rows or fault.files:
        return fault
    places = [_locate_row(label, blocks, joined) for label in fault.rows]
    files = tuple(file for _, file in places)
    return replace(fault, rows=tuple(row for row, _ in places), files=files if any(files) else ())


def _locate_row(label: int, blocks: Sequence[RowBlock], joined: Sequence[JoinedRows]) -> tuple[int, str]:
    """Return the row number and the file of a row label; no file where the table has one."""
    block, row = find_block(label, blocks), label % ROWS_PER_BLOCK
    origin = label if block is None or block.session is None else block.origin + row
    for one in joined:
        if not pd.isna(found := one.rows.get(origin)):
            return int(found), one.file
    return row, "" if block is None else str(block)
