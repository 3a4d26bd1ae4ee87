"""Reading of workbooks: Excel and OpenDocument."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.file_signatures import find_signature
from attune_fit.data.formats.reading_limits import MAX_FILE_BYTES
from attune_fit.data.formats.size_checks import check_repeats, check_sheet_size, measure_unpacked_size
from attune_fit.data.formats.workbook_errors import find_error_cells
from attune_fit.data.formats.workbook_parts import is_opendocument, read_sheet_part

if TYPE_CHECKING:
    import pandas as pd
    from python_calamine import CalamineWorkbook

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout

MAX_EXACT_NUMBER = 10**15  # a workbook keeps 15 digits of a number
MAX_LISTED_SHEETS = 8
SHEET_NOTE = "sheet"  # in the notes of a table of cells: the name of its sheet
Place = tuple[int, int]  # row and column, both counted from 0


def read_workbook(path: Path, layout: FileLayout, collector: FaultCollector) -> pd.DataFrame | None:
    """Return every row of a sheet with the types of the workbook; None after an error.

    Rows are labelled by their numbers in the workbook. Text stays as it is: ``0012`` and ``NA`` are text. A cell with
    an error, such as ``#N/A``, is that text, because it is not an empty cell.

    Raises
    ------
    ValueError
        If the file is damaged or no workbook.
    OSError
        If the file cannot be opened.
    """
    import pandas as pd
    import python_calamine

    try:
        with path.open("rb") as file:
            workbook = python_calamine.CalamineWorkbook.from_filelike(file)
            name = _choose_sheet(workbook, path, layout, collector)
            if name is None or not _check_size(path, name, collector):
                return None
            sheet = workbook.get_sheet_by_name(name)
            rows, (first, left) = sheet.to_python(), sheet.start or (0, 0)
    except python_calamine.PasswordError:
        message, fix = f"{path.name} has a password", "Save it without one, in a folder that others cannot open."
        collector.add_error("workbook-with-password", "", message, fix)
        return None
    except python_calamine.CalamineError as error:
        raise ValueError(str(error)) from error
    if not rows:
        message = f"the sheet `{name}` of {path.name} is empty"
        collector.add_error("empty-sheet", "", message, f"Fill it, or name another: {_format_key(layout)}")
        return None
    _mark_errors(rows, find_error_cells(path, name, workbook.sheet_names.index(name)), first, left, collector)
    _fill_merged_cells(rows, sheet.merged_cell_ranges or (), layout, first, left)
    _warn_of_long_numbers(rows, first, collector)
    grid = pd.DataFrame(rows, dtype="object").set_axis(range(first + 1, first + 1 + len(rows)))
    grid.attrs[SHEET_NOTE] = name
    return grid


def list_sheets(path: Path, *, filled: bool = False) -> list[str]:
    """Return the names of the sheets of a workbook; none where the file is no workbook, or is damaged.

    With ``filled``, only the visible sheets that have a cell.
    """
    try:
        signature = find_signature(path)
        if measure_unpacked_size(path) > MAX_FILE_BYTES:
            return []
    except OSError:
        return []  # reading its table gives the reason
    if signature is None or not str(signature.format).endswith(("workbook", "spreadsheet")):
        return []
    import python_calamine  # most tables are text

    try:
        with path.open("rb") as file:
            workbook = python_calamine.CalamineWorkbook.from_filelike(file)
            if not filled:
                return list(workbook.sheet_names)
            return [sheet for sheet in _list_visible_sheets(workbook) if _is_filled(workbook, path, sheet)]
    except python_calamine.CalamineError:
        return []  # reading its table gives the reason


def _check_size(path: Path, sheet: str, collector: FaultCollector) -> bool:
    """Return whether a sheet is small enough to be read; add an error if not. Workbooks before 2007 always are."""
    if not zipfile.is_zipfile(path):
        return True
    check = check_repeats if is_opendocument(path) else check_sheet_size
    return check(read_sheet_part(path, sheet), path.name, collector)


def _choose_sheet(workbook: CalamineWorkbook, path: Path, layout: FileLayout, collector: FaultCollector) -> str | None:
    """Return the name of the sheet of a table; None after an error."""
    from attune_fit.data.cell_parsing import normalize_code  # loads pandas, which the help texts of commands do without

    sheets = workbook.sheet_names
    wanted = normalize_code(layout.sheet or collector.table)
    called_so = [sheet for sheet in sheets if sheet == layout.sheet] + [
        sheet for sheet in sheets if normalize_code(sheet) == wanted
    ]
    if called_so:
        return called_so[0]
    listed = ", ".join(f"`{sheet}`" for sheet in sheets[:MAX_LISTED_SHEETS])
    if layout.sheet is not None:
        message, fix = f"{path.name} has no sheet `{layout.sheet}`", f"Its sheets: {listed}."
        collector.add_error("sheet-not-found", "", message, fix)
        return None
    visible = _list_visible_sheets(workbook)
    if len(visible) > 1:
        visible = [sheet for sheet in visible if _is_filled(workbook, path, sheet)]
    if len(visible) > 1:
        message = f"{path.name} has several sheets: {listed}"
        collector.add_error("several-sheets", "", message, f"Name one: {_format_key(layout)}")
        return None
    return (visible or sheets)[0]


def _list_visible_sheets(workbook: CalamineWorkbook) -> list[str]:
    return [sheet.name for sheet in workbook.sheets_metadata if str(sheet.visible).endswith(".Visible")]


def _is_filled(workbook: CalamineWorkbook, path: Path, sheet: str) -> bool:
    """Return whether a sheet has any cell. One that is too large to be read has."""
    # imported here: it loads pandas, which the help texts of commands do without
    from attune_fit.data.fault_collector import FaultCollector

    return not _check_size(path, sheet, FaultCollector("")) or workbook.get_sheet_by_name(sheet).start is not None


def _format_key(layout: FileLayout) -> str:
    return f'`sheet = "..."` under [{layout.section}].'


def _mark_errors(
    rows: Sequence[list[Any]], errors: dict[tuple[int, int], str], first: int, left: int, collector: FaultCollector
) -> None:
    """Write the text of each error into its cell, which the reader of workbooks leaves empty; warn of them."""
    for (row, column), text in errors.items():
        if first <= row < first + len(rows) and column >= left:  # else in no row or column with other cells
            cells = rows[row - first]
            cells.extend([""] * (column - left + 1 - len(cells)))
            cells[column - left] = text
    if errors:
        message, fix = "cells whose formula has an error or no value", "Correct them, and save the workbook again."
        collector.add_warning("cell-with-error", "", message, fix, sorted({row + 1 for row, _ in errors}))


def _fill_merged_cells(
    rows: Sequence[list[Any]], ranges: Iterable[tuple[Place, Place]], layout: FileLayout, first: int, left: int
) -> None:
    """Write the value of cells merged downwards into each of them: only the first has it, and it applies to all.

    Merged headers stay as they are: another function reads several header rows.
    """
    filled = (number for number, row in enumerate(rows, first) if any(str(cell).strip() for cell in row))
    last_header = layout.header_row[-1] - 1 if layout.header_row else next(filled, first)
    for (top, start), (bottom, end) in ranges:
        if top <= last_header or bottom == top or top < first or start < left:
            continue
        row = rows[top - first] if top - first < len(rows) else []
        value = row[start - left] if start - left < len(row) else ""
        for cells in rows[top - first : bottom - first + 1]:
            cells.extend([""] * (end - left + 1 - len(cells)))
            cells[start - left : end - left + 1] = [value] * (end - start + 1)


def _warn_of_long_numbers(rows: Sequence[list[Any]], first: int, collector: FaultCollector) -> None:
    """Warn of numbers that the workbook has rounded already: ids, most likely."""
    found = [
        number
        for number, row in enumerate(rows, first + 1)
        if any(type(cell) is float and abs(cell) >= MAX_EXACT_NUMBER for cell in row)
    ]
    if found:
        message = "numbers of more than 15 digits, which a workbook rounds"
        fix = "If they are ids, enter them again in cells of the format text."
        collector.add_warning("number-too-long", "", message, fix, found)
