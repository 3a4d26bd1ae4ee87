"""Reading of the rows of a table from one file, from a database, or from several files one below the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.formats.file_patterns import is_file_pattern, list_matching_files, match_names
from attune_fit.data.formats.size_checks import check_table_size
from attune_fit.data.formats.workbooks import MAX_LISTED_SHEETS, list_sheets
from attune_fit.data.reading.rows.header_match import find_header, list_column_headers
from attune_fit.data.reading.rows.idle_keys import add_idle_key_error
from attune_fit.data.reading.rows.table_files import find_file, find_named_file, read_file
from attune_fit.data.row_blocks import RowBlock, add_block

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

MAX_NAMED = 8  # headers in one message
EVERY_SHEET = "*"


class FilePart(NamedTuple):
    """A file of a table, or a sheet of it.

    Attributes
    ----------
    path : Path
    sheet : str or None
        None where the file needs no name of one.
    file : str
        The file in messages: with its folder, since two folders can hold files of one name.
    """

    path: Path
    sheet: str | None
    file: str

    @property
    def block(self) -> RowBlock:
        """The block of its rows."""
        return RowBlock(self.file, self.sheet or "")


def find_table_files(
    folder: Path, table: str, mapping: TableMapping, collector: FaultCollector
) -> list[FilePart] | None:
    """Return the files and sheets of a table, in the order of their rows.

    Returns
    -------
    list of FilePart or None
        Empty where ``clinic.toml`` names no file and there is none. None after an error.
    """
    if not mapping.files:
        path = find_file(folder, table, mapping.file, collector)
        if path is None:
            return None if mapping.file is not None else []
        paths = [path]
    else:
        found = [_find_named_files(folder, name, collector) for name in mapping.files]
        paths = list(dict.fromkeys(path for some in found for path in some or ()))
        if any(some is None for some in found):
            return None
    if not mapping.sheets:
        return [FilePart(path, None, format_file_name(path, folder)) for path in paths]
    return _find_sheets(paths, folder, mapping, collector)


def format_file_name(path: Path, folder: Path) -> str:
    """Return the name of a file from the clinic folder on; the name alone where it is elsewhere."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _find_named_files(folder: Path, name: str, collector: FaultCollector) -> list[Path] | None:
    """Return the files of one entry of ``files``; None after an error."""
    if not is_file_pattern(name):
        path = find_named_file(folder, name, collector.section, "", collector, key="files")
        return None if path is None else [path]
    found = list_matching_files(folder, name)
    if not found:
        fix = f"Put the files in the clinic folder, or correct `tables.{collector.key_path}.files` in clinic.toml."
        collector.add_error("no-file-matches", "", f"no file has a name such as {name}", fix)
        return None
    paths = [find_named_file(folder, str(path), collector.section, "", collector, key="files") for path in found]
    return None if None in paths else found


def _find_sheets(
    paths: Sequence[Path], folder: Path, mapping: TableMapping, collector: FaultCollector
) -> list[FilePart] | None:
    """Return the sheets of the files that ``sheets`` names, in that order; None after an error."""
    listed = {path: list_sheets(path) for path in paths}
    if not any(listed.values()):
        names = ", ".join(path.name for path in paths)
        add_idle_key_error(f"tables.{collector.key_path}.sheets", f"for {names}, without sheets", collector)
        return None
    parts: list[FilePart] = []
    is_whole = True
    for path, sheets in listed.items():
        if not sheets:  # a text file among workbooks
            parts.append(FilePart(path, None, format_file_name(path, folder)))
        for pattern in mapping.sheets if sheets else ():
            among = list_sheets(path, filled=True) if EVERY_SHEET in pattern else sheets
            matching = match_names(among, pattern)
            if not matching:
                shown = ", ".join(f"`{sheet}`" for sheet in sheets[:MAX_LISTED_SHEETS])
                fix = f"Correct `tables.{collector.key_path}.sheets`. Its sheets: {shown}."
                collector.add_error("no-sheet-matches", "", f"{path.name} has no sheet `{pattern}`", fix)
                is_whole = False
            parts += [FilePart(path, sheet, format_file_name(path, folder)) for sheet in matching]
    return list(dict.fromkeys(parts)) if is_whole else None


def read_table_files(
    files: Sequence[FilePart],
    mapping: TableMapping,
    collector: FaultCollector,
    wish_headers: Collection[str] = (),
    needed_headers: Collection[str] = (),
) -> pd.DataFrame | None:
    """Return the cells of the files of a table as text, one below the other.

    Parameters
    ----------
    files : sequence of FilePart
        At least one.
    mapping : TableMapping
    collector : FaultCollector
    wish_headers : collection of str
        Columns that hold wishes.
    needed_headers : collection of str
        Columns that each file needs where one has them, such as wishes.

    Returns
    -------
    DataFrame or None
        Under the headers of all files; cells under a header that a file lacks are missing. Row labels are the row
        numbers of one file, and labels of blocks where the table has several files. None after an error.
    """
    if len(files) == 1 and files[0].sheet is None and collector.part is None:
        return read_file(files[0].path, mapping, collector, wish_headers)
    frames = [_read_block(one, files, mapping, collector, wish_headers) for one in files]
    found = [frame for frame in frames if frame is not None]
    if len(found) < len(files):
        return None
    return stack_files(files, found, mapping, collector, needed_headers)


