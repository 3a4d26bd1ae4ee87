"""Read an earlier placement of the waiting list: who was placed with which therapist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attune_fit.data.clinic.columns import COLUMNS, TABLES, list_columns
from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.formula_cells import remove_formula_mark
from attune_fit.data.formats.table_formats import format_names
from attune_fit.data.reading.rows.table_files import read_file
from attune_fit.results import Result

PLACEMENT_COLUMNS = ["client_id", "therapist_id"]
SHARED_COLUMNS = frozenset({*PLACEMENT_COLUMNS, "score"})  # a placement and a canonical table can both have them
MAX_COLUMNS_NAMED = 5  # canonical columns in a message


def read_earlier_placement(
    source: Mapping[str, str | None] | pd.DataFrame | Result | Path | str | None,
) -> dict[str, str]:
    """Return the therapist of each placed client, by client id.

    Parameters
    ----------
    source : dict, DataFrame, Result, path or None
        The placement itself, its table, or a file that ``attune assign --out`` wrote. A client without a therapist was
        not placed. The ids are compared as text: a client can be called ``NA`` or ``None``. The apostrophe that
        ``--out`` writes before ids such as ``-1`` does not belong to the id; files with and without it can be read.

    Returns
    -------
    dict of str to str
        Empty for None.

    Raises
    ------
    DataFault
        If the table or file has no column of ids, several rows for one client, or columns of a clinic's table such as
        `outcomes`; or if the file cannot be read.

    Examples
    --------
    >>> read_earlier_placement(pd.DataFrame({"client_id": ["c1", "c2"], "therapist_id": ["t4", None]}))
    {'c1': 't4'}
    """
    if source is None or isinstance(source, Mapping):
        return {str(client): str(one) for client, one in (source or {}).items() if one is not None}
    is_file = isinstance(source, (Path, str))
    name = str(source) if is_file else "keep"
    fix = f"Name a file that `attune assign --out` wrote, or any {format_names()} file with {_join(' and ')}."
    rows = _read_rows(source, name, fix)
    missing = [column for column in PLACEMENT_COLUMNS if column not in rows]
    if missing:
        fix = fix if is_file else f"Give a table with {_join(' and ')}, or a dict of them."
        raise DataFault.error(
            "missing-placement-column", name, "", f"has no column {' and no '.join(missing)}", fix=fix
        )
    if foreign := [column.name for column in COLUMNS if column.name in rows and column.name not in SHARED_COLUMNS]:
        raise DataFault([_describe_other_table(foreign, name, fix)])
    placed = rows[PLACEMENT_COLUMNS].dropna().map(_format_id)
    n_repeated = placed.loc[placed["client_id"].duplicated(), "client_id"].nunique()
    if n_repeated:
        clients = "1 client has" if n_repeated == 1 else f"{n_repeated:,} clients have"
        message = f"{clients} several rows, so this is no placement"
        raise DataFault.error("several-therapists-kept", name, "client_id", message, fix=fix)
    return dict(placed.itertuples(index=False))


def _describe_other_table(columns: Sequence[str], name: str, fix: str) -> Fault:
    """Return the fault about canonical columns that no placement has; a file with them is another table."""
    table = max(TABLES, key=lambda one: len(list_columns(one).keys() & set(columns)))
    named = list(dict.fromkeys(columns))
    more = f" and {len(named) - MAX_COLUMNS_NAMED} more" if len(named) > MAX_COLUMNS_NAMED else ""
    listed = ", ".join(f"`{column}`" for column in named[:MAX_COLUMNS_NAMED]) + more
    message = f"has columns of `{table}` ({listed}), so this is no placement"
    return Fault.error("not-a-placement", name, "", message, fix=fix)


def _format_id(cell: object) -> str:
    """Return an id as text; a whole number without its decimals, as pandas adds them where an id is missing."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _read_rows(source: Any, name: str, fix: str) -> pd.DataFrame:
    """Return the table of a placement."""
    if isinstance(source, Result):
        return source.to_frame()
    if isinstance(source, pd.DataFrame):
        return source
    if not Path(source).is_file():
        raise DataFault.error("placement-not-found", name, "", "does not exist or is no file", fix=fix)
    collector = FaultCollector(name)
    rows = read_file(Path(source), TableMapping(), collector)
    if rows is None:
        raise DataFault.error("placement-not-readable", name, "", "is damaged, or no table of this kind", fix=fix)
    # a spreadsheet program keeps the apostrophes of a CSV file when it saves the file in another format
    return rows.map(remove_formula_mark, na_action="ignore")


def _join(word: str) -> str:
    return word.join(PLACEMENT_COLUMNS)
