"""What the log holds about a file of rankings, and the file written again from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.formats.parquet_parts import hash_table_file, list_parts
from attune_fit.data.storage.atomic_write import make_temporary_path
from attune_fit.data.writing.table_writer import write_frame_blocks
from attune_fit.matching.batch.ranking_files import write_ranking_parts, write_rankings
from attune_fit.matching.batch.ranking_table import RowSelection
from attune_fit.matching.ranking.rank import find_row, rank_to_frames

if TYPE_CHECKING:
    from attune_fit.data.arrays import Indices
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.scored_roster import RosterScorer

FIND_CLIENTS: Mapping[str, Callable[[Clinic, Tables], Indices]] = {
    "all": lambda _, tables: np.arange(len(tables.clients)),
    "waiting": find_waiting_clients,
}
SELECTION_CHECKS: Mapping[str, Callable[[object], bool]] = {  # lines of versions before 0.4 have none of these fields
    "clients": lambda value: value is None or (isinstance(value, str) and value in FIND_CLIENTS),
    "top": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0),
    "excluded": lambda value: value is None or isinstance(value, bool),
    "is_folder": lambda value: value is None or isinstance(value, bool),
}


def describe_selection(clients: str, selection: RowSelection, *, is_folder: bool) -> dict[str, Any]:
    """Return the fields of the log that decide which rows a file has, and whether it is a folder of parts.

    ``clients`` is a key of :data:`FIND_CLIENTS`, or empty for one client, whose id the log holds.
    """
    return {
        **({"clients": clients} if clients else {}),
        "top": selection.top,
        "excluded": selection.has_excluded,
        "is_folder": is_folder,
    }


def find_logged_clients(fields: Mapping[str, Any], clinic: Clinic, tables: Tables) -> Indices | None:
    """Return the rows of the clients in a logged file; None where an earlier version did not name them.

    Such a line holds the number of rows, which decides whether the file was of all clients or of those who wait.
    """
    if one_client := fields.get("client_id"):
        return np.array([find_row(tables, "clients", str(one_client))])
    if name := fields.get("clients"):
        return FIND_CLIENTS[name](clinic, tables)
    groups = (find(clinic, tables) for find in FIND_CLIENTS.values())
    return next((rows for rows in groups if len(rows) * len(tables.therapists) == fields["rows"]), None)


def recompute_file_digest(fields: Mapping[str, Any], scorer: RosterScorer, client_rows: Indices, folder: Path) -> str:
    """Write a logged file again, for a moment and in a folder, and return its SHA-256.

    A file of a version before 0.4 is written row by row, as it was then.
    """
    raw = not fields.get("escaped")
    path = make_temporary_path(folder, Path(str(fields["file"])).suffix)
    selection = RowSelection(fields.get("top"), bool(fields.get("excluded")))
    try:
        if fields.get("excluded") is None:
            write_frame_blocks(rank_to_frames(scorer, client_rows), path, raw=raw)
        elif fields.get("is_folder"):
            write_ranking_parts(scorer, client_rows, path, selection)
        else:
            write_rankings(scorer, client_rows, path, selection, raw=raw)
        return hash_table_file(path)
    finally:
        for part in list_parts(path):
            part.unlink()
        if path.is_dir():
            path.rmdir()
        path.unlink(missing_ok=True)
