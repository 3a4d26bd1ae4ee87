"""Rankings of many clients written to one file, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pandas as pd

from attune_fit.data.faults import DataFault
from attune_fit.data.writing.atomic_write import write_atomically


def write_frame_blocks(frames: Iterable[pd.DataFrame], path: Path, say: Callable[[str], None] | None = None) -> int:
    """Write what :func:`rank_to_frames` yields, block by block, in constant memory.

    Parameters
    ----------
    frames : iterable of DataFrame
        At least one, all with the same columns.
    path : Path
        Ends in ``.csv`` or ``.parquet``.
    say : callable, optional
        Told how many rows are written so far.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    DataFault
        If the ending is another one; nothing is ranked then.
    OSError
        If it cannot be written; what stood at ``path`` before still stands.
    """
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    if path.suffix.lower() not in writers:
        known = " or ".join(writers)
        raise DataFault.error(path.name, "", "is no kind of file rankings are written to", fix=f"End it in {known}.")
    counted = _RowCounter(frames, say)
    write_atomically(path, lambda beside: writers[path.suffix.lower()](counted, beside))
    return counted.rows


class _RowCounter:
    """Frames on their way to a file, counted."""

    def __init__(self, frames: Iterable[pd.DataFrame], say: Callable[[str], None] | None) -> None:
        self.frames, self.report_progress, self.rows = frames, say, 0

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for frame in self.frames:
            yield frame
            self.rows += len(frame)
            if self.report_progress:
                self.report_progress(f"{self.rows:,} rows")


def _write_csv(frames: Iterable[pd.DataFrame], path: Path) -> None:
    """The header once, then every block."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            frame.to_csv(file, index=False, header=not number, float_format="%.6f", lineterminator="\n")


def _write_parquet(frames: Iterable[pd.DataFrame], path: Path) -> None:
    """One row group for each block."""
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
