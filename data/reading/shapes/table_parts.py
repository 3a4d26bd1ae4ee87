"""Parts of a table: each is read by a mapping of its own, and together they are the table in canonical columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, list_columns
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.rows.header_match import find_header
from attune_fit.data.reading.shapes.row_sources import match_spelling
from attune_fit.data.row_blocks import find_block

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


def list_needed_headers(config: Config, table: str) -> list[str]:
    """Return the headers that each file of a table needs where one has them: of wishes, and of who waits."""
    where = config.waiting.where if table == "clients" else None
    mapping: TableMapping = getattr(config.tables, table)
    return [*list_wish_headers(config, table), *([] if where is None else [mapping.get_header(where.column)])]


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
    frames = match_spelling([part.raw for part in parts])  # a wish or a condition names the header of all parts
    parts = [replace(part, raw=raw) for part, raw in zip(parts, frames, strict=True)]
    missing = dict.fromkeys(code for part in parts for code in part.mapping.missing)
    left_out = frozenset[str]().union(*(part.left_out_ids for part in parts))
    return replace(
        first,
        raw=pd.concat(frames),
        mapping=mapping.model_copy(update={"missing": list(missing)}),
        collector=collector,
        left_out_ids=left_out,
        parts=tuple(parts),
    )


def check_part_columns(sources: Sequence[SourceFile], parts: Sequence[MappedTable], config: Config) -> None:
    """Report parts without a limit, the column of who waits, or the wishes, that another part has.

    An absent column is not the absence of a limit.

    Parameters
    ----------
    sources : sequence of SourceFile
        The parts. Faults go to their collectors.
    parts : sequence of MappedTable
        Their columns, in the same order.
    config : Config
    """
    table = sources[0].table
    wish_headers, where = list_wish_headers(config, table), config.waiting.where if table == "clients" else None
    limits = [column.name for column in list_columns(table).values() if column.is_limit and table in TABLE_ID_COLUMNS]
    limits += [] if where is None else [where.column]  # who waits is as needed as a limit
    limits = [name for name in limits if any(name in part.frame for part in parts)]
    wished = [[header for header in wish_headers if find_header(one.raw, header) is not None] for one in sources]
    for source, part, wishes in zip(sources, parts, wished, strict=True):
        lacking = [name for name in limits if name not in part.frame and name not in source.mapping.columns]
        block = find_block(int(source.raw.index[0]), source.collector.blocks) if len(source.raw) else None
        for name in lacking:
            message = f"{block or 'a part'} lacks the column `{name}`, which another part of the table has"
            fix = f"Map it under [{source.collector.section}.columns], or add it, with empty cells where there is none."
            source.collector.add_error("part-lacks-needed-column", name, message, fix)
        if any(wished) and not wishes:
            message = f"{block or 'a part'} has none of the columns of wishes, which another part of the table has"
            fix = "Attune knows no wish of these clients. If they have some, name the header under `wishes`."
            source.collector.add_warning("part-without-wishes", "", message, fix)


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


def drop_repeated_visits(table: MappedTable, collector: FaultCollector) -> MappedTable:
    """Return the outcomes without visits that an earlier part has too: an overlap of two exports is counted once.

    Two rows are the same visit where all canonical columns are equal, and the session or the date is known.
    """
    seen: set[tuple[object, ...]] = set()
    copies: list[int] = []
    for part in table.parts:
        dated = [name for name in ("session", "measured_on") if name in part.frame]
        frame = part.frame.reindex(columns=list(list_columns("outcomes")))
        frame = frame[part.frame[dated].notna().any(axis=1)].astype("object")
        visits = list(frame.where(frame.notna(), None).itertuples(index=False, name=None))
        copies += [int(row) for row, visit in zip(frame.index, visits, strict=True) if visit in seen]
        seen.update(visits)
    message, fix = "the same visit again in another part", "Attune counts it once."
    collector.add_warning_for_rows("visit-in-two-parts", "", message, fix, pd.Index(copies))
    return replace(table, frame=table.frame.drop(index=copies)) if copies else table


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
