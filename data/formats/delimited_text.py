"""Reading and writing of text files with a separator between cells: CSV and TSV."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.formats.compressed_text import read_text_bytes
from attune_fit.data.formats.size_checks import check_table_size

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout

UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
COMMON_SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n"])"?[^\w\r\n]*(?:\r\n?|\n|$)', re.IGNORECASE)  # what Excel writes on top
_CUT_REASONS = ("unexpected end of data", "truncated data")  # of Python's decoders, at the end of a file alone
LAST_ASCII = 127
MIN_WIDTH = 3  # cells of a row that is searched for inside a cell: a line of text can hold one comma
_TOP = 1_000_000  # characters among which a header row is searched that clinic.toml does not name


@dataclass(frozen=True)
class TextRows:
    """The text of a file, from its first row that is read.

    Attributes
    ----------
    text : str
        The rows, without line breaks at the end.
    first : int
        Row number of the first of them in a spreadsheet.
    width : int
        Number of columns: cells of the longest header row.
    separator : str
        Between the cells.
    is_ended : bool
        Whether a line break ends the file. A program that was interrupted leaves none.
    """

    text: str
    first: int
    width: int
    separator: str
    is_ended: bool

    def iterate(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number and the cells of each row, up to a row that cannot be split."""
        rows = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator)
        with contextlib.suppress(csv.Error):  # then a message names no rows
            yield from enumerate(rows, self.first)

    def iterate_short(self, width: int) -> Iterator[tuple[int, list[str]]]:
        """Yield what :meth:`iterate` does, the rows of fewer than ``width`` cells alone."""
        lines = io.StringIO(self.text, newline="")
        with contextlib.suppress(csv.Error):
            for number, line in enumerate(lines, self.first):
                if '"' in line:  # a quoted cell can hold separators, and lines after this one
                    cells = next(csv.reader(itertools.chain([line], lines), delimiter=self.separator))
                    if len(cells) < width:
                        yield number, cells
                elif line.count(self.separator) < width - 1:
                    yield number, line.rstrip("\r\n").split(self.separator)


def read_delimited_text(
    path: Path, layout: FileLayout, collector: FaultCollector, *, default_separator: str
) -> pd.DataFrame | None:
    """Return every row of a file from its header row as text, empty text for empty cells; None after an error.

    A file that gzip has compressed reads as what is inside. Rows are labelled by their numbers in a spreadsheet. A
    first line such as ``sep=;`` names the separator, unless ``layout`` does, and is no row of the table.

    Raises
    ------
    ValueError
        If the file is compressed, and its content is damaged.
    OSError
        If the file cannot be opened.
    """
    text = _decode(path, layout.encoding, collector)
    if text is None:
        return None
    if not text.strip():
        fix = "Export it again. Its first row must contain the headers."
        collector.add_error("empty-file", "", f"{path.name} is empty", fix)
        return None
    rows = _find_table(text, layout, default_separator)
    if not check_table_size(rows.text.count("\n"), rows.width, path.name, collector):
        return None
    if (row := _find_text_after_quotation_mark(rows)) is not None:
        if rows.width == 1 and (other := _find_separator_after_mark(rows)):  # `"id";"age"`: every row breaks the rule
            _add_wrong_separator(other, path.name, collector)
            return None
        message = f"in {path.name}, text follows the quotation mark that closes a cell"
        fix = "A cell and the rows after it can be lost. Write a quotation mark inside a cell twice, or delete it."
        collector.add_error("text-after-quotation-mark", "", message, fix, [row])
        return None
    _report_swallowed_rows(rows, path.name, layout, collector)
    grid = _parse(rows, path.name, layout, collector)
    if grid is None:
        return None
    if grid.shape[1] == 1 and (others := _list_other_separators(grid, rows.separator, layout)):
        _add_wrong_separator(others[0], path.name, collector)
        return None
    return None if _report_short_rows(rows, grid, path.name, layout, collector) else grid


def _decode(path: Path, encoding: str, collector: FaultCollector) -> str | None:
    """Return the text of a file without its byte-order mark."""
    content, hint = read_text_bytes(path), f"under [tables.{collector.key_path}]."
    try:
        text = content.decode(encoding)
    except LookupError:
        fix = f"Use `utf-8`, `latin-1` or `cp1252` {hint}"
        collector.add_error("unknown-encoding", "", f"unknown encoding `{encoding}`", fix)
        return None
    except UnicodeError as error:
        before = content[: getattr(error, "start", 0)]
        row = before.count(b"\n") + 1
        if getattr(error, "reason", "") in _CUT_REASONS and not before.isascii():  # letters before were read well
            message, fix = f"{path.name} ends in the middle of a letter", "It is cut: export or copy it again."
            collector.add_error("cut-letter", "", message, fix, [row])
            return None
        guess = "utf-16" if content.startswith(UTF_16_BOMS) else "latin-1"
        fix = f'Name its encoding, such as `encoding = "{guess}"`, {hint}'
        collector.add_error("wrong-encoding", "", f"{path.name} is not written in {encoding}", fix, [row])
        return None
    if (first := _find_utf8_letter(content, encoding)) is not None:
        message, fix = f"{path.name} is written in UTF-8, not in {encoding}", f'Write `encoding = "utf-8"` {hint}'
        collector.add_error("looks-like-utf-8", "", message, fix, [first])
        return None
    if "\0" in text:
        fix = f'If it is UTF-16, add `encoding = "utf-16"` {hint}'
        collector.add_error("not-plain-text", "", f"{path.name} is not plain text", fix)
        return None
    return text.removeprefix("\ufeff")


