"""Parts of a table: each is read by a mapping of its own, and together they are the table in canonical columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.reading.columns.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.source_file import SourceFile


def list_part_collectors(mapping: TableMapping, collector: FaultCollector) -> list[FaultCollector]:
    """Return the collector of each part of a table; that of the table where it has no parts."""
    return [collector.for_part(number) for number in range(len(mapping.parts))] or [collector]


def list_wish_headers(config: Config, table: str) -> list[str]:
    """Return the headers of a table that hold wishes."""
    return [wish.column for wish in config.tables.preferences.wishes] if table == "clients" else []


def merge_sources(parts: Sequence[SourceFile], mapping: TableMapping, collector: FaultCollector) -> SourceFile:
    """Return the rows of all parts as one source, with the parts; the part itself where it is the whole table.

    Parameters
    ----------
    parts : sequence of SourceFile
        At least one. Their row labels are unique.
    mapping : TableMapping
        The mapping of the whole table.
    collector : FaultCollector
        The collector of the whole table.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    missing = dict.fromkeys(code for part in parts for code in part.mapping.missing)
    left_out = frozenset[str]().union(*(part.left_out_ids for part in parts))
    return replace(
        first,
        raw=pd.concat([part.raw for part in parts]),
        mapping=mapping.model_copy(update={"missing": list(missing)}),
        collector=collector,
        left_out_ids=left_out,
        parts=tuple(parts),
    )


def merge_tables(parts: Sequence[MappedTable], table: str, collector: FaultCollector) -> MappedTable:
    """Return the rows of all parts as one table; the part itself where there is one.

    Parameters
    ----------
    parts : sequence of MappedTable
        At least one. A canonical column has the same kind in each of them.
    table : str
        The canonical table.
    collector : FaultCollector
        Warns of columns of the clinic's own whose kinds differ: Attune does not use them.
    """
    if len(parts) == 1:
        return parts[0]
    headers = {name: header for part in reversed(parts) for name, header in part.headers.items()}
    frames = [part.frame for part in parts]
    own = [name for name in headers if name not in list_columns(table)]
    mixed = [name for name in own if _has_mixed_kinds([frame[name] for frame in frames if name in frame])]
    if mixed:
        listed = ", ".join(f"`{name}`" for name in mixed)
        message = f"columns of your own that are of different kinds in the parts: {listed}"
        fix = "Attune does not use them. Set their `kind` in each part."
        collector.add_warning("part-with-another-kind", headers[mixed[0]], message, fix)
    frames = [_drop_unknown_columns(frame.drop(columns=mixed, errors="ignore")) for frame in frames]
    names = [name for name in dict.fromkeys(name for part in parts for name in part.frame) if name not in mixed]
    combined = pd.concat(frames).reindex(columns=sorted(names, key=lambda name: name in own))
    kinds = {name: part.frame[name].dtype for part in reversed(parts) for name in part.frame}
    empty = [name for name in names if combined[name].isna().all()]
    combined = combined.astype({name: kinds[name] for name in empty})
    headers = {name: header for name, header in headers.items() if name not in mixed}
    return MappedTable(combined, headers, tuple(parts))


def split_table(table: MappedTable) -> list[MappedTable]:
    """Return the parts of a table, or the table itself; what a check of the whole table has changed in them is kept."""
    return [replace(part, frame=_select_part(table.frame, part.frame)) for part in table.parts] or [table]


def _select_part(frame: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return the rows and columns of a part, in its types: two parts can have a birth date and an age in one column."""
    names = [name for name in part if name in frame]
    return frame.loc[part.index, names].astype({name: part[name].dtype for name in names})


def _has_mixed_kinds(columns: Sequence[pd.Series]) -> bool:
    """Return whether columns with any known cell are texts in one part and numbers or dates in another."""
    return len({column.dtype.kind for column in columns if column.notna().any()}) > 1


def _drop_unknown_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without columns that have no known cell: their type would be the one of no cell."""
    return frame.dropna(axis=1, how="all") if len(frame) else frame.iloc[:, :0]
