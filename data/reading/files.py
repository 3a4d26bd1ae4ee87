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

from attune_fit.data.cell_parsing import BETWEEN, plain, word

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableSpelling
    from attune_fit.data.fault_collector import Findings

HEADER = 1  # the header's row
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SEPARATORS = (",", ";", "\t", "|")


def found(folder: Path, table: str, file: str | None, findings: Findings) -> Path | None:
    """The table's file: the one named, else ``table.csv`` or ``table.parquet``; None where there is none."""
    if file is not None:
        if (folder / file).is_file():
            return folder / file
        findings.stop("", f"the file {file} is not there", f"Put it in the clinic folder, or correct {_key(table)}.")
        return None
    there = [path for end in ("csv", "parquet") if (path := folder / f"{table}.{end}").is_file()]
    if len(there) > 1:
        both = " and ".join(path.name for path in there)
        findings.stop("", f"both {both} are there", f"Keep one, or name it: `file` under [tables.{table}].")
        return None
    return there[0] if there else None


def load(path: Path, spelling: TableSpelling, findings: Findings) -> pd.DataFrame | None:
    """Read a file.

    Returns
    -------
    DataFrame or None
        Text with NA for empty cells; columns are the headers, row labels the rows of the spreadsheet. None when the
        file cannot be read: the findings say why.
    """
    try:
        parquet = path.suffix.lower() in (".parquet", ".pq")
        raw = _parquet(path, findings) if parquet else _csv(path, spelling, findings)
    except OSError as error:
        findings.stop("", f"{path.name} cannot be read: {error.strerror or 'unreadable'}", "Allow Attune to read it.")
        return None
    return None if raw is None else _named(raw, findings)


def _csv(path: Path, spelling: TableSpelling, findings: Findings) -> pd.DataFrame | None:
    text = _decoded(path, spelling, findings)
    if text is None:
        return None
    if not text.strip():
        findings.stop("", f"{path.name} is empty", "Export it again: its first row must hold the headers.")
        return None
    separator = spelling.separator
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype="str", na_filter=False, skip_blank_lines=False
        )
    except pd.errors.ParserError as error:
        _explain(str(error), text, path.name, spelling, findings)
        return None
    first = rows.iloc[0].tolist()
    others = [other for other in SEPARATORS if other != separator and other in first[0]]
    if len(first) == 1 and others:
        findings.stop(
            "", f"{path.name} has a single column, and `{others[0]}` in its header",
            f"Add `separator = \"{others[0]}\"` under [tables.{findings.table}].",
        )  # fmt: skip
        return None
    body = rows.iloc[1:].set_axis(first, axis=1)
    return body.set_axis(range(HEADER + 1, HEADER + 1 + len(body)))


def _decoded(path: Path, spelling: TableSpelling, findings: Findings) -> str | None:
    """The text of a file, without its byte-order mark and the empty lines at its end."""
    content = path.read_bytes()
    encoding, hint = spelling.encoding, f"under [tables.{findings.table}]."
    try:
        text = content.decode(encoding)
    except LookupError:
        findings.stop("", f"there is no encoding `{encoding}`", f"Use `utf-8`, `latin-1` or `cp1252` {hint}")
        return None
    except UnicodeError as error:
        row = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        likely = "utf-16" if content.startswith(UTF_16) else "latin-1"
        fix = f'Name its encoding, such as `encoding = "{likely}"`, {hint}'
        findings.stop("", f"{path.name} is not written in {encoding}", fix, [row])
        return None
    if "\0" in text:
        findings.stop("", f"{path.name} is not plain text", f'If it is UTF-16, add `encoding = "utf-16"` {hint}')
        return None
    return text.removeprefix("\ufeff").rstrip("\r\n")


def _explain(error: str, text: str, name: str, spelling: TableSpelling, findings: Findings) -> None:
    """Say which rows could not be split into cells."""
    if opened := re.search(r"EOF inside string starting at row (\d+)", error):
        row = int(opened[1]) + HEADER
        findings.stop("", f"a quotation mark in {name} is never closed", "Close it or delete it.", [row])
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=spelling.separator)
    lengths: list[int] = []
    with contextlib.suppress(csv.Error):  # then the rows stay unsaid
        lengths.extend(len(row) for row in rows)
    longer = [number for number, length in enumerate(lengths, HEADER) if length > lengths[0]]
    findings.stop(
        "", f"rows of {name} have more cells than its header",
        f"Put quotation marks around cells that hold `{spelling.separator}`, or correct `separator` under "
        f"[tables.{findings.table}].", longer,
    )  # fmt: skip


def _parquet(path: Path, findings: Findings) -> pd.DataFrame | None:
    import pyarrow  # heavy: only clinics with Parquet files need it
    import pyarrow.parquet

    try:
        frame = pyarrow.parquet.ParquetFile(path).read().to_pandas()
    except pyarrow.ArrowException:
        findings.stop("", f"{path.name} is no Parquet file, or is damaged", "Export it again.")
        return None
    frame = frame.reset_index([name for name in frame.index.names if name is not None])  # where pandas may keep the ids
    told = {str(name): [_said(cell) for cell in frame[name].astype(object)] for name in frame.columns}
    rows = range(HEADER + 1, HEADER + 1 + len(frame))
    return pd.DataFrame(told, index=rows, dtype="str")


def _said(cell: Any) -> str:
    """A typed cell as it would stand in a CSV file."""
    if isinstance(cell, list | tuple | np.ndarray):
        return BETWEEN.join(_said(member) for member in cell)
    if cell is None or pd.isna(cell):
        return ""
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _named(raw: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Headers without odd spaces, each of them once; empty cells as NA. Columns without a header are left out."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for header in map(plain, map(str, raw.columns)):
        count = seen[word(header)] = seen.get(word(header), 0) + 1
        while count > 1 and word(f"{header} ({count})") in seen:  # a header may be spelt like that already
            count += 1
        names.append(header if count == 1 else f"{header} ({count})")
        seen.setdefault(word(names[-1]), 1)
        if count > 1 and header:
            findings.note(header, "this header stands more than once", f"Attune calls this one `{names[-1]}`.")
    nameless = [not word(str(header)) for header in raw.columns]
    if (raw.loc[:, nameless].map(str.strip) != "").any(axis=None):
        findings.note("", "columns without a header", "Left out; give them a header if they matter.")
    text = raw.set_axis(names, axis=1).loc[:, [not one for one in nameless]]
    return text.mask(text.apply(lambda column: column.str.strip() == ""))


def _key(table: str) -> str:
    return f"`file` under [tables.{table}] in clinic.toml"