def _find_utf8_letter(content: bytes, encoding: str) -> int | None:
    """Return the row of the first letter of several bytes, where a file named otherwise is UTF-8; None elsewhere.

    By chance, letters of another encoding almost never form the bytes of UTF-8.
    """
    if codecs.lookup(encoding).name.startswith("utf") or content.isascii():
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    first = next(number for number, byte in enumerate(content) if byte > LAST_ASCII)
    return content.count(b"\n", 0, first) + 1


def _find_table(text: str, layout: FileLayout, default_separator: str) -> TextRows:
    """Return the rows from the first header row on: without a ``sep=`` line, titles and empty rows above it."""
    rows, first, separator = text.rstrip("\r\n"), 1, layout.separator or default_separator
    is_ended = len(rows) < len(text)
    if line := _SEPARATOR_LINE.match(rows):
        rows, first, separator = rows[line.end() :], 2, layout.separator or line[1]
    start, number, width = _find_header(rows, first, separator, layout)
    return TextRows(rows[start:], number, width, separator, is_ended)


def _find_header(text: str, first: int, separator: str, layout: FileLayout) -> tuple[int, int, int]:
    """Return where the first header row begins, its number, and the number of cells of the longest header row."""
    wanted = layout.header_row
    source = io.StringIO(text if wanted else text[:_TOP], newline="")
    rows = csv.reader(source, delimiter=separator)
    start, number, width = 0, first, 0
    with contextlib.suppress(csv.Error, StopIteration):  # the file can have fewer rows, which a later check reports
        while number <= (wanted or (number,))[-1]:
            begin = source.seek(0, io.SEEK_CUR) if not width else start
            cells = next(rows)
            is_header = number in wanted if wanted else number not in layout.skip_rows and any(map(str.strip, cells))
            if is_header and not width:
                start, first = begin, number
            width = max(width, len(cells) if is_header else 0)
            if width and not wanted:
                break
            number += 1
    return start, first, width


def _find_text_after_quotation_mark(rows: TextRows) -> int | None:
    """Return the number of the first row where text follows a closing quotation mark; None if there is none.

    Spaces there are harmless. A mark that is never closed has an error of its own.
    """
    if '"' not in rows.text:  # the check reads every row once more
        return None
    text = (
        re.sub(rf'"[ \t]+(?=[\r\n{re.escape(rows.separator)}]|\Z)', '"', rows.text) if '" ' in rows.text else rows.text
    )
    number = rows.first
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=rows.separator, strict=True):
            number += 1
    except csv.Error as error:
        return number if "expected after" in str(error) else None  # the check of long cells reports the others
    return None


def _find_separator_after_mark(rows: TextRows) -> str | None:
    """Return the other separator that follows a quotation mark in the header row; None without one."""
    header = rows.text.partition("\n")[0]
    return next((other for other in COMMON_SEPARATORS if other != rows.separator and f'"{other}' in header), None)


def _add_wrong_separator(other: str, name: str, collector: FaultCollector) -> None:
    """Add the error about a file whose cells have another separator."""
    other = _escape_tab(other)
    collector.add_error(
        "wrong-separator", "", f"{name} has a single column, with `{other}` in its header",
        f"Add `separator = \"{other}\"` under [tables.{collector.key_path}].",
    )  # fmt: skip


def _report_swallowed_rows(rows: TextRows, name: str, layout: FileLayout, collector: FaultCollector) -> None:
    """Add a fault about cells of several lines where one is as long as a row: a mark was closed too late.

    An error in a table that restricts, because the row inside the cell would be lost.
    """
    if rows.width < MIN_WIDTH or '"' not in rows.text:
        return
    reader, found, last = csv.reader(io.StringIO(rows.text, newline=""), delimiter=rows.separator), [], 0
    with contextlib.suppress(csv.Error):  # another function reports it
        for number, cells in enumerate(reader, rows.first):
            has_lines, last = reader.line_num > last + 1, reader.line_num
            later = (line for cell in cells for line in cell.splitlines()[1:]) if has_lines else ()
            if number > rows.first and any(line.count(rows.separator) == rows.width - 1 for line in later):
                found.append(number)
    if not found:
        return
    message = f"cells of {name} with several lines, of which one looks like a row of its own"
    if layout.restricts:
        fix = "That row would be lost. Close the quotation mark in its own row, or delete the line breaks of the cell."
        collector.add_error("row-inside-a-cell", "", message, fix, found)
    else:
        fix = "Attune reads each as one cell. Check that no quotation mark is missing."
        collector.add_warning("row-inside-a-cell-read", "", message, fix, found)


