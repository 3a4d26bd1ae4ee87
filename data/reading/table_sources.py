"""Rows of a table from their source in ``clinic.toml``: files, a database, or what a preset read of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.reading.checks.known_ids import list_left_out_ids
from attune_fit.data.reading.columns.source_file import SourceFile
from attune_fit.data.reading.rows.absent_tables import report_absent_table
from attune_fit.data.reading.rows.duplicate_rows import drop_redundant_rows
from attune_fit.data.reading.rows.odd_rows import drop_totals_rows
from attune_fit.data.reading.rows.row_filter import keep_table_rows
from attune_fit.data.reading.rows.table_files import build_sql_source, read_database_table
from attune_fit.data.reading.shapes.joined_files import join_files
from attune_fit.data.reading.shapes.row_sources import find_table_files, read_as_block, read_table_files
from attune_fit.data.reading.shapes.table_parts import (
    list_needed_headers,
    list_part_collectors,
    list_wish_headers,
    merge_sources,
)
from attune_fit.data.reading.shapes.wide_sessions import split_sessions
from attune_fit.data.row_blocks import RowBlock

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.sql_tables import SqlReader
    from attune_fit.data.reading.presets.preset_reader import FilledTable


def read_source(
    clinic: Clinic, name: str, filled: Sequence[FilledTable | None], collector: FaultCollector, reader: SqlReader
) -> SourceFile | None:
    """Return the rows of a table without redundant ones; None if they do not exist or cannot be read.

    Parameters
    ----------
    clinic : Clinic
        Its mappings have what presets fill.
    name : str
        The canonical table.
    filled : sequence of FilledTable or None
        What a preset read of each part of the table, None for a part without one; empty where no part has a preset.
    collector : FaultCollector
        Collects errors and warnings about the table.
    reader : SqlReader
        Reads tables of databases.
    """
    whole: TableMapping = getattr(clinic.config.tables, name)
    mappings = whole.list_parts()
    presets = filled or (None,) * len(mappings)
    parts = [
        _build_source(clinic, name, preset.cells, preset.file, own, preset.mapping, preset.dropped)
        if preset is not None
        else _read_part(clinic, name, mapping, own, reader)
        for mapping, own, preset in zip(mappings, list_part_collectors(whole, collector), presets, strict=True)
    ]
    found = [part for part in parts if part is not None]
    return merge_sources(found, whole, collector) if len(found) == len(parts) else None


def _read_part(
    clinic: Clinic, name: str, mapping: TableMapping, collector: FaultCollector, reader: SqlReader
) -> SourceFile | None:
    """Return the rows of a table, or of a part of it, without redundant ones; None if they cannot be read."""
    wish_headers = list_wish_headers(clinic.config, name)
    if mapping.sql is not None:
        block = RowBlock(build_sql_source(mapping, name).name)

        def read() -> pd.DataFrame | None:
            return read_database_table(reader, mapping, collector, wish_headers)

        everyone = read_as_block(read, block, collector) if collector.part is not None else read()
        return _build_source(clinic, name, everyone, block.file, collector, mapping)
    files = find_table_files(clinic.folder, name, mapping, collector)
    if files is None:
        return None
    if not files:
        report_absent_table(clinic, name, collector)
        return None
    needed = list_needed_headers(clinic.config, name)
    everyone = read_table_files(files, mapping, collector, wish_headers, needed)
    named = ", ".join(dict.fromkeys(one.path.name for one in files))
    return _build_source(clinic, name, everyone, named, collector, mapping)


def _build_source(
    clinic: Clinic,
    name: str,
    everyone: pd.DataFrame | None,
    file: str,
    collector: FaultCollector,
    mapping: TableMapping,
    dropped: tuple[str, ...] = (),
) -> SourceFile | None:
    """Return the rows of a file or of a database that belong to a table; None after an error.

    ``file`` is its name in messages, and ``dropped`` are the headers that a preset left out.
    """
    if everyone is not None and mapping.join:
        everyone = join_files(everyone, mapping, clinic.folder, collector, list_wish_headers(clinic.config, name))
    raw = None if everyone is None else keep_table_rows(everyone, mapping, collector)
    if everyone is None or raw is None:
        return None
    left_out_ids = list_left_out_ids(name, everyone, raw, mapping)
    raw = drop_totals_rows(drop_redundant_rows(raw, collector), mapping, collector)
    if raw.empty and name in TABLE_ID_COLUMNS:
        fix = "Export it again. Attune needs rows to rank."
        collector.add_error("table-without-rows", "", f"{file} has a header but no rows", fix)
        return None
    spread = split_sessions(raw, mapping, file, collector)
    if spread is None:
        return None
    return SourceFile(name, spread[0], spread[1], clinic.folder, collector, left_out_ids=left_out_ids, dropped=dropped)
