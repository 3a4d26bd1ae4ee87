"""Reading of CSV and Parquet files: each cell as text, each row under its number in a spreadsheet."""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code, normalize_text

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

HEADER_ROW = 1  # row number of the header
UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
COMMON_SEPARATORS = (",", ";", "\t", "|")


def find_file(folder: Path, table: str, file: str | None, collector: FaultCollector) -> Path | None:
    """Return the path of a table: ``file`` if set, else ``table.csv`` or ``table.parquet``; None if there is none."""
    if file is not None:
        if (folder / file).is_file():
            return folder / file
        collector.add_error(
            "",
            f"the file {file} does not exist",
            f"Put it in the clinic folder, or correct {_format_config_key(table)}.",
        )
        return None
    paths = [path for end in ("csv", "parquet") if (path := folder / f"{table}.{end}").is_file()]
    if len(paths) > 1:
        both = " and ".join(path.name for path in paths)
        collector.add_error("", f"both {both} exist", f"Keep one, or name it: `file` under [tables.{table}].")
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
    try:
        parquet = path.suffix.lower() in (".parquet", ".pq")
        raw = _read_parquet(path, collector) if parquet else _read_csv(path, mapping, collector)
    except OSError as error:
        collector.add_error(
            "", f"{path.name} cannot be read: {error.strerror or 'unreadable'}", "Allow Attune to read it."
        )
        return None
    return None if raw is None else _clean_headers(raw, collector)


def _read_csv(path: Path, mapping: TableMapping, collector: FaultCollector) -> pd.DataFrame | None:
    text = _decode(path, mapping, collector)
    if text is None:
        return None
    if not text.strip():
        collector.add_error("", f"{path.name} is empty", "Export it again. Its first row must contain the headers.")
        return None
    separator = mapping.separator
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype="str", na_filter=False, skip_blank_lines=False
        )
    except pd.errors.ParserError as error:
        _report_bad_rows(str(error), text, path.name, mapping, collector)
        return None
    headers = rows.iloc[0].tolist()
    others = [other for other in COMMON_SEPARATORS if other != separator and other in headers[0]]
    if len(headers) == 1 and others:
        collector.add_error(
            "", f"{path.name} has a single column, with `{others[0]}` in its header",
            f"Add `separator = \"{others[0]}\"` under [tables.{collector.table}].",
        )  # fmt: skip
        return None
    body = rows.iloc[1:].set_axis(headers, axis=1)
    return body.set_axis(range(HEADER_ROW + 1, HEADER_ROW + 1 + len(body)))


def _decode(path: Path, mapping: TableMapping, collector: FaultCollector) -> str | None:
    """Return the text of a file without its byte-order mark and the empty lines at its end."""
    content = path.read_bytes()
    encoding, hint = mapping.encoding, f"under [tables.{collector.table}]."
    try:
        text = content.decode(encoding)
    except LookupError:
        collector.add_error("", f"unknown encoding `{encoding}`", f"Use `utf-8`, `latin-1` or `cp1252` {hint}")
        return None
    except UnicodeError as error:
        row = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        guess = "utf-16" if content.startswith(UTF_16_BOMS) else "latin-1"
        fix = f'Name its encoding, such as `encoding = "{guess}"`, {hint}'
        collector.add_error("", f"{path.name} is not written in {encoding}", fix, [row])
        return None
    if "\0" in text:
        collector.add_error("", f"{path.name} is not plain text", f'If it is UTF-16, add `encoding = "utf-16"` {hint}')
        return None
    return text.removeprefix("\ufeff").rstrip("\r\n")


def _report_bad_rows(error: str, text: str, name: str, mapping: TableMapping, collector: FaultCollector) -> None:
    """Add an error for the rows that cannot be split into cells."""
    if unclosed := re.search(r"EOF inside string starting at row (\d+)", error):
        row = int(unclosed[1]) + HEADER_ROW
        collector.add_error("", f"a quotation mark in {name} is not closed", "Close it or delete it.", [row])
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.separator)
    lengths: list[int] = []
    with contextlib.suppress(csv.Error):  # then the error names no rows
        lengths.extend(len(row) for row in rows)
    longer = [number for number, length in enumerate(lengths, HEADER_ROW) if length > lengths[0]]
    collector.add_error(
        "", f"rows of {name} have more cells than its header",
        f"Put quotation marks around cells that contain `{mapping.separator}`, or correct `separator` under "
        f"[tables.{collector.table}].", longer,
    )  # fmt: skip


def _read_parquet(path: Path, collector: FaultCollector) -> pd.DataFrame | None:
    import pyarrow  # heavy: only clinics with Parquet files need it
    import pyarrow.parquet

    try:
        frame = pyarrow.parquet.ParquetFile(path).read().to_pandas()
    except pyarrow.ArrowException:
        collector.add_error("", f"{path.name} is damaged or not a Parquet file", "Export it again.")
        return None
    frame = frame.reset_index([name for name in frame.index.names if name is not None])  # pandas can keep the ids there
    cells = {str(name): [_format_cell(cell) for cell in frame[name].astype(object)] for name in frame.columns}
    rows = range(HEADER_ROW + 1, HEADER_ROW + 1 + len(frame))
    return pd.DataFrame(cells, index=rows, dtype="str")


def _format_cell(cell: Any) -> str:
    """Return a typed cell as the text of a CSV file."""
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
            collector.add_warning(
                header, "the file has this header more than once", f"Attune calls this column `{names[-1]}`."
            )
    is_unnamed = [not normalize_code(str(header)) for header in raw.columns]
    if (raw.loc[:, is_unnamed].map(str.strip) != "").any(axis=None):
        collector.add_warning("", "columns without a header", "Attune ignores them. Add a header if you need them.")
    text = raw.set_axis(names, axis=1).loc[:, [not unnamed for unnamed in is_unnamed]]
    return text.mask(text.apply(lambda column: column.str.strip() == ""))


def _format_config_key(table: str) -> str:
    return f"`file` under [tables.{table}] in clinic.toml"
