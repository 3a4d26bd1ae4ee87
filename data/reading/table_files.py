"""Reading of table files of any format: each cell as text, each row under its number in a spreadsheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code, normalize_text
from attune_fit.data.formats.delimited_text import HEADER_ROW, TextLayout
from attune_fit.data.formats.table_formats import find_format_to_read, list_file_names

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector


def find_file(folder: Path, table: str, file: str | None, collector: FaultCollector) -> Path | None:
    """Return the path of a table: ``file`` if set, else its name with a suffix of FORMATS; None if there is none."""
    if file is not None:
        if (folder / file).is_file():
            return folder / file
        name, key = file, f"tables.{table}"
        fix = f"Put it in the clinic folder, or correct `{key}.file` in clinic.toml."
        collector.add_error("file-not-found", "", f"the file {name} does not exist", fix)
        return None
    paths = [path for name in list_file_names(table) if (path := folder / name).is_file()]
    if len(paths) > 1:
        *others, last = [path.name for path in paths]
        which = f"{'both ' if len(paths) == 2 else ''}{', '.join(others)} and {last}"
        collector.add_error(
            "several-files", "", f"{which} exist", f"Keep one, or name it: `file` under [tables.{table}]."
        )
        return None
    return paths[0] if paths else None


def read_file(path: Path, mapping: TableMapping, collector: FaultCollector) -> pd.DataFrame | None:
    """Return the cells of a file as text.

    Returns
    -------
    DataFrame or None
        Text with NA for empty cells. Columns are the headers, row labels the row numbers of a spreadsheet. None when
        Attune cannot read the file; an error gives the reason.
    """
    file_format = find_format_to_read(path)
    try:
        raw = file_format.read(path, TextLayout(mapping.encoding, mapping.separator), collector)
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or 'unreadable'}"
        collector.add_error("file-not-readable", "", message, "Allow Attune to read it.")
        return None
    except ValueError:
        message = f"{path.name} is damaged or not a {file_format.name} file"
        collector.add_error("damaged-file", "", message, "Export it again.")
        return None
    return None if raw is None else _clean_headers(_convert_to_text(raw), collector)


def _convert_to_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells as text, with empty text for a missing one, under the row numbers of a spreadsheet."""
    rows = range(HEADER_ROW + 1, HEADER_ROW + 1 + len(frame))
    if all(dtype == "str" for dtype in frame.dtypes) and not frame.isna().any(axis=None):
        return frame.set_axis(rows)
    cells = [[_format_cell(cell) for cell in column.astype(object)] for _, column in frame.items()]
    return pd.DataFrame(dict(enumerate(cells)), index=rows, dtype="str").set_axis(frame.columns, axis=1)


def _format_cell(cell: Any) -> str:
    """Return a typed cell as a clinic would write it in a CSV file."""
    if isinstance(cell, list | tuple | np.ndarray):
        return SET_SEPARATOR.join(_format_cell(member) for member in cell)
    if cell is None or pd.isna(cell):
        return ""
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _clean_headers(raw: pd.DataFrame, collector: FaultCollector) -> pd.DataFrame:
    """Return a table with unique headers without extra spaces, and NA for empty cells; unnamed columns are dropped."""
    names: list[str] = []
    counts: dict[str, int] = {}
    for header in map(normalize_text, map(str, raw.columns)):
        count = counts[normalize_code(header)] = counts.get(normalize_code(header), 0) + 1
        while count > 1 and normalize_code(f"{header} ({count})") in counts:  # the file can contain this header too
            count += 1
        names.append(header if count == 1 else f"{header} ({count})")
        counts.setdefault(normalize_code(names[-1]), 1)
        if count > 1 and header:
            fix = f"Attune calls this column `{names[-1]}`."
            collector.add_warning("duplicate-header", header, "the file has this header more than once", fix)
    is_unnamed = [not normalize_code(str(header)) for header in raw.columns]
    if (raw.loc[:, is_unnamed].map(str.strip) != "").any(axis=None):
        fix = "Attune ignores them. Add a header if you need them."
        collector.add_warning("column-without-header", "", "columns without a header", fix)
    text = raw.set_axis(names, axis=1).loc[:, [not unnamed for unnamed in is_unnamed]]
    return text.mask(text.apply(lambda column: column.str.strip() == ""))
