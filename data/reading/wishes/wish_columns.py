"""Reading of wishes in columns of the clients' file, such as `F (required)`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import is_one_of, list_distinct, normalize_code
from attune_fit.data.clinic.columns import UNREADABLE_CELL, list_columns
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.rows.header_match import require_header

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import WishColumn
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.source_file import SourceFile

NO_WISH_WORDS = frozenset(  # people write them where a client has no wish
    [
        *("no preference", "no preferences", "no wish", "none", "no", "any", "either", "all", "doesn't matter"),
        *("does not matter", "not important", "indifferent", "keine", "egal", "keine präferenz"),
    ]
)
_SEVERAL_WISHES = re.compile(r"\)\s*[;,|/]")  # one wish, its strength, and another wish
_WISH_PATTERN = re.compile(r"(?P<value>.*\S)\s*\((?P<strength>[^()]*)\)")


def read_wish_columns(
    clients: SourceFile, ids: pd.Series, wishes: Sequence[WishColumn], collector: FaultCollector
) -> list[tuple[WishColumn, MappedTable]]:
    """Return the wishes of each column as rows of ``preferences``.

    Parameters
    ----------
    clients : SourceFile
        The clients' file.
    ids : Series
        The id of each client that Attune keeps, by row number of that file.
    wishes : sequence of WishColumn
        The columns, from ``clinic.toml``.
    collector : FaultCollector
        Collects errors about headers.

    Returns
    -------
    list of (WishColumn, MappedTable)
        Row labels are the row numbers of the clients' file. A strength that is not in brackets or not in `strengths` is
        missing: Attune does not guess between must and never.
    """
    tables = []
    for number, wish in enumerate(wishes):
        key = f"tables.preferences.wishes.{number}.column"
        header = require_header(clients.raw, wish.column, key, collector, clients.mapping)
        if header is not None:
            cells = clients.read_cells(header).reindex(ids.index)
            cells = cells.dropna()
            cells = cells[~is_one_of(cells, [text for text in list_distinct(cells) if _is_no_wish(text, wish)])]
            tables.append((wish, _build_wish_table(header, cells, ids, wish)))
    return tables


def _build_wish_table(header: str, cells: pd.Series, ids: pd.Series, wish: WishColumn) -> MappedTable:
    frame = pd.DataFrame({
        "client_id": ids.reindex(cells.index), "attribute": wish.attribute,
        "value": cell_parsing.map_distinct(cells, _parse_value),
        "strength": cell_parsing.map_distinct(cells, lambda text: _parse_strength(text, wish)),
    })  # fmt: skip
    return MappedTable(frame, dict.fromkeys(list_columns("preferences"), header))


def _is_no_wish(text: str, wish: WishColumn) -> bool:
    """Return whether a cell means that the client has no wish."""
    code = normalize_code(text)
    if code in wish.codes:
        return not wish.codes[code]
    return code in NO_WISH_WORDS or is_missing_word(code) or code in map(normalize_code, wish.missing)


def find_missing_wishes(cells: pd.Series, wish: WishColumn) -> pd.Series:
    """Return whether each cell means that the wish is not known, such as `n/a`; `no preference` is an answer."""
    missing = frozenset(map(normalize_code, wish.missing))
    words = [
        text
        for text in list_distinct(cells)
        if normalize_code(text) not in wish.codes and (is_missing_word(text) or normalize_code(text) in missing)
    ]
    return is_one_of(cells, words)


def _parse_strength(text: str, wish: WishColumn) -> str | None:
    """Return the strength in the last brackets; None where it is not listed, or where the cell has several wishes.

    None too for a cell that a preset could not read: it is no value that no therapist has.
    """
    if text == UNREADABLE_CELL:
        return None
    match = _WISH_PATTERN.fullmatch(text.strip())
    if not match:
        return wish.strength
    if _has_several_wishes(match["value"], wish):
        return None
    return wish.strengths.get(normalize_code(match["strength"]))


def _has_several_wishes(value: str, wish: WishColumn) -> bool:
    """Return whether the part before the last brackets holds a strength too; other brackets belong to the value."""
    if normalize_code(value) in wish.codes:
        return False
    brackets = map(normalize_code, re.findall(r"\(([^()]*)\)", value))
    return bool(_SEVERAL_WISHES.search(value)) or any(word in wish.strengths for word in brackets)


def _parse_value(text: str) -> str:
    match = _WISH_PATTERN.fullmatch(text.strip())
    return normalize_code(match["value"] if match else text)
