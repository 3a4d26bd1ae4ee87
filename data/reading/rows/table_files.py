"""Reading of table files of any format: each cell as text, each row under its number in a spreadsheet."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import RESTRICTING_TABLES
from attune_fit.data.faults import ReadFile
from attune_fit.data.formats.file_layout import HEADER_ROW, FileLayout
from attune_fit.data.formats.file_signatures import find_signature, is_plain_text
from attune_fit.data.formats.header_rows import split_header_rows
from attune_fit.data.formats.parquet_parts import is_parts_folder, list_table_files
from attune_fit.data.formats.size_checks import check_cell_lengths, check_file_size, check_table_size
from attune_fit.data.formats.sql_tables import SqlReader, SqlSource
from attune_fit.data.formats.table_formats import (
    FORMATS,
    TableFormat,
    find_format_by_name,
    find_format_to_read,
    list_file_names,
)
from attune_fit.data.formats.typed_cells import format_cell
from attune_fit.data.formats.workbooks import SHEET_NOTE
from attune_fit.data.reading.rows.header_match import list_id_headers, list_known_headers
from attune_fit.data.reading.rows.idle_keys import add_idle_key_error
from attune_fit.data.reading.rows.unique_headers import build_named_columns
from attune_fit.data.storage.regular_file import describe_irregular_file

if TYPE_CHECKING:
    from attune_fit.data.clinic.join_mapping import JoinMapping
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

LAYOUT_KEYS = frozenset[str]().union(*(row.layout_keys for row in FORMATS))
SHARED_KEYS = frozenset({"encoding", "separator", "labels"})  # of a table, that also apply to its second files


def find_file(folder: Path, table: str, file: str | None, collector: FaultCollector) -> Path | None:
    """Return the path of a table: ``file`` if set, else its name with a suffix of FORMATS; None if there is none.

    A path of such a name that is no regular file is an error, and so are two files of such names, in any case.
    """
    if file is not None:
        return find_named_file(folder, file, collector.section, "", collector)
    names = list_file_names(table)
    paths = [path for name in names if os.path.lexists(path := folder / name)]
    if irregular := next((path for path in paths if not _can_be_table(path)), None):
        add_irregular_file_error(irregular, "", f"tables.{table}", collector)
        return None
    if paths:  # files whose names differ in case alone; a file system without case lists each once
        others = sorted(path for path in folder.iterdir() if path.name.casefold() in names and path not in paths)
        paths += [path for path in others if not any(_is_same_file(path, one) for one in paths)]
    if len(paths) > 1:
        *before, last = [path.name for path in paths]
        which = f"{'both ' if len(paths) == 2 else ''}{', '.join(before)} and {last}"
        collector.add_error(
            "several-files", "", f"{which} exist", f"Keep one, or name it: `file` under [tables.{table}]."
        )
        return None
    return paths[0] if paths else None


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, RuntimeError):  # a link whose target is gone
        return False


def _can_be_table(path: Path) -> bool:
    """Return whether a path is a file, or a folder of Parquet files, each a regular one."""
    return path.is_file() or (is_parts_folder(path) and all(part.is_file() for part in list_table_files(path)))


def find_named_file(
    folder: Path, file: str, section: str, column: str, collector: FaultCollector, *, key: str = "file"
) -> Path | None:
    """Return the path of a file that a ``key`` of ``section`` names; None, with an error, if it is no file."""
    path = folder / file
    if _can_be_table(path):
        return path
    if describe_irregular_file(path):
        add_irregular_file_error(path, column, section, collector)
    else:
        place = f"{section}.{key}"
        fix = f"Put it in the clinic folder, or correct `{place}` in clinic.toml."
        collector.add_error("file-not-found", column, f"the file {file} does not exist", fix)
    return None


def add_irregular_file_error(path: Path, column: str, section: str, collector: FaultCollector) -> None:
    """Add the error about a table that is there in a form that cannot be read, such as a lost link."""
    message = f"{path.name} is {describe_irregular_file(path)}, not a file that Attune can read"
    fix = f"Put the file there. If it is not this table, rename it, or name the file: `file` under [{section}]."
    collector.add_error("table-not-a-file", column, message, fix)


def read_file(
    path: Path,
    mapping: TableMapping,
    collector: FaultCollector,
    wish_headers: Collection[str] = (),
    others: Sequence[Path] = (),
) -> pd.DataFrame | None:
    """Return the cells of a file as text.

    The content decides the format; its name decides only where the content is plain text. ``wish_headers`` are the
    columns of the file that hold wishes, and ``others`` the other files of the table, to which keys can apply too.

    Returns
    -------
    DataFrame or None
        Text with NA for empty cells. Columns are the headers, row labels the row numbers of a spreadsheet. None when
        Attune cannot read the file; an error gives the reason.
    """
    layout = _build_layout(mapping, collector.table, collector.section)
    return _read(path, mapping, layout, _list_layout_keys(path, mapping, others), wish_headers, collector)


def read_grid(path: Path, mapping: TableMapping, collector: FaultCollector) -> pd.DataFrame | None:
    """Return every row of a file as text, the rows with headers too, for a preset that knows which rows these are.

    Returns
    -------
    DataFrame or None
        Empty text for empty cells. Columns are numbers from 0, row labels the row numbers of a spreadsheet; in a file
        whose format names its columns, row 1 has their names. None when Attune cannot read the file; an error gives
        the reason.
    """
    layout = _build_layout(mapping, collector.table, collector.section)
    found = _read_cells(path, layout, _list_layout_keys(path, mapping), collector)
    if found is None:
        return None
    raw, file_format, sheet = found
    if "header_row" not in file_format.layout_keys:
        headers = pd.DataFrame([map(str, raw.columns)], index=[HEADER_ROW])
        raw = pd.concat([headers, _number_rows(raw).astype(object).set_axis(range(raw.shape[1]), axis=1)])
    if not check_table_size(*raw.shape, path.name, collector):
        return None
    text = _convert_to_text(raw.set_axis(range(raw.shape[1]), axis=1), mapping)
    if not check_cell_lengths(text, path.name, collector):
        return None
    collector.files.append(ReadFile(collector.table, path.name, sheet, len(text)))
    return text


def _list_layout_keys(path: Path, mapping: TableMapping, others: Sequence[Path] = ()) -> frozenset[str]:
    """Return the keys of a table that are about the layout of its own file alone, none of other files."""
    seconds = [find_format_to_read(second) for second in _list_second_files(path, mapping)]
    shared = frozenset[str]().union(
        *(one.layout_keys & SHARED_KEYS for one in seconds),
        *(find_format_to_read(other).layout_keys for other in others),
    )
    return (LAYOUT_KEYS & mapping.model_fields_set) - shared


def read_second_file(
    path: Path, mapping: TableMapping, sheet: str | None, section: str, collector: FaultCollector
) -> pd.DataFrame | None:
    """Return the cells of a second file, whose rows are joined to those of a table.

    It is written like the table's file, but has its own rows, and its own ``sheet``: the key of ``section``. See
    :func:`read_file` for the cells.
    """
    layout = _build_layout(mapping, collector.table, section)
    layout = replace(layout, sheet=sheet, header_row=(), skip_rows=())
    return _read(path, mapping, layout, frozenset({"sheet"} if sheet is not None else ()), (), collector)


def read_joined_file(
    path: Path,
    mapping: TableMapping,
    join: JoinMapping,
    section: str,
    restricting: Collection[str],
    collector: FaultCollector,
) -> pd.DataFrame | None:
    """Return the cells of a file whose columns are added to the rows of a table, as :func:`read_file` does.

    Parameters
    ----------
    path : Path
    mapping : TableMapping
        How the table is read. The file is written like the table's own, with what ``join`` sets.
    join : JoinMapping
    section : str
        Place of ``join`` in ``clinic.toml``.
    restricting : collection of str
        Headers whose cells can restrict: none of them is lost without an error.
    collector : FaultCollector
        Its table is the name of the file.
    """
    layout = _build_layout(mapping, collector.table, section)
    layout = replace(layout, sheet=join.sheet, header_row=tuple(join.header_row), skip_rows=tuple(join.skip_rows),
                     encoding=join.encoding or mapping.encoding,
                     separator=join.separator or mapping.separator)  # fmt: skip
    return _read(path, mapping, layout, LAYOUT_KEYS & join.model_fields_set, restricting, collector)


def _read(
    path: Path,
    mapping: TableMapping,
    layout: FileLayout,
    keys: frozenset[str],
    wish_headers: Collection[str],
    collector: FaultCollector,
) -> pd.DataFrame | None:
    """Return the cells of a file as text; an error for each of the ``keys`` that does not apply to its format."""
    found = _read_cells(path, layout, keys, collector)
    if found is None:
        return None
    raw, file_format, sheet = found
    if "header_row" in file_format.layout_keys:
        data = split_header_rows(raw, layout, path.name, collector)
        return None if data is None else _name_columns(data, path.name, sheet, mapping, wish_headers, collector)
    return _name_columns(_number_rows(raw), path.name, sheet, mapping, wish_headers, collector)


def _read_cells(
    path: Path, layout: FileLayout, keys: frozenset[str], collector: FaultCollector
) -> tuple[pd.DataFrame, TableFormat, str] | None:
    """Return every cell of a file, its format and its sheet; None after an error. See :func:`_read` for ``keys``."""
    file_format = find_format_to_read(path)
    try:
        for part in list_table_files(path):
            if not check_file_size(part, collector):
                return None
            found = _recognize_format(part, file_format, collector)
            if found is None or not _check_keys(found, part, keys, layout.section, collector):
                return None
            file_format = found
        raw = file_format.read(path, layout, collector)
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or 'unreadable'}"
        collector.add_error("file-not-readable", "", message, "Allow Attune to read it.")
        return None
    except ValueError:
        message = f"{path.name} is damaged or not in the format {file_format.name}"
        collector.add_error("damaged-file", "", message, "Export it again.")
        return None
    return None if raw is None else (raw, file_format, str(raw.attrs.pop(SHEET_NOTE, "")))


def read_database_table(
    reader: SqlReader, mapping: TableMapping, collector: FaultCollector, wish_headers: Collection[str] = ()
) -> pd.DataFrame | None:
    """Return the cells of the table of a database that ``mapping.sql`` names, as :func:`read_file` does for a file.

    Row labels count the rows of the answer, from 2 as in a file with a header. None after an error.
    """
    section = collector.section
    keys = LAYOUT_KEYS & mapping.model_fields_set
    for path in _list_second_files(reader.folder / "*", mapping):
        keys -= find_format_to_read(path).layout_keys & SHARED_KEYS
    for key in sorted(keys):
        add_idle_key_error(f"{section}.{key}", "for a table of a database", collector)
    if keys:
        return None
    source = build_sql_source(mapping, collector.table)
    raw = reader.read(source, collector)
    return None if raw is None else _name_columns(_number_rows(raw), source.name, "", mapping, wish_headers, collector)


def build_sql_source(mapping: TableMapping, table: str) -> SqlSource:
    """Return the table of a database that the mapping of a table names; without a name it is called like the table."""
    return SqlSource(str(mapping.sql), mapping.table or table, mapping.query, mapping.password_env)


def _number_rows(raw: pd.DataFrame) -> pd.DataFrame:
    return raw.set_axis(range(HEADER_ROW + 1, HEADER_ROW + 1 + len(raw)))


def _name_columns(
    raw: pd.DataFrame,
    name: str,
    sheet: str,
    mapping: TableMapping,
    wish_headers: Collection[str],
    collector: FaultCollector,
) -> pd.DataFrame | None:
    """Return cells as text under their headers; None, with an error, where a limit is passed. ``name``: in messages."""
    if not check_table_size(*raw.shape, name, collector):
        return None
    text = _convert_to_text(raw, mapping)
    if not check_cell_lengths(text, name, collector):
        return None
    collector.files.append(ReadFile(collector.table, name, sheet, len(text)))
    return build_named_columns(text, mapping, wish_headers, collector)


def _list_second_files(path: Path, mapping: TableMapping) -> list[Path]:
    seconds = [column.file for column in mapping.columns.values() if column.file is not None]
    return [path.parent / name for name in (*seconds, *(join.file for join in mapping.join))]


def _build_layout(mapping: TableMapping, table: str, section: str) -> FileLayout:
    """Return how the file of a table is laid out."""
    known = {normalize_code(header) for header in list_known_headers(table, mapping) if "*" not in header}
    return FileLayout(
        encoding=mapping.encoding,
        separator=mapping.separator,
        sheet=mapping.sheet,
        header_row=tuple(mapping.header_row),
        skip_rows=tuple(mapping.skip_rows),
        labels=mapping.labels,
        known_headers=frozenset(known),
        id_headers=frozenset(map(normalize_code, list_id_headers(table, mapping))),
        missing=frozenset(map(normalize_code, mapping.missing)),
        restricts=table in RESTRICTING_TABLES,
        section=section,
    )


def _recognize_format(path: Path, named: TableFormat, collector: FaultCollector) -> TableFormat | None:
    """Return the format of the content of a file; None after an error. ValueError: it is of no known format."""
    signature = find_signature(path)
    if signature is None:
        if not named.has_signature:
            return named
        if is_plain_text(path):
            message, fix = f"{path.name} holds plain text, not {named.name}", "Let its name end in .csv or .tsv."
            collector.add_error("text-in-another-format", "", message, fix)
            return None
        raise ValueError(f"{path.name} has no content of the format {named.name}")
    if signature.format == named.name or not (named.is_text or named.has_signature):
        return named
    if signature.format is None:
        collector.add_error("not-a-table-file", "", f"{path.name} is {signature.name}", signature.advice)
        return None
    message = f"{path.name} is {signature.name}, whatever its name"
    fix = f"Attune reads it as such. Let its name end in {signature.advice}."
    collector.add_warning("content-of-another-format", "", message, fix)
    return find_format_by_name(signature.format)


def _check_keys(
    file_format: TableFormat, path: Path, keys: frozenset[str], section: str, collector: FaultCollector
) -> bool:
    """Return whether each key applies to the format of the file; add an error for others."""
    idle = sorted(keys - file_format.layout_keys)
    for key in idle:
        reason = f"for {path.name}, which is read as {file_format.name}"
        add_idle_key_error(f"{section}.{key}", reason, collector)
    return not idle


def _convert_to_text(frame: pd.DataFrame, mapping: TableMapping) -> pd.DataFrame:
    """Return the cells as text, with empty text for a missing one."""
    if all(dtype == "str" for dtype in frame.dtypes) and not frame.isna().any(axis=None):
        return frame
    decimals = {
        normalize_code(column.header): column.decimal
        for column in mapping.columns.values()
        if column.decimal is not None
    }
    columns = []
    for position, header in enumerate(frame.columns):
        decimal = decimals.get(normalize_code(str(header)), mapping.decimal)
        columns.append([
            cell if type(cell) is str else format_cell(cell, decimal) for cell in frame.iloc[:, position].astype(object)
        ])  # fmt: skip
    text = pd.DataFrame(dict(enumerate(columns)), index=frame.index, dtype="str")
    return text.set_axis(frame.columns, axis=1)
