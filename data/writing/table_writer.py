"""Writing of large tables to one file, block by block; the file is complete or absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from pandas.api.types import is_numeric_dtype

from attune_fit.data.faults import DataFault
from attune_fit.data.formats.formula_cells import escape_formula, has_formula_start
from attune_fit.data.formats.table_formats import CANONICAL_SUFFIX, TableFormat, find_format, format_suffixes
from attune_fit.data.storage.atomic_write import is_stream, write_atomically


def write_frame_blocks(
    frames: Iterable[pd.DataFrame],
    path: Path,
    report_progress: Callable[[str], None] | None = None,
    *,
    raw: bool = False,
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
    raw : bool, default False
        Whether text files get cells that begin like a formula as they are; see :mod:`formula_cells`.

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
    file_format = choose_format(path)
    write = file_format.write
    if file_format.is_text and not raw:
        frames = map(escape_formulas, frames)
    counter = _RowCounter(frames, report_progress)
    if write is not None:  # choose_format gives no format that Attune only reads
        write_atomically(path, lambda temporary: write(counter, temporary))
    return counter.rows


@contextmanager
def open_output(target: Path) -> Iterator[Path]:
    """Yield the path to write a table to, and to read it again: ``target``, unless that is a device or a pipe.

    For these it is a temporary file, whose content is written into ``target`` when the block ends without an error.
    """
    if not is_stream(target):
        yield target
        return
    with TemporaryDirectory(prefix="attune-") as folder:
        file = Path(folder) / (target.name if target.suffix else f"{target.name}{CANONICAL_SUFFIX}")
        yield file
        write_atomically(target, file.read_bytes())


def choose_format(path: Path) -> TableFormat:
    """Return the format for a file of this name; for a device or a pipe without a suffix, such as ``/dev/stdout``, CSV.

    Raises
    ------
    DataFault
        If the name ends in no suffix of FORMATS, or in one of a format that Attune only reads.
    """
    is_unnamed_stream = not path.suffix and is_stream(path)
    file_format = find_format(path.with_suffix(CANONICAL_SUFFIX) if is_unnamed_stream else path)
    if file_format is None or file_format.write is None:
        fix = f"Use a name that ends in {format_suffixes(writable=True)}."
        raise DataFault.error("unknown-file-type", path.name, "", "unknown file type", fix=fix)
    return file_format


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose text cells no spreadsheet runs; numbers, a negative one too, are unchanged."""
    for name in [name for name, dtype in frame.dtypes.items() if not is_numeric_dtype(dtype)]:
        texts = [cell for cell in frame[name].unique() if isinstance(cell, str)]  # few, where ids repeat in many rows
        escaped = {text: escape_formula(text) for text in texts if has_formula_start(text)}
        if escaped:
            frame = frame.assign(**{str(name): frame[name].replace(escaped)})
    return frame


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
