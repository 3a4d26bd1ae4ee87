"""Rows of text files from which several tables come: each file is read once while a clinic is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.json_records import is_json_file
from attune_fit.data.formats.table_formats import find_format_to_read
from attune_fit.data.reading.rows.table_files import LAYOUT_KEYS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.faults import ReadFile

    GridReader = Callable[[Path, TableMapping, FaultCollector], pd.DataFrame | None]

MAX_SHARED_CELLS = 20_000_000  # of all files but the last one, which is in memory anyway; about 1 GB


class SharedGrids:
    """Rows of files that were read without any fault, for one reading of a clinic: a later one reads them again.

    Where they hold more than :data:`MAX_SHARED_CELLS` cells, the oldest are read again when they are needed.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Path, str], tuple[pd.DataFrame, list[ReadFile]]] = {}

    def read(
        self, path: Path, mapping: TableMapping, collector: FaultCollector, read: GridReader
    ) -> pd.DataFrame | None:
        """Return what ``read`` returns, from memory where the file was read in the same layout.

        Only text has rows that do not depend on the table; other files are read each time.

        Parameters
        ----------
        path : Path
        mapping : TableMapping
            Its keys of the layout, such as ``encoding``, decide how the file is read.
        collector : FaultCollector
            Collects errors and warnings, and notes the file for its table.
        read : callable
            ``read(path, mapping, collector)`` returns every row; None after an error.
        """
        if not (find_format_to_read(path).is_text or is_json_file(path)):
            return read(path, mapping, collector)
        key = (path, mapping.model_dump_json(include=set(LAYOUT_KEYS), exclude_unset=True))
        if key in self._found:
            grid, files = self._found[key]
            collector.files.extend(file._replace(table=collector.table) for file in files)
            return grid
        n_faults, n_files = len(collector.faults), len(collector.files)
        found = read(path, mapping, collector)
        if found is not None and len(collector.faults) == n_faults:
            self._found[key] = found, collector.files[n_files:]
            self._drop_oldest()
        return found

    def _drop_oldest(self) -> None:
        while len(self._found) > 1 and sum(grid.size for grid, _ in self._found.values()) > MAX_SHARED_CELLS:
            del self._found[next(iter(self._found))]
