"""Rows of text cells that are made of resources, and the cells among them that cannot be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.reading.presets.fhir.resource_files import Resource

FIRST_ROW = 1


class CellRows:
    """Rows of one table, each made of a resource.

    The label of a row is the line of its resource where all are lines of one file, else the number of the row from 1.
    """

    def __init__(self, headers: Sequence[str]) -> None:
        self.headers = tuple(headers)
        self._rows: list[dict[str, str | None]] = []
        self._places: list[tuple[str, int]] = []
        self._bad: dict[str, list[int]] = defaultdict(list)

    def add(self, resource: Resource, cells: dict[str, str | None], bad: Sequence[str] = ()) -> None:
        """Add a row; ``bad`` are the headers whose cell cannot be read, so that it is missing."""
        for header in bad:
            self._bad[header].append(len(self._rows))
        self._rows.append({**cells, **dict.fromkeys(bad)})
        self._places.append((resource.file, resource.row))

    def build(self) -> pd.DataFrame:
        """Return the cells as text, NA where missing."""
        frame = pd.DataFrame(self._rows, columns=list(self.headers), dtype="str")
        return frame.set_axis(self._list_labels(), axis=0)

    def find_bad_cells(self, header: str) -> pd.Series:
        """Return whether the cell of each row under a header cannot be read."""
        is_bad = pd.Series(False, index=self._list_labels())
        is_bad.iloc[self._bad.get(header, [])] = True
        return is_bad

    def _list_labels(self) -> pd.Index:
        numbers = [row for _, row in self._places]
        if len({file for file, _ in self._places}) == 1 and len(set(numbers)) == len(numbers):
            return pd.Index(numbers, dtype="int64")
        return pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(self._rows))


def is_header_used(mapping: TableMapping, name: str, header: str) -> bool:
    """Return whether the clinic leaves a column of Attune to the header that the preset gives it."""
    own = mapping.columns.get(name)
    return own is None or normalize_code(own.header) == normalize_code(header)
