"""Reading and writing of Parquet files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.reading_limits import MAX_CELL_LETTERS
from attune_fit.data.formats.size_checks import add_long_cell_error, check_table_size, check_unpacked_size

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout


def read_parquet_file(path: Path, layout: FileLayout, collector: FaultCollector) -> pd.DataFrame | None:
    """Return the typed cells of a file, columns that pandas saved as a named index first; None after an error.

    Raises
    ------
    ValueError
        If the file is damaged or not a Parquet file.
    OSError
        If the file cannot be opened.
    """
    del layout  # one signature for every row of FORMATS
    import pyarrow  # heavy: only clinics with Parquet files need it
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
            if not _check_size(file.metadata, path.name, collector):
                return None
        # a text that is stored once and meant in each row stays stored once, until its length is known
        with pyarrow.parquet.ParquetFile(path, read_dictionary=texts) as file:
            table = file.read()
        if not _check_texts(table, path.name, collector):
            return None
        frame: pd.DataFrame = _decode_texts(table).to_pandas()
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error
    return frame.reset_index([name for name in frame.index.names if name is not None])


def _is_text(kind: Any) -> bool:
    import pyarrow.types

    return any(is_kind(kind) for is_kind in (pyarrow.types.is_string, pyarrow.types.is_large_string))


def _check_size(metadata: Any, name: str, collector: FaultCollector) -> bool:
    """Return whether the numbers of rows, columns and values, and the size unpacked, are within the limits."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    values = sum(group.column(number).num_values for group in groups for number in range(group.num_columns))
    rows = max(metadata.num_rows, -(-values // max(metadata.num_columns, 1)))  # a list counts as several rows
    if not check_table_size(rows, metadata.num_columns, name, collector):
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
