"""Reading and writing of Parquet files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout


def read_parquet_file(path: Path, layout: FileLayout, collector: FaultCollector) -> pd.DataFrame:
    """Return the typed cells of a file; columns that pandas saved as a named index come first.

    Raises
    ------
    ValueError
        If the file is damaged or not a Parquet file.
    OSError
        If the file cannot be opened.
    """
    del layout, collector  # one signature for every row of FORMATS
    import pyarrow  # heavy: only clinics with Parquet files need it
    import pyarrow.parquet

    try:
        frame: pd.DataFrame = pyarrow.parquet.ParquetFile(path).read().to_pandas()
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error
    return frame.reset_index([name for name in frame.index.names if name is not None])


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
