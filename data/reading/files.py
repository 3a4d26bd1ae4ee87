"""Files as handed in: every cell as text, every row under the number a spreadsheet gives it."""

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

HEADER_ROW = 1  # the header's row
UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
COMMON_SEPARATORS = (",", ";", "\t", "|")


def find_file(folder: Path, table: str, file: str | None, findings: FaultCollector) -> Path | None:
    """The table's file: the one named, else ``table.csv`` or ``table.parquet``; None where there is none."""
    if file is not None:
        if (folder / file).is_file():
            return folder / file
        findings.add_error(
            "", f"the file {file} is not there", f"Put it in the clinic folder, or correct {_format_config_key(table)}."
        )
        return None
    there = [path for end in ("csv", "parquet") if (path := folder / f"{table}.{end}").is_file()]
    if len(there) > 1:
        both = " and ".join(path.name for path in there)
        findings.add_error("", f"both {both} are there", f"Keep one, or name it: `file` under [tables.{table}].")
        return None
    return there[0] if there else None


def read_file(path: Path, spelling: TableMapping, findings: FaultCollector) -> pd.DataFrame | None:
    """Read a file.

    Returns
    -------
    DataFrame or None
        Text with NA for empty cells; columns are the headers, row labels the rows of the spreadsheet. None when the
        file cannot be read: the findings say why.
    """
    try:
        parquet = path.suffix.lower() in (".parquet", ".pq")
        raw = _read_parquet(path, findings) if parquet else _read_csv(path, spelling, findings)
    except OSError as error:
        findings.add_error(
            "", f"{path.name} cannot be read: {error.strerror or 'unreadable'}", "Allow Attune to read it."
        )
        return None
    return None if raw is None else _clean_headers(raw, findings)


def _read_csv(path: Path, spelling: TableMapping, findings: FaultCollector) -> pd.DataFrame | None:
    text = _decode(path, spelling, findings)
    if text is None:
        return None
    if not text.strip():
        findings.add_error("", f"{path.name} is empty", "Export it again: its first row must hold the headers.")
        return None
    separator = spelling.separator
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype="str", na_filter=False, skip_blank_lines=False
        )
    except pd.errors.ParserError as error:
        _report_bad_rows(str(error), text, path.name, spelling, findings)
        return None
    first = rows.iloc[0].tolist()
    others = [other for other in COMMON_SEPARATORS if other != separator and other in first[0]]
    if len(first) == 1 and others:
        findings.add_error(
            "", f"{path.name} has a single column, and `{others[0]}` in its header",
            f"Add `separator = \"{others[0]}\"` under [tables.{findings.table}].",
        )  # fmt: skip
        return None
    body = rows.iloc[1:].set_axis(first, axis=1)
    return body.set_axis(range(HEADER_ROW + 1, HEADER_ROW + 1 + len(body)))


def _decode(path: Path, spelling: TableMapping, findings: FaultCollector) -> str | None:
    """The text of a file, without its byte-order mark and the empty lines at its end."""
    content = path.read_bytes()
    encoding, hint = spelling.encoding, f"under [tables.{findings.table}]."
    try:
        text = content.decode(encoding)
    except LookupError:
        findings.add_error("", f"there is no encoding `{encoding}`", f"Use `utf-8`, `latin-1` or `cp1252` {hint}")
        return None
    except UnicodeError as error:
        row = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        likely = "utf-16" if content.startswith(UTF_16_BOMS) else "latin-1"
        fix = f'Name its encoding, such as `encoding = "{likely}"`, {hint}'
        findings.add_error("", f"{path.name} is not written in {encoding}", fix, [row])
        return None
    if "\0" in text:
        findings.add_error("", f"{path.name} is not plain text", f'If it is UTF-16, add `encoding = "utf-16"` {hint}')
        return None
    return text.removeprefix("\ufeff").rstrip("\r\n")


def _report_bad_rows(error: str, text: str, name: str, spelling: TableMapping, findings: FaultCollector) -> None:
    """Say which rows could not be split into cells."""
    if opened := re.search(r"EOF inside string starting at row (\d+)", error):
        row = int(opened[1]) + HEADER_ROW
        findings.add_error("", f"a quotation mark in {name} is never closed", "Close it or delete it.", [row])
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=spelling.separator)
    lengths: list[int] = []
    with contextlib.suppress(csv.Error):  # then the rows stay unsaid
        lengths.extend(len(row) for row in rows)
    longer = [number for number, length in enumerate(lengths, HEADER_ROW) if length > lengths[0]]
    findings.add_error(
        "", f"rows of {name} have more cells than its header",
        f"Put quotation marks around cells that hold `{spelling.separator}`, or correct `separator` under "
        f"[tables.{findings.table}].", longer,
    )  # fmt: skip


def _read_parquet(path: Path, findings: FaultCollector) -> pd.DataFrame | None:
    import pyarrow  # heavy: only clinics with Parquet files need it
    import pyarrow.parquet

    try:
        frame = pyarrow.parquet.ParquetFile(path).read().to_pandas()
    except pyarrow.ArrowException:
        findings.add_error("", f"{path.name} is no Parquet file, or is damaged", "Export it again.")
        return None
    frame = frame.reset_index([name for name in frame.index.names if name is not None])  # where pandas may keep the ids
    told = {str(name): [_format_cell(cell) for cell in frame[name].astype(object)] for name in frame.columns}
    rows = range(HEADER_ROW + 1, HEADER_ROW + 1 + len(frame))
    return pd.DataFrame(told, index=rows, dtype="str")


def _format_cell(cell: Any) -> str:
    """A typed cell as it would stand in a CSV file."""
    if isinstance(cell, list | tuple | np.ndarray):
        return SET_SEPARATOR.join(_format_cell(member) for member in cell)
    if cell is None or pd.isna(cell):
        return ""
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _clean_headers(raw: pd.DataFrame, findings: FaultCollector) -> pd.DataFrame:
    """Headers without odd spaces, each of them once; empty cells as NA. Columns without a header are left out."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for header in map(normalize_text, map(str, raw.columns)):
        count = seen[normalize_code(header)] = seen.get(normalize_code(header), 0) + 1
        while count > 1 and normalize_code(f"{header} ({count})") in seen:  # a header may be spelt like that already
            count += 1
        names.append(header if count == 1 else f"{header} ({count})")
        seen.setdefault(normalize_code(names[-1]), 1)
        if count > 1 and header:
            findings.add_warning(header, "this header stands more than once", f"Attune calls this one `{names[-1]}`.")
    nameless = [not normalize_code(str(header)) for header in raw.columns]
    if (raw.loc[:, nameless].map(str.strip) != "").any(axis=None):
        findings.add_warning("", "columns without a header", "Left out; give them a header if they matter.")
    text = raw.set_axis(names, axis=1).loc[:, [not one for one in nameless]]
    return text.mask(text.apply(lambda column: column.str.strip() == ""))


def _format_config_key(table: str) -> str:
    return f"`file` under [tables.{table}] in clinic.toml"
