"""Read an earlier placement of the waiting list: who was placed with which therapist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.faults import DataFault
from attune_fit.data.formats.table_formats import format_names
from attune_fit.data.reading.table_files import read_file
from attune_fit.results import Result

PLACEMENT_COLUMNS = ["client_id", "therapist_id"]


def read_earlier_placement(source: Mapping[str, str] | pd.DataFrame | Result | Path | str | None) -> dict[str, str]:
    """Return the therapist of each placed client, by client id.

    Parameters
    ----------
    source : dict, DataFrame, Result, path or None
        The placement itself, its table, or a file that ``attune assign --out`` wrote. A client without a therapist was
        not placed.

    Returns
    -------
    dict of str to str
        Empty for None.

    Raises
    ------
    DataFault
        If the table or file has no column of ids or several rows for one client, or the file cannot be read.

    Examples
    --------
    >>> read_earlier_placement(pd.DataFrame({"client_id": ["c1", "c2"], "therapist_id": ["t4", None]}))
    {'c1': 't4'}
    """
    if source is None or isinstance(source, Mapping):
        return {str(client): str(therapist) for client, therapist in (source or {}).items()}
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
    placed = rows[PLACEMENT_COLUMNS].dropna().astype(str)
    n_repeated = int(placed["client_id"].duplicated().sum())
    if n_repeated:
        message = f"{n_repeated} clients have several rows, so this is no placement"
        raise DataFault.error("several-therapists-kept", name, "client_id", message, fix=fix)
    return dict(placed.itertuples(index=False))


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
    return rows


def _join(word: str) -> str:
    return word.join(PLACEMENT_COLUMNS)
