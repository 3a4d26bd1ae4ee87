"""Search for the rows of a file that hold its headers: below a title, or two rows that belong together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from attune_fit.data.clinic.columns import ID_COLUMNS
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.file_layout import FileLayout
from attune_fit.data.formats.header_rows import join_headers
from attune_fit.data.formats.size_checks import check_file_size
from attune_fit.data.formats.table_formats import find_format_to_read
from attune_fit.data.formats.typed_cells import format_cell, is_value
from attune_fit.data.guessing.header_scores import FILLERS, SAME_WITHOUT_FILLERS, list_words, score_header
from attune_fit.data.guessing.text_layout import SEARCHED_LINES, read_top_lines
from attune_fit.data.guessing.words.header_clues import HEADER_CLUES, MAX_UNSURE

MIN_COLUMNS = 2
MIN_HEADER = SAME_WITHOUT_FILLERS  # score of the words of a header that is one for sure
Row = tuple[int, list[str]]


class HeaderRows(NamedTuple):
    """The rows of a file that hold its headers.

    Attributes
    ----------
    numbers : tuple of int
        The rows; empty for the first one of the file.
    known : str or None
        A header that a clue names, or that another file has; None where none is known.
    endings : mapping of str to str
        Of two rows: the lower part of each header.
    """

    numbers: tuple[int, ...] = ()
    known: str | None = None
    endings: Mapping[str, str] = MappingProxyType({})


def find_header_rows(path: Path, keys: dict[str, Any], trusted: Collection[str]) -> HeaderRows:
    """Return the rows of the headers, and a header that a clue names, or that another file has.

    At least two headers must be the words of a clue, or one of an id: a cell of data can be one such word. No cell is
    kept.

    Parameters
    ----------
    path : Path
        The file.
    keys : dict
        Its encoding, separator and sheet, where they are not Attune's own.
    trusted : collection of str
        Headers of other files.
    """
    rows = [(number, row) for number, row in _read_top_rows(path, keys) if any(map(str.strip, row))]
    for position, (number, row) in enumerate(rows):
        known, shared = _list_known(row), [cell for cell in row if cell in trusted or _is_id_header(cell)]
        if len(known) < MIN_COLUMNS and not shared:
            continue
        below = rows[position + 1] if position + 1 < len(rows) else (0, list[str]())
        if _count_cells(row) < _count_cells(below[1]) and len(_list_known(below[1])) >= MIN_COLUMNS:
            return _join_rows((number, row), below, known)  # merged cells above more headers
        if position and _has_groups(rows[position - 1], (number, row)):
            return _join_rows(rows[position - 1], (number, row), shared or known)
        return HeaderRows((number,) if position else (), (shared or known)[0])
    return HeaderRows()


def _read_top_rows(path: Path, keys: dict[str, Any]) -> list[Row]:
    """Return the number and the cells of the first rows of a file; none where it names its columns or is unreadable."""
    lines = read_top_lines(path, keys)
    if lines is not None:
        return lines
    file_format, collector = find_format_to_read(path), FaultCollector("clients")
    layout = FileLayout(sheet=keys.get("sheet"))
    try:
        is_readable = _has_header_rows(path) and check_file_size(path, collector)
        grid = file_format.read(path, layout, collector) if is_readable else None
    except (OSError, ValueError):
        return []  # reading the table gives the reason
    if grid is None:
        return []
    cells = grid.iloc[:SEARCHED_LINES].to_numpy(dtype=object)
    return [(int(number), [format_cell(cell) for cell in row]) for number, row in zip(grid.index, cells, strict=False)]


def _has_header_rows(path: Path) -> bool:
    return "header_row" in find_format_to_read(path).layout_keys


def _has_groups(above: Row, below: Row) -> bool:
    """Return whether a row of words is the upper part of the headers below: merged cells, each over several headers.

    A title is a single cell, over one header.
    """
    (number, groups), (following, headers) = above, below
    words = [cell for cell in groups if cell.strip()]
    if following != number + 1 or len(words) < MIN_COLUMNS or len(words) >= _count_cells(headers):
        return False
    merged = (
        left.strip() and not cell.strip() and header.strip()
        for left, cell, header in zip(groups, [*groups[1:], ""], headers[1:], strict=False)
    )
    return not any(map(is_value, words)) and any(merged)


def _join_rows(upper: Row, lower: Row, known: list[str]) -> HeaderRows:
    """Return two rows of headers as one, with a header that holds one which a clue names, best an id."""
    width = max(len(upper[1]), len(lower[1]))
    cells = [[*row, *[""] * (width - len(row))] for row in (upper[1], lower[1])]
    joined = join_headers(cells)
    ids = [cell for cell in joined if _is_id_header(cell)]
    others = [cell for cell in joined if any(one.strip() in cell for one in known)]
    return HeaderRows((upper[0], lower[0]), [*ids, *others, joined[0]][0], dict(zip(joined, cells[1], strict=True)))


def _count_cells(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _list_known(row: list[str]) -> list[str]:
    """Return the cells of a row that are the words of a clue."""
    return [cell for cell in row if is_known_header(cell)]


def is_known_header(header: str) -> bool:
    """Return whether a header is the words of a clue, or the same ones but for fillers.

    It is what :func:`score_header` gives :data:`MIN_HEADER` for, looked up: whole rows of data are searched.
    """
    joined, plain = _build_known_words()
    words = list_words(header)
    return "".join(words) in joined or frozenset(words) - FILLERS in plain


@cache
def _build_known_words() -> tuple[frozenset[str], frozenset[frozenset[str]]]:
    """Return the words of every clue, joined, and as sets without fillers."""
    sure = [clue for clue in HEADER_CLUES if clue.weight > MAX_UNSURE]  # `medium` and `open` are cells too
    clues = {list_words(word) for clue in sure for word in clue.words} - {()}
    plain = {frozenset(words) - FILLERS for words in clues}
    return frozenset(map("".join, clues)), frozenset(plain - {frozenset()})


def _is_id_header(header: str) -> bool:
    """Return whether a header is the words of an id: of two words, such as `Client ID`, hardly a cell of data."""
    if len(list_words(header)) < MIN_COLUMNS:
        return False
    return any(score_header(header, clue.words) == 1 for clue in HEADER_CLUES if clue.column in ID_COLUMNS)
