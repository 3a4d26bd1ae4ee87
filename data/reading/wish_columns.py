"""Columns of wishes in the clients' file, such as `F (required)`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.reading.header_match import require_header
from attune_fit.data.reading.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import WishColumn
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.column_reader import SourceFile

_WISH_PATTERN = re.compile(r"(?P<value>.*\S)\s*\((?P<strength>[^()]*)\)")


def read_wish_columns(
    clients: SourceFile, ids: pd.Series, wishes: Sequence[WishColumn], findings: FaultCollector
) -> list[tuple[WishColumn, MappedTable]]:
    """Read each column as rows of ``preferences``.

    Parameters
    ----------
    clients : Source
        The clients' file.
    ids : Series
        The id of each client that is kept, by row of that file.
    wishes : sequence of Wish
        What ``clinic.toml`` says of the columns.
    findings : Findings

    Returns
    -------
    list of (Wish, Mapped)
        Row labels are those of the clients' file. A cell whose strength cannot be read stops: to guess whether someone
        must or must not be offered would be worse.
    """
    tables = []
    for number, wish in enumerate(wishes):
        header = require_header(clients.raw, wish.column, f"tables.preferences.wishes.{number}.column", findings)
        if header is not None:
            given = clients.read_cells(header).reindex(ids.index).dropna()
            tables.append((wish, _build_wish_table(header, given, ids, wish, findings)))
    return tables


def _build_wish_table(
    header: str, given: pd.Series, ids: pd.Series, wish: WishColumn, findings: FaultCollector
) -> MappedTable:
    strength = cell_parsing.map_distinct(given, lambda text: _parse_strength(text, wish))
    unclear = strength.isna()
    if unclear.any():
        findings.add_error(
            header, "no strength in brackets that `strengths` lists",
            f"Write `value (strength)`; known: {', '.join(f'`{said}`' for said in wish.strengths)}.",
            given.index[unclear],
        )  # fmt: skip
    frame = pd.DataFrame({
        "client_id": ids.reindex(given.index), "attribute": wish.attribute,
        "value": cell_parsing.map_distinct(given, _parse_value), "strength": strength,
    })  # fmt: skip
    return MappedTable(frame[~unclear], dict.fromkeys(list_columns("preferences"), header))


def _parse_strength(text: str, wish: WishColumn) -> str | None:
    found = _WISH_PATTERN.fullmatch(text.strip())
    return wish.strengths.get(normalize_code(found["strength"])) if found else None


def _parse_value(text: str) -> str:
    found = _WISH_PATTERN.fullmatch(text.strip())
    return normalize_code(found["value"] if found else text)
