"""Warnings about ``[waiting]``: clients of whom the clinic's condition cannot be judged, or that no client fulfils."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.row_condition import find_incomparable_rows
from attune_fit.data.clinic.waiting_clients import is_waiting_condition_met
from attune_fit.data.faults import Fault
from attune_fit.data.reading.rows.header_match import list_column_headers

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.reading.columns.source_file import SourceFile
    from attune_fit.data.row_blocks import JoinedRows

MAX_NAMED = 8  # clients named in one message


def list_waiting_warnings(
    config: Config, clients: pd.DataFrame, source: SourceFile, met: Collection[str]
) -> list[Fault]:
    """Return the warnings about ``waiting.where``.

    They are about a condition that no client fulfils, cells that it cannot compare, and clients without a row in the
    joined file of its column.

    Parameters
    ----------
    config : Config
    clients : DataFrame
        The checked table, under the row labels of ``source``.
    source : SourceFile
        The rows of the table.
    met : collection of str
        Ids of the clients who have met a therapist: they do not wait, whatever their cells.

    Raises
    ------
    DataFault
        As :func:`is_waiting_condition_met`.
    """
    where, warnings = config.waiting.where, list[Fault]()
    is_met = is_waiting_condition_met(config, clients)
    if where is None:
        return warnings
    if not is_met.any():
        message = f"no client fulfils this condition on `{where.column}`, so no client waits"
        fix = "Correct it, or remove it: without it, every client who has met no therapist waits."
        warnings.append(Fault.warning("no-client-fulfils-condition", "clinic.toml", "waiting.where", message, fix=fix))
    elif (is_text := find_incomparable_rows(where, clients[where.column], config.tables.clients) & ~is_met).any():
        message = f"cells that the condition cannot compare: clients {_name_some(clients['client_id'][is_text])}"
        fix = "These clients do not wait. Write numbers or dates in these cells, or correct `waiting.where`."
        warnings.append(Fault.warning("condition-not-comparable", "clients", where.column, message, fix=fix))
    can_wait = clients["client_id"][~clients["client_id"].isin(list(met))]
    return [*warnings, *_list_absent_row_warnings(where.column, can_wait, is_met, source)]


def _list_absent_row_warnings(column: str, ids: pd.Series, is_met: pd.Series, source: SourceFile) -> list[Fault]:
    """Return a warning for each joined file that holds the column of the condition and has no row of some clients.

    ``ids`` are those of the clients who can wait; the condition reads their cells of the file as empty ones.
    """
    warnings = []
    for header, joined in _list_joined_headers(column, source):
        absent = ids[ids.index.isin(joined.rows.index[joined.rows.isna()])]
        if absent.empty:
            continue
        who = f"{len(absent)} client{'s' if len(absent) > 1 else ''}"
        message = f"{who} without a row in {joined.file}, which holds this column of `waiting`: {_name_some(absent)}"
        fix = (
            "These clients wait, as with an empty cell. Add the rows of those who do not wait."
            if is_met[absent.index].any()
            else "These clients do not wait. Add the rows of those who wait."
        )
        warnings.append(
            Fault.warning("waiting-without-joined-row", source.table, header, message, fix=fix, rows=absent.index)
        )
    return warnings


def _list_joined_headers(column: str, source: SourceFile) -> list[tuple[str, JoinedRows]]:
    """Return each joined file with a header from which a column of the table is read, after that header."""
    found = []
    for part in source.parts or (source,):
        for joined in part.collector.joined:
            if (joined.table, joined.section) == (source.table, part.collector.section):
                headers = pd.DataFrame(columns=list(joined.headers))
                found += [(header, joined) for header in list_column_headers(headers, part.mapping, column)[:1]]
    return found


def _name_some(ids: pd.Series) -> str:
    """Return the first ids, and how many more there are."""
    more = f" and {len(ids) - MAX_NAMED} more" if len(ids) > MAX_NAMED else ""
    return f"{', '.join(ids.iloc[:MAX_NAMED])}{more}"
