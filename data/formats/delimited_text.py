"""Reading and writing of text files with a separator between cells: CSV and TSV."""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector

HEADER_ROW = 1  # row number of the header
UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
COMMON_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class TextLayout:
    """How a text file is written, from ``clinic.toml``; other formats ignore it.

    Attributes
    ----------
    encoding : str
        Name of the encoding, as Python knows it. A byte-order mark is allowed.
    separator : str or None
        A single character between cells; None means the separator of the file's format.
    """

    encoding: str = "utf-8"
    separator: str | None = None


def read_delimited_text(
    path: Path, layout: TextLayout, collector: FaultCollector, *, default_separator: str
) -> pd.DataFrame | None:
    """Return the cells of a file as text, empty text for empty cells; None after an error.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    import pandas as pd

    separator = layout.separator or default_separator
    text = _decode(path, layout.encoding, collector)
    if text is None:
        return None
    if not text.strip():
        fix = "Export it again. Its first row must contain the headers."
        collector.add_error("empty-file", "", f"{path.name} is empty", fix)
        return None
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype="str", na_filter=False, skip_blank_lines=False
        )
    except pd.errors.ParserError as error:
        _report_bad_rows(str(error), text, path.name, separator, collector)
        return None
    headers = rows.iloc[0].tolist()
    others = [other for other in COMMON_SEPARATORS if other != separator and other in headers[0]]
    if len(headers) == 1 and others:
        other = _escape_tab(others[0])
        collector.add_error(
            "wrong-separator", "", f"{path.name} has a single column, with `{other}` in its header",
            f"Add `separator = \"{other}\"` under [tables.{collector.table}].",
        )  # fmt: skip
        return None
    return rows.iloc[1:].set_axis(headers, axis=1)


def _decode(path: Path, encoding: str, collector: FaultCollector) -> str | None:
    """Return the text of a file without its byte-order mark and the empty lines at its end."""
    content, hint = path.read_bytes(), f"under [tables.{collector.table}]."
    try:
        text = content.decode(encoding)
    except LookupError:
        fix = f"Use `utf-8`, `latin-1` or `cp1252` {hint}"
        collector.add_error("unknown-encoding", "", f"unknown encoding `{encoding}`", fix)
        return None
    except UnicodeError as error:
        row = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        guess = "utf-16" if content.startswith(UTF_16_BOMS) else "latin-1"
        fix = f'Name its encoding, such as `encoding = "{guess}"`, {hint}'
        collector.add_error("wrong-encoding", "", f"{path.name} is not written in {encoding}", fix, [row])
        return None
    if "\0" in text:
        fix = f'If it is UTF-16, add `encoding = "utf-16"` {hint}'
        collector.add_error("not-plain-text", "", f"{path.name} is not plain text", fix)
        return None
    return text.removeprefix("\ufeff").rstrip("\r\n")


def _report_bad_rows(error: str, text: str, name: str, separator: str, collector: FaultCollector) -> None:
    """Add an error for the rows that cannot be split into cells."""
    import csv

    if unclosed := re.search(r"EOF inside string starting at row (\d+)", error):
        row = int(unclosed[1]) + HEADER_ROW
        message = f"a quotation mark in {name} is not closed"
        collector.add_error("quotation-mark-not-closed", "", message, "Close it or delete it.", [row])
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lengths: list[int] = []
    with contextlib.suppress(csv.Error):  # then the error names no rows
        lengths.extend(len(row) for row in rows)
    longer = [number for number, length in enumerate(lengths, HEADER_ROW) if length > lengths[0]]
    collector.add_error(
        "more-cells-than-headers", "", f"rows of {name} have more cells than its header",
        f"Put quotation marks around cells that contain `{_escape_tab(separator)}`, or correct `separator` under "
        f"[tables.{collector.table}].", longer,
    )  # fmt: skip


def _escape_tab(separator: str) -> str:
    """Return a separator as a reader can see it and as TOML accepts it."""
    return "\\t" if separator == "\t" else separator


def write_delimited_text(frames: Iterable[pd.DataFrame], path: Path, *, separator: str) -> None:
    """Write the header once, then every block; numbers have six decimals."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            frame.to_csv(file, sep=separator, index=False, header=not number, float_format="%.6f", lineterminator="\n")
