"""Writing of Arrow tables to a Parquet file, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

LEAST_ROWS_PER_GROUP = 131_072  # a group of few rows costs more to read than the rows


def write_parquet_tables(tables: Iterable[Any], target: Path | BinaryIO) -> None:
    """Write blocks of rows; several small blocks become one row group, and no block is split.

    The groups depend on the sizes of the blocks alone. Programs read texts as texts, not as codes, and pandas reads
    integers with missing cells as ``Int64``.

    Parameters
    ----------
    tables : iterable of pyarrow.Table
        At least one, all with the same columns. Texts can be dictionaries.
    target : Path or binary file
    """
    import pyarrow.parquet as pq

    writer = None
    try:
        for table in _pool_tables(tables):
            if writer is None:
                # the types of Arrow are not stored: pandas would read dictionaries as categories
                writer = pq.ParquetWriter(target, table.schema, store_schema=False)
                writer.add_key_value_metadata(_describe_for_pandas(table.schema))
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    finally:
        if writer is not None:
            writer.close()


def _pool_tables(tables: Iterable[Any]) -> Iterator[Any]:
    """Yield tables of at least :data:`LEAST_ROWS_PER_GROUP` rows, of whole blocks; the last one can be smaller."""
    waiting: list[Any] = []
    is_first = True
    for table in tables:
        waiting.append(table)
        if sum(one.num_rows for one in waiting) >= LEAST_ROWS_PER_GROUP:
            yield _join_tables(waiting)
            waiting, is_first = [], False
    if waiting and (is_first or sum(one.num_rows for one in waiting)):
        yield _join_tables(waiting)


def _join_tables(tables: list[Any]) -> Any:
    import pyarrow as pa

    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _describe_for_pandas(schema: Any) -> dict[bytes, bytes]:
    """Return the types of the columns as pandas notes them in a Parquet file."""
    import pandas as pd
    import pyarrow as pa

    kinds = {
        name: "str" if pa.types.is_dictionary(kind) else "Int64" if pa.types.is_integer(kind) else str(kind)
        for name, kind in zip(schema.names, schema.types, strict=True)
    }
    kinds = {name: "float64" if kind == "double" else kind for name, kind in kinds.items()}
    frame = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
    metadata: dict[bytes, bytes] = pa.Schema.from_pandas(frame, preserve_index=False).metadata
    return metadata
