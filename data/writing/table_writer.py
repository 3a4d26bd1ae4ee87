"""Writing of large tables to one file, block by block; the file is complete or absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pandas as pd

from attune_fit.data.faults import DataFault
from attune_fit.data.formats.table_formats import TableFormat, find_format, format_suffixes
from attune_fit.data.storage.atomic_write import write_atomically


def write_frame_blocks(
    frames: Iterable[pd.DataFrame], path: Path, report_progress: Callable[[str], None] | None = None
) -> int:
    """Write blocks of rows, such as those of :func:`rank_to_frames`, in constant memory.

    Parameters
    ----------
    frames : iterable of DataFrame
        The blocks: at least one, all with the same columns.
    path : Path
        The file; its name ends in a suffix of FORMATS, such as ``.csv`` or ``.parquet``.
    report_progress : callable, optional
        Called after each block with the number of rows written so far, as text.

    Returns
    -------
    int
        Number of rows written.

    Raises
    ------
    DataFault
        If the name ends in another way. No block is computed then.
    OSError
        If the file cannot be written. An existing file at ``path`` is unchanged.
    """
    write = choose_format(path).write
    counter = _RowCounter(frames, report_progress)
    if write is not None:  # choose_format gives no format that Attune only reads
        write_atomically(path, lambda temporary: write(counter, temporary))
    return counter.rows


def choose_format(path: Path) -> TableFormat:
    """Return the format for a file of this name.

    Raises
    ------
    DataFault
        If the name ends in no suffix of FORMATS, or in one of a format that Attune only reads.
    """
    file_format = find_format(path)
    if file_format is None or file_format.write is None:
        fix = f"Use a name that ends in {format_suffixes(writable=True)}."
        raise DataFault.error("unknown-file-type", path.name, "", "unknown file type", fix=fix)
    return file_format


class _RowCounter:
    """Blocks of rows that pass through to a writer and are counted."""

    def __init__(self, frames: Iterable[pd.DataFrame], report_progress: Callable[[str], None] | None) -> None:
        self.frames, self.report_progress, self.rows = frames, report_progress, 0

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for frame in self.frames:
            yield frame
            self.rows += len(frame)
            if self.report_progress:
                self.report_progress(f"{self.rows:,} rows")
