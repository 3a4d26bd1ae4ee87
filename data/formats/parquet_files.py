"""Reading and writing of Parquet files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.parquet_parts import list_table_files
from attune_fit.data.formats.reading_limits import MAX_CELL_LETTERS
from attune_fit.data.formats.size_checks import add_long_cell_error, check_table_size, check_unpacked_size

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout


def read_parquet_file(path: Path, layout: FileLayout, collector: FaultCollector) -> pd.DataFrame | None:
    """Return the typed cells of a file, or of the files in a folder; None after an error.

    Columns that pandas saved as a named index come first.

    Raises
    ------
    ValueError
        If a file is damaged or not a Parquet file.
    OSError
        If a file cannot be opened.
    """
    del layout  # one signature for every row of FORMATS
    import pyarrow  # heavy: only clinics with Parquet files need it
    import pyarrow.parquet

    try:
        parts = list_table_files(path)
        described = [_read_metadata(part) for part in parts]
        if not _check_columns(parts, [schema for _, schema in described], path.name, collector):
            return None
        if not _check_size([metadata for metadata, _ in described], path.name, collector):
            return None
        tables = []
        for part, (_, schema) in zip(parts, described, strict=True):
            texts = [field.name for field in schema if _is_text(field.type)]
            # a text that is stored once and meant in each row stays stored once, until its length is known
            with pyarrow.parquet.ParquetFile(part, read_dictionary=texts) as file:
                table = file.read()
            if not _check_texts(table, part.name, collector):
                return None
            tables.append(_decode_texts(table))
        joined = tables[0] if len(tables) == 1 else pyarrow.concat_tables(tables, promote_options="permissive")
        frame: pd.DataFrame = joined.to_pandas()
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error
    return frame.reset_index([name for name in frame.index.names if name is not None])


def _read_metadata(path: Path) -> tuple[Any, Any]:
    """Return the sizes in a file, and its columns."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        return file.metadata, file.schema_arrow


def _check_columns(parts: list[Path], schemas: list[Any], name: str, collector: FaultCollector) -> bool:
    """Return whether all parts of a folder have the same columns in the same order; add an error if not."""
    different = [part.name for part, schema in zip(parts, schemas, strict=True) if schema.names != schemas[0].names]
    if different:
        message = f"{different[0]} in the folder {name} has other columns than {parts[0].name}"
        collector.add_error("parts-differ", "", message, "Write all files of the folder again, from one table.")
    return not different


def _is_text(kind: Any) -> bool:
    import pyarrow.types

    return any(is_kind(kind) for is_kind in (pyarrow.types.is_string, pyarrow.types.is_large_string))


def _check_size(described: list[Any], name: str, collector: FaultCollector) -> bool:
    """Return whether the numbers of rows, columns and values, and the size unpacked, are within the limits."""
    groups = [metadata.row_group(number) for metadata in described for number in range(metadata.num_row_groups)]
    values = sum(group.column(number).num_values for group in groups for number in range(group.num_columns))
    n_columns = described[0].num_columns
    # a list counts as several rows
    rows = max(sum(metadata.num_rows for metadata in described), -(-values // max(n_columns, 1)))
    if not check_table_size(rows, n_columns, name, collector):
        return False
    return check_unpacked_size(sum(group.total_byte_size for group in groups), name, collector)


def _check_texts(table: Any, name: str, collector: FaultCollector) -> bool:
    """Return whether no text is too long for a cell; add an error if one is."""
    import pyarrow.compute
    import pyarrow.types

    for column in table.columns:
        for chunk in column.chunks if pyarrow.types.is_dictionary(column.type) else ():
            if (pyarrow.compute.max(pyarrow.compute.binary_length(chunk.dictionary)).as_py() or 0) > MAX_CELL_LETTERS:
                add_long_cell_error(name, [], collector)
                return False
    return True


def _decode_texts(table: Any) -> Any:
    """Return a table with a text in each row in place of dictionaries of texts that the reader made."""
    import pyarrow
    import pyarrow.types

    columns = [
        column.cast(column.type.value_type) if pyarrow.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    fields = [field.with_type(column.type) for field, column in zip(table.schema, columns, strict=True)]
    return pyarrow.Table.from_arrays(columns, schema=pyarrow.schema(fields, table.schema.metadata))


def write_parquet_file(frames: Iterable[pd.DataFrame], path: Path) -> None:
    """Write one row group for each block."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
