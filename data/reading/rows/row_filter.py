"""The rows of a file that belong to a table: the key ``rows`` of ``[tables.NAME]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import RESTRICTING_TABLES, list_columns
from attune_fit.data.clinic.row_condition import ColumnCondition, find_incomparable_rows, is_condition_met
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.rows.header_match import find_header, require_header

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

EMPTY_CELL = ColumnCondition(column="(any)", empty=True)


def keep_table_rows(raw: pd.DataFrame, mapping: TableMapping, collector: FaultCollector) -> pd.DataFrame | None:
    """Return the rows that fulfil ``rows`` of the mapping, all rows where the clinic sets none.

    Parameters
    ----------
    raw : DataFrame
        Text cells under the clinic's headers.
    mapping : TableMapping
        The mapping of the table.
    collector : FaultCollector
        Collects errors and warnings about the table.

    Returns
    -------
    DataFrame or None
        The rows under their own row numbers. None where the condition cannot be applied, or where no row fulfils it in
        a table that cannot be empty; an error gives the reason.

    Notes
    -----
    Wishes and conflicts restrict who is offered. Without any row a wrong condition would lift them all in silence, so
    that is an error. For the same reason, one of their rows stays where its cell is empty or cannot be compared. A
    clinic without any rating yet is ordinary: a warning.
    """
    if mapping.rows is None:
        return raw
    key = f"tables.{collector.key_path}.rows"
    header = require_header(raw, mapping.rows.column, f"{key}.column", collector, mapping)
    if header is None:
        return None
    try:
        is_met = is_condition_met(mapping.rows, raw[header], key, mapping)
        is_unclear = _find_unclear_rows(raw, is_met, header, mapping, collector)
    except DataFault as fault:
        collector.faults.extend(fault.faults)
        return None
    if len(raw) and not is_met.any():
        n_rows = len(raw)
        message = f"none of the {n_rows} rows of the file fulfils `rows`"
        if collector.table != "outcomes":
            fix = f"Correct `{key}` in clinic.toml. To go on without such rows, remove [tables.{collector.key_path}]."
            collector.add_error("no-row-kept", header, message, fix)
            return None
        fix = f"Attune goes on without any rating. Check `{key}` in clinic.toml."
        collector.add_warning("no-rating-kept", header, message, fix)
    return raw[is_met | is_unclear]


def _find_unclear_rows(
    raw: pd.DataFrame, is_met: pd.Series, header: str, mapping: TableMapping, collector: FaultCollector
) -> pd.Series:
    """Return whether each row stays though its cell does not show that it belongs to the table; warn of such cells."""
    is_unclear = pd.Series(False, index=raw.index)
    condition, table = mapping.rows, collector.table
    if condition is None or table == "outcomes" or not is_met.any():
        return is_unclear
    cells = raw[header]
    is_unclear = find_incomparable_rows(condition, cells, mapping)
    texts = [one for one in (*(condition.is_ or []), *(condition.is_not or [])) if isinstance(one, str)]
    if condition.empty is None and all(map(normalize_code, texts)):
        is_unclear |= is_condition_met(EMPTY_CELL, cells, f"tables.{table}.rows", mapping)
    is_unclear &= ~is_met
    if table not in RESTRICTING_TABLES:
        message = "rows that `rows` leaves out because their cell is empty or cannot be compared"
        fix = "These people are not in the table. Correct the cells, or the condition."
        collector.add_warning_for_rows("row-left-out-unclear", header, message, fix, raw.index[is_unclear])
        return pd.Series(False, index=raw.index)
    is_unclear &= _find_rows_with_content(raw, mapping, table)
    message = "cells that are empty, or that `rows` cannot compare"
    fix = "Attune keeps these rows, so that no restriction is lost. Correct the cells, or the condition."
    collector.add_warning_for_rows("row-kept-unclear", header, message, fix, raw.index[is_unclear])
    return is_unclear


def _find_rows_with_content(raw: pd.DataFrame, mapping: TableMapping, table: str) -> pd.Series:
    """Return whether each row has any cell of the table's own columns: a row of another form in one file has none."""
    names = [column.name for column in list_columns(table).values() if column.required and column.name != "client_id"]
    wanted = [mapping.get_header(name) for name in names]
    headers = [header for one in wanted if (header := find_header(raw, one)) is not None]
    return raw[headers].notna().any(axis=1) if headers else pd.Series(True, index=raw.index)