def stack_files(
    files: Sequence[FilePart],
    frames: Sequence[pd.DataFrame],
    mapping: TableMapping,
    collector: FaultCollector,
    needed_headers: Collection[str] = (),
) -> pd.DataFrame | None:
    """Return the cells of several files, one below the other, under the headers of all; None after an error.

    Parameters are those of :func:`read_table_files`; ``frames`` has the cells of each file, under unique row labels.
    """
    if len(frames) == 1:
        return frames[0]
    frames = match_spelling(frames)
    if not _check_lacking_headers(files, frames, mapping, collector, needed_headers):
        return None
    stacked = pd.concat(frames)
    return stacked if check_table_size(*stacked.shape, "the table of all files", collector) else None


def _read_block(
    file: FilePart,
    files: Sequence[FilePart],
    mapping: TableMapping,
    collector: FaultCollector,
    wish_headers: Collection[str],
) -> pd.DataFrame | None:
    own = mapping if file.sheet is None else mapping.model_copy(update={"sheet": file.sheet})
    others = [one.path for one in files if one.path != file.path]
    return read_as_block(lambda: read_file(file.path, own, collector, wish_headers, others), file.block, collector)


def read_as_block(
    read: Callable[[], pd.DataFrame | None], block: RowBlock, collector: FaultCollector
) -> pd.DataFrame | None:
    """Return what ``read`` returns with labels of a new block; the faults that it adds get the file of the block."""
    start, faults, declared = add_block(collector.blocks, block), collector.faults, collector.declared_missing
    n_faults, n_declared = len(faults), len(declared)
    frame = read()
    for number, fault in enumerate(faults[n_faults:], n_faults):
        if fault.table == collector.table and not fault.files:
            faults[number] = replace(fault, files=(str(block),) * max(1, len(fault.rows)))
    declared[n_declared:] = [one._replace(rows=tuple(row + start for row in one.rows)) for one in declared[n_declared:]]
    return None if frame is None else frame.set_axis(frame.index + start)


def match_spelling(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return the tables with each header as the first of them spells it, compared without case and extra spaces."""
    unified = [frames[0]]
    spelt = frames[0].iloc[:0]
    for frame in frames[1:]:
        same = {str(header): find_header(spelt, str(header)) for header in frame.columns}
        taken = [other for other in same.values() if other is not None]
        renamed = frame.rename(columns={
            header: other for header, other in same.items() if other is not None and taken.count(other) == 1
        })  # fmt: skip
        unified.append(renamed)
        new = [header for header in renamed.columns if header not in spelt.columns]
        spelt = spelt.reindex(columns=[*spelt.columns, *new])
    return unified


def _check_lacking_headers(
    files: Sequence[FilePart],
    frames: Sequence[pd.DataFrame],
    mapping: TableMapping,
    collector: FaultCollector,
    needed_headers: Collection[str],
) -> bool:
    """Return whether no file lacks a header, which another has, of a column that is required or that limits.

    Cells of other columns are missing where a file lacks the header, with one warning for each file.
    """
    columns = list_columns(collector.table).values()
    limits = [column for column in columns if column.is_limit and collector.table != "outcomes"]

    named = [*needed_headers, *([] if mapping.rows is None else [mapping.rows.column])]

    def list_headers_of(names: Iterable[str]) -> list[str]:
        found = (header for name in names for one in frames for header in list_column_headers(one, mapping, name))
        others = (find_header(one, header) for header in named for one in frames)
        return list(dict.fromkeys((*found, *(header for header in others if header is not None))))

    needed = list_headers_of(column.name for column in (*(one for one in columns if one.required), *limits))
    known = list_headers_of(dict.fromkeys((*(column.name for column in columns), *mapping.columns)))
    is_whole = True
    for file, frame in zip(files, frames, strict=True):
        lacking = [header for header in known if find_header(frame, header) is None]
        stopping = [header for header in lacking if header in needed]
        name = str(file.block)
        if stopping:
            listed = _join_headers(stopping)
            message = f"{name} lacks headers that other files of the table have: {listed}"
            fix = "Correct them, or add them with empty cells: Attune needs them in each file."
            collector.add_error("file-lacks-needed-header", stopping[0], message, fix)
            is_whole = False
        elif lacking:
            listed = _join_headers(lacking)
            message = f"{name} lacks headers that other files of the table have: {listed}"
            collector.add_warning("file-lacks-header", lacking[0], message, "Attune reads empty cells there.")
    return is_whole


def _join_headers(headers: Sequence[str]) -> str:
    more = f" and {len(headers) - MAX_NAMED} more" if len(headers) > MAX_NAMED else ""
    return f"{', '.join(f'`{header}`' for header in headers[:MAX_NAMED])}{more}"
