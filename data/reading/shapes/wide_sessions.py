"""Wide repeated measures: a row for each client with a column for each session becomes a row for each session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import mask_missing_codes
from attune_fit.data.clinic.mapping_config import ColumnMapping
from attune_fit.data.clinic.session_headers import (
    SESSION,
    SessionHeader,
    find_session_headers,
    list_session_patterns,
)
from attune_fit.data.faults import DeclaredMissing
from attune_fit.data.reading.rows.header_match import list_headers, suggest_header
from attune_fit.data.row_blocks import ROWS_PER_BLOCK, RowBlock, add_block, find_block

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

NUMBER = "{session} number"  # header of the session, which no export has
MAX_SESSION = 1000  # as in `outcomes.session`
MAX_NAMED = 8  # headers in one message


def split_sessions(
    raw: pd.DataFrame, mapping: TableMapping, file: str, collector: FaultCollector
) -> tuple[pd.DataFrame, TableMapping] | None:
    """Return a row for each session of each row, where headers of the mapping hold ``{session}``.

    Parameters
    ----------
    raw : DataFrame
        Text cells under the clinic's headers, missing where empty.
    mapping : TableMapping
    file : str
        Name of the file, for messages.
    collector : FaultCollector

    Returns
    -------
    (DataFrame, TableMapping) or None
        ``{session}`` stays in the headers of the result, such as ``s{session}``, and one column has the number. A
        session of which every cell is empty, or a code for missing, makes no row. The mapping reads the number as
        `session`. What was given where no header holds ``{session}``; None after an error.
    """
    patterns = list_session_patterns(mapping)
    if not patterns:
        return raw, mapping
    found = _find_headers(raw, patterns, mapping, collector)
    if found is None:
        return None
    names = list(dict.fromkeys(one.name for one in found))
    shared = raw.drop(columns=[one.header for one in found])
    blocks, without = [], pd.Series(True, index=raw.index)
    for session in sorted({one.session for one in found}):
        headers = {one.header: one.name for one in found if one.session == session}
        cells = raw[list(headers)].rename(columns=headers).reindex(columns=names).astype("str")
        is_filled = _find_filled_rows(cells, mapping)
        without &= ~is_filled
        labels = _label_rows(raw.index, session, file, collector)
        _move_declared_cells(headers, labels, collector)
        rows = shared.assign(**{NUMBER: str(session)}).join(cells)
        blocks.append(rows.set_axis(labels.to_numpy(), axis=0)[is_filled.to_numpy()])
    _rename_joined_headers({one.header: one.name for one in found}, collector)
    message, fix = "rows without any session", "Attune reads no visit from them."
    collector.add_warning_for_rows("row-without-session", "", message, fix, raw.index[without])
    columns = {**mapping.columns, "session": ColumnMapping.model_validate({"from": NUMBER})}
    return pd.concat(blocks), mapping.model_copy(update={"columns": columns})


def _find_headers(
    raw: pd.DataFrame, patterns: Sequence[str], mapping: TableMapping, collector: FaultCollector
) -> list[SessionHeader] | None:
    """Return the headers with the cells of sessions; None, with errors, where a pattern has none or two for a cell."""
    found: list[SessionHeader] = []
    is_whole = True
    for pattern in patterns:
        matching = find_session_headers(pattern, list_headers(raw))
        outside = [one.header for one in matching if not 1 <= one.session <= MAX_SESSION]
        if outside:
            listed = ", ".join(f"`{header}`" for header in outside[:MAX_NAMED])
            message = f"headers whose number is no session from 1 to {MAX_SESSION}: {listed}"
            collector.add_warning(
                "session-number-not-valid", pattern, message, "Attune does not read them as sessions."
            )
        inside = [one for one in matching if one.header not in outside]
        if not inside:
            guess = suggest_header(pattern, raw, collector.table, mapping)
            fix = f"Correct it in clinic.toml: `{SESSION}` is the number of the session. {guess}"
            collector.add_error("no-session-header", pattern, "the file has no such headers", fix)
            is_whole = False
        found += inside
    by_cell: dict[tuple[str, int], list[str]] = {}
    for one in found:
        by_cell.setdefault((one.name, one.session), []).append(one.header)
    twice = [header for headers in by_cell.values() if len(headers) > 1 for header in headers]
    if twice:
        listed = ", ".join(f"`{header}`" for header in twice[:MAX_NAMED])
        message, fix = f"headers of the same session: {listed}", "Rename or remove one of them."
        collector.add_error("session-header-twice", twice[0], message, fix)
    return found if is_whole and not twice else None


def _find_filled_rows(cells: pd.DataFrame, mapping: TableMapping) -> pd.Series:
    """Return whether each row has a cell in the session that is neither empty nor a code for missing."""
    own = {column.header: column for column in mapping.columns.values()}
    marks = mapping.number_marks
    filled = [
        mask_missing_codes(column, [*mapping.missing, *(own[name].missing if name in own else [])], *marks).notna()
        for name, column in cells.items()
    ]
    return pd.concat(filled, axis=1).any(axis=1)


def _label_rows(labels: pd.Index, session: int, file: str, collector: FaultCollector) -> pd.Series:
    """Return the label of each row in one session, by its own label; the blocks of a session are new ones."""
    numbers = labels.to_series()
    starts = {}
    for block in (numbers // ROWS_PER_BLOCK).unique():
        of_file = find_block(int(block) * ROWS_PER_BLOCK, collector.blocks) or RowBlock(file)
        new = of_file._replace(session=session, origin=int(block) * ROWS_PER_BLOCK)
        starts[block] = add_block(collector.blocks, new)
    return (numbers // ROWS_PER_BLOCK).map(starts) + numbers % ROWS_PER_BLOCK


def _move_declared_cells(headers: dict[str, str], labels: pd.Series, collector: FaultCollector) -> None:
    """Note the cells that their file declares as missing under the headers and row labels of the session too."""
    for one in list(collector.declared_missing):
        if one.table == collector.table and one.header in headers:
            rows = tuple(int(row) for row in labels.reindex(list(one.rows)).dropna())
            collector.declared_missing.append(DeclaredMissing(one.table, headers[one.header], rows))


def _rename_joined_headers(names: dict[str, str], collector: FaultCollector) -> None:
    """Note the headers of joined files that are now called like those of all sessions."""
    for number, one in enumerate(collector.joined):
        if one.section == collector.section:
            renamed = dict.fromkeys(names.get(header, header) for header in one.headers)
            collector.joined[number] = replace(one, headers=tuple(renamed))