def _parse(rows: TextRows, name: str, layout: FileLayout, collector: FaultCollector) -> pd.DataFrame | None:
    """Return the cells of all rows; None after an error about rows that cannot be split into cells."""
    import pandas as pd

    # pandas takes the number of columns from the first row, and the longest header row can be the second
    ruler = '""' + rows.separator * (rows.width - 1) + "\n" if len(layout.header_row) > 1 else ""
    try:
        grid = pd.read_csv(
            io.StringIO(ruler + rows.text), sep=rows.separator, header=None, dtype="str", na_filter=False,
            skip_blank_lines=False,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        _report_bad_rows(str(error), rows, name, len(ruler) > 0, layout, collector)
        return None
    grid = grid.iloc[1:] if ruler else grid
    return grid.set_axis(range(rows.first, rows.first + len(grid)))


def _report_bad_rows(
    error: str, rows: TextRows, name: str, has_ruler: bool, layout: FileLayout, collector: FaultCollector
) -> None:
    """Add an error for the rows that cannot be split into cells."""
    from attune_fit.data.formats import header_rows  # loads pandas, which the help texts of commands do without

    if unclosed := re.search(r"EOF inside string starting at row (\d+)", error):
        row = int(unclosed[1]) + rows.first - has_ruler
        message = f"a quotation mark in {name} is not closed"
        collector.add_error("quotation-mark-not-closed", "", message, "Close it or delete it.", [row])
        return
    top = [row for row, _ in zip(rows.iterate(), range(header_rows.SEARCHED_ROWS), strict=False)]
    likely = header_rows.find_likely_header_row(top[0][1] if top else [], top[1:], layout)
    if likely is not None and not layout.header_row:
        header_rows.add_header_row_error(likely, rows.first, name, collector)
        return
    longer = [number for number, cells in rows.iterate() if len(cells) > rows.width]
    collector.add_error(
        "more-cells-than-headers", "", f"rows of {name} have more cells than its header",
        f"Put quotation marks around cells that contain `{_escape_tab(rows.separator)}`, or correct `separator` under "
        f"[tables.{collector.key_path}].", longer,
    )  # fmt: skip


def _list_other_separators(grid: pd.DataFrame, separator: str, layout: FileLayout) -> list[str]:
    """Return the separators that a file of one column has in its first row, or around headers below a title."""
    from attune_fit.data.formats import header_rows

    top = grid.iloc[: header_rows.SEARCHED_ROWS, 0].tolist()
    others = [other for other in COMMON_SEPARATORS if other != separator]
    split = {other: list(enumerate((row.split(other) for row in top[1:]), 2)) for other in others}
    found = [other for other in others if header_rows.find_likely_header_row(top[:1], split[other], layout) is not None]
    return [other for other in others if other in top[0]] + found


def _report_short_rows(
    rows: TextRows, grid: pd.DataFrame, name: str, layout: FileLayout, collector: FaultCollector
) -> bool:
    """Add a fault about rows that end before the last header; return whether the file is cut in its last row."""
    last_header = layout.header_row[-1] if layout.header_row else rows.first
    top = grid.loc[:last_header]
    headers = [number for number in range(grid.shape[1]) if (top.iloc[:, number].str.strip() != "").any()]
    needed = max(headers, default=0) + 1
    if needed < 2 or (grid.loc[last_header + 1 :, needed - 1] != "").all():
        return False  # a row that ends early has no last cell
    ended = rows.iterate_short(needed)
    short = [number for number, cells in ended if number > last_header and any(map(str.strip, cells))]
    short = [number for number in short if number not in layout.skip_rows]
    is_cut = not rows.is_ended and int(grid.index[-1]) in short
    if is_cut:
        message = f"{name} ends in the middle of a row: it has too few cells and no line break"
        fix = f"Export or copy it again. If that row is no data, add `skip_rows = [{short[-1]}]`."
        collector.add_error("cut-row", "", message, fix, [short.pop()])
    if short:
        message, fix = "rows that end before the last header", "Attune takes the cells that lack as empty. Check them."
        collector.add_warning("short-row", "", message, fix, short)
    return bool(is_cut)


def _escape_tab(separator: str) -> str:
    """Return a separator as a reader can see it and as TOML accepts it."""
    return "\\t" if separator == "\t" else separator


def write_delimited_text(frames: Iterable[pd.DataFrame], path: Path, *, separator: str) -> None:
    """Write the header once, then every block; numbers have six decimals."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            frame.to_csv(file, sep=separator, index=False, header=not number, float_format="%.6f", lineterminator="\n")
