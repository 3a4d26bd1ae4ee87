"""Headers of a file: each once, and none missing over cells that can restrict."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import is_one_of, list_distinct, normalize_code, normalize_text
from attune_fit.data.clinic.columns import RESTRICTING_TABLES, TABLES, list_columns
from attune_fit.data.reading.rows.header_match import (
    has_trusted_headers,
    list_column_headers,
    list_known_headers,
    list_placeholders,
    match_headers,
)

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

_NUMBERED = re.compile(r"(.+?)[\W_]*\d+[\W_]*")  # such as `therapist_id_2`


def build_named_columns(
    raw: pd.DataFrame, mapping: TableMapping, wish_headers: Collection[str], collector: FaultCollector
) -> pd.DataFrame:
    """Return a table with unique headers without extra spaces, and NA for empty cells; unnamed columns are dropped.

    Parameters
    ----------
    raw : DataFrame
        Text cells, empty text for empty ones, under the headers of the file.
    mapping : TableMapping
        How to read the table.
    wish_headers : collection of str
        Columns of the file that hold wishes.
    collector : FaultCollector
        Collects an error where cells would be lost that can restrict: below a header that the file has twice, or
        below no header, next to a column that restricts. Elsewhere that is a warning.
    """
    columns, is_filled = _mask_blank_cells(raw)
    if has_trusted_headers(raw, collector.table, mapping):
        restricting = _list_restricting_headers(raw, collector.table, mapping, wish_headers)
        names = _name_columns(list(raw.columns), is_filled, restricting, collector)
        _report_numbered_headers([str(header) for header in raw.columns], is_filled, mapping, collector)
        _report_unnamed_columns(names, is_filled, restricting, collector)
    else:
        names = list_placeholders(len(raw.columns))
        _report_unnamed_columns([normalize_text(str(header)) for header in raw.columns], is_filled, (), collector)
    is_named = [bool(normalize_code(str(header))) for header in raw.columns]
    named = [position for position, one in enumerate(is_named) if one]
    table = pd.DataFrame({position: columns[position] for position in named}, index=raw.index, copy=False)
    return table.set_axis([names[position] for position in named], axis=1)


def _mask_blank_cells(raw: pd.DataFrame) -> tuple[list[pd.Series], list[bool]]:
    """Return the columns with NA for empty cells, and whether each column has another cell."""
    columns, is_filled = [], []
    for _, cells in raw.items():
        distinct = list_distinct(cells)
        blanks = [text for text in distinct if not text.strip()]
        columns.append(cells.mask(is_one_of(cells, blanks)) if blanks else cells)
        is_filled.append(len(blanks) < len(distinct))
    return columns, is_filled


def _list_restricting_headers(
    raw: pd.DataFrame, table: str, mapping: TableMapping, wish_headers: Collection[str]
) -> frozenset[str] | None:
    """Return the headers, as codes, of the columns of a table that restrict who is offered; None for every header.

    ``wish_headers`` can be patterns of headers.
    """
    if table in RESTRICTING_TABLES:
        return None
    columns = list_columns(table).values() if table in TABLES else ()
    names = [column.name for column in columns if column.restricts]
    mapped = [header for name in names for header in list_column_headers(raw, mapping, name)]
    named = [header for one in wish_headers for header in match_headers(raw, one).values()]
    return frozenset(map(normalize_code, (*mapped, *named, *wish_headers)))


def _name_columns(
    headers: list[str], is_filled: list[bool], restricting: frozenset[str] | None, collector: FaultCollector
) -> list[str]:
    """Return a name for each column, the header with a number where the file has it again; add faults of these."""
    names: list[str] = []
    counts: dict[str, int] = {}
    for header, filled in zip(map(normalize_text, map(str, headers)), is_filled, strict=True):
        code = normalize_code(header)
        count = counts[code] = counts.get(code, 0) + 1
        while count > 1 and normalize_code(f"{header} ({count})") in counts:  # the file can contain this header too
            count += 1
        names.append(header if count == 1 else f"{header} ({count})")
        counts.setdefault(normalize_code(names[-1]), 1)
        if count == 1 or not header:
            continue
        message = "the file has this header more than once"
        if filled and (restricting is None or code in restricting):
            fix = "Attune would not read the other column, and it can restrict. Join the columns, or rename one."
            collector.add_error("duplicate-header-restricts", header, message, fix)
        else:
            collector.add_warning("duplicate-header", header, message, f"Attune calls this column `{names[-1]}`.")
    return names


def _report_unnamed_columns(
    names: list[str], is_filled: list[bool], restricting: Collection[str] | None, collector: FaultCollector
) -> None:
    """Add a fault about columns without a header that hold cells: an error next to a column that restricts."""
    left, near, found = "", "", False
    for name, filled in zip(names, is_filled, strict=True):
        if name:
            left = name
        elif filled:
            found = True
            near = near or (left if restricting is None or normalize_code(left) in restricting else "")
    if near:
        fix = "Attune would not read them, and they can restrict. Give each a header, or join it to the column."
        collector.add_error("column-without-header-restricts", near, "columns without a header to the right of it", fix)
    elif found:
        fix = "Attune ignores them. Add a header if you need them, or name each header row: `header_row = [1, 2]`."
        collector.add_warning("column-without-header", "", "columns without a header", fix)


def _report_numbered_headers(
    headers: list[str], is_filled: list[bool], mapping: TableMapping, collector: FaultCollector
) -> None:
    """Add an error about headers such as ``therapist_id_2`` in a table that restricts: their cells would be lost."""
    if collector.table not in RESTRICTING_TABLES:
        return
    known = {_join_words(header) for header in list_known_headers(collector.table, mapping)}
    for header, filled in zip(headers, is_filled, strict=True):
        numbered = _NUMBERED.fullmatch(_join_words(header))
        if filled and numbered is not None and _join_words(header) not in known and numbered[1] in known:
            message = f"this column is called like `{numbered[1]}`, and Attune does not read it"
            fix = "Write each pair or wish in a row of its own. If this column is another thing, rename it."
            collector.add_error("numbered-header", normalize_text(header), message, fix)


def _join_words(header: str) -> str:
    """Return a header as a code with one underscore between words, as canonical names are written."""
    return re.sub(r"\W+", "_", normalize_code(header))
