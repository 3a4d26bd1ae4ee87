"""Headers of a file: which rows hold them, and what of the other rows is data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code, normalize_text
from attune_fit.data.formats.typed_cells import format_cell, is_value
from attune_fit.data.missing_words import is_missing_word

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout

SEARCHED_ROWS = 20  # rows at the top of a file among which Attune looks for its headers
SEARCHED_CELLS = 200  # of a column, to see whether it holds values
MIN_OTHER_ROWS = 2  # rows with values before a row of words is taken for headers
QUALTRICS_ROWS = 2  # rows that Qualtrics writes under its headers: the question, then its id
_ID_QUESTION = re.compile(
    r"(?<![a-z])(?:id|code|name|number|nr|no|key|who|client|patient|person|respondent|participant)"
)
_QUALTRICS_ID = re.compile(r'\s*\{\s*"ImportId"')


def split_header_rows(
    grid: pd.DataFrame, layout: FileLayout, name: str, collector: FaultCollector
) -> pd.DataFrame | None:
    """Return the data rows of a file under its headers.

    Parameters
    ----------
    grid : DataFrame
        Every row of the file, labelled by its number in a spreadsheet; an empty cell is empty text or missing.
    layout : FileLayout
        ``header_row`` and ``skip_rows``. Rows above the last header row are titles.
    name : str
        Name of the file, for messages.
    collector : FaultCollector
        Collects errors and warnings about the file.

    Returns
    -------
    DataFrame or None
        One column for each header, which can be empty. None when a row that ``layout`` names does not exist, or when
        another row holds the headers; an error gives the reason.

    Notes
    -----
    Two header rows are joined by one space. An empty cell of the first takes the last one to its left, because the
    text of merged cells is in the first of them. An empty cell of the second row adds nothing.
    """
    if not _has_rows(grid, layout, name, collector):
        return None
    grid = drop_rows(grid, grid.index[grid.index.isin(layout.skip_rows)])
    numbers = list(layout.header_row) or [_find_first_row(grid)]
    body = grid.iloc[int(grid.index.searchsorted(numbers[-1])) + 1 :]
    headers = join_headers([_read_row(grid, number) for number in numbers], _find_filled_columns(body, len(numbers)))
    top = ((int(number), _read_row(body, number)) for number in body.index[:SEARCHED_ROWS])
    if not layout.header_row and (row := find_likely_header_row(headers, top, layout)) is not None:
        add_header_row_error(row, numbers[-1], name, collector)
        return None
    body = _drop_qualtrics_rows(body, collector)
    if len(numbers) == 1 and _has_second_header_row(body, headers, layout):
        second = int(body.index[0])
        message = f"row {second} of {name} looks like more headers, not like data"
        fix = (
            f"If both rows together are the headers, add `header_row = [{numbers[0]}, {second}]` under "
            f"[tables.{collector.key_path}]. To ignore row {second}, add `skip_rows = [{second}]`."
        )
        collector.add_error("second-header-row", "", message, fix, [second])
        return None
    return _drop_repeated_headers(body, _read_row(grid, numbers[-1]), collector).set_axis(headers, axis=1)


def drop_rows(frame: pd.DataFrame, numbers: Sequence[int] | pd.Index) -> pd.DataFrame:
    """Return a table without these rows; the table itself, not a copy, where there are none."""
    return frame.drop(index=numbers) if len(numbers) else frame


def add_header_row_error(row: int, assumed: int, name: str, collector: FaultCollector) -> None:
    """Add the error that another row of the file holds the headers."""
    message = f"row {assumed} of {name} has no header that Attune looks for, and row {row} has"
    fix = f"Did you mean `header_row = {row}`? Add it under [tables.{collector.key_path}]."
    collector.add_error("header-row-elsewhere", "", message, fix, [assumed])


def find_likely_header_row(
    headers: Iterable[str], rows: Iterable[tuple[int, Iterable[str]]], layout: FileLayout
) -> int | None:
    """Return the number of the first row that holds headers that Attune looks for; None if the headers do, or none.

    A row needs an id header or two other ones: a single cell of data can be called like a column.
    """
    if layout.known_headers.intersection(map(normalize_code, headers)):
        return None
    for number, cells in rows:
        found = layout.known_headers.intersection(map(normalize_code, cells))
        if len(found) > 1 or found & layout.id_headers:
            return number
    return None


def join_headers(rows: Sequence[Sequence[str]], is_filled: Sequence[bool] = ()) -> list[str]:
    """Return one header for each column, from one or more header rows.

    Parameters
    ----------
    rows : sequence of sequences of str
        The cells of each header row, all of one length.
    is_filled : sequence of bool
        Whether a column has any cell under the headers. An empty column without headers gets none.

    Examples
    --------
    >>> join_headers([["Id", "Problems", ""], ["", "Anxiety", "Trauma"]])
    ['Id', 'Problems Anxiety', 'Problems Trauma']
    """
    *upper, last = rows
    joined = [""] * len(last)
    for row in upper:
        left, cells = "", []
        for column, cell in enumerate(row):
            left = normalize_text(cell) or left
            needed = any(normalize_text(other[column]) for other in rows) or (is_filled and is_filled[column])
            cells.append(left if needed else "")
        joined = [f"{above} {cell}".strip() for above, cell in zip(joined, cells, strict=True)]
    return [f"{above} {cell}".strip() if upper else cell for above, cell in zip(joined, last, strict=True)]


def _has_rows(grid: pd.DataFrame, layout: FileLayout, name: str, collector: FaultCollector) -> bool:
    """Return whether the rows that ``clinic.toml`` names exist; add an error if not."""
    last = int(grid.index[-1]) if len(grid) else 0
    for key, numbers in (("header_row", layout.header_row), ("skip_rows", layout.skip_rows)):
        lacking = [number for number in numbers if number not in grid.index and number > last]
        if lacking:
            message = f"`{key}` names row {lacking[0]}, and {name} has {last} rows"
            collector.add_error("row-not-found", "", message, f"Correct `{key}` under [tables.{collector.key_path}].")
            return False
    return True


def _find_first_row(grid: pd.DataFrame) -> int:
    """Return the number of the first row with any cell; of the first row if none has."""
    numbers = (int(number) for number in grid.index if any(cell.strip() for cell in _read_row(grid, number)))
    return next(numbers, int(grid.index[0]))


def _read_row(grid: pd.DataFrame, number: int) -> list[str]:
    """Return the cells of one row as text."""
    return [format_cell(cell) for cell in grid.loc[number]]


def _find_filled_columns(body: pd.DataFrame, header_rows: int) -> list[bool]:
    """Return whether each column has any cell under the headers; all True for one header row, which needs no answer."""
    if header_rows == 1:
        return [True] * body.shape[1]
    return [any(format_cell(cell).strip() for cell in column) for _, column in body.items()]


def _drop_qualtrics_rows(body: pd.DataFrame, collector: FaultCollector) -> pd.DataFrame:
    """Return the rows without those that Qualtrics writes under its headers, and warn of them."""
    for position in range(min(QUALTRICS_ROWS, len(body))):
        if any(_QUALTRICS_ID.match(format_cell(cell)) for cell in body.iloc[position]):
            message = "rows that Qualtrics writes under the headers, with its questions and their ids"
            rows = [int(number) for number in body.index[: position + 1]]
            collector.add_warning("qualtrics-rows", "", message, "Attune ignores them.", rows)
            return body.iloc[position + 1 :]
    return body


def _has_second_header_row(body: pd.DataFrame, headers: list[str], layout: FileLayout) -> bool:
    """Return whether the first data row looks like headers: only words, also where the other rows have only values.

    Such columns are two, or one of them has no header above and the row has no id.
    """
    first = _read_row(body, int(body.index[0])) if len(body) > MIN_OTHER_ROWS - 1 else []
    words = [bool(cell.strip()) and not is_missing_word(cell) and normalize_code(cell) not in layout.missing
             for cell in first]  # fmt: skip
    if not any(words) or any(map(is_value, first)):
        return False
    of_values = sum(
        _has_only_values(body.iloc[1 : 1 + SEARCHED_CELLS, column]) for column, word in enumerate(words) if word
    )
    if _has_id_like_others(body, headers, layout):
        return False
    continues = any(word and not header.strip() for word, header in zip(words, headers, strict=True))
    ids = [cell for cell, header in zip(first, headers, strict=True) if normalize_code(header) in layout.id_headers]
    return of_values > 1 or (continues and (of_values > 0 or (len(ids) > 0 and not any(map(str.strip, ids)))))


def _has_id_like_others(body: pd.DataFrame, headers: list[str], layout: FileLayout) -> bool:
    """Return whether the first row has an id, and other ids are words too: then it is a person who declined."""
    for column, header in enumerate(headers):
        if normalize_code(header) in layout.id_headers:
            first, *others = map(format_cell, body.iloc[: 1 + SEARCHED_CELLS, column])
            words = [cell for cell in others if cell.strip() and not is_value(cell)]
            if first.strip() and words and not _ID_QUESTION.search(normalize_code(first)):
                return True
    return False


def _has_only_values(cells: pd.Series) -> bool:
    """Return whether at least two cells are known, and each of them is a number, a date or the like."""
    known = [text for text in map(format_cell, cells) if text.strip() and not is_missing_word(text)]
    return len(known) >= MIN_OTHER_ROWS and all(map(is_value, known))


def _drop_repeated_headers(body: pd.DataFrame, headers: list[str], collector: FaultCollector) -> pd.DataFrame:
    """Return the rows without copies of the header row, which joined exports contain, and warn of them."""
    first = next((position for position, header in enumerate(headers) if header.strip()), None)
    if first is None:
        return body
    numbers = body.index[(body.iloc[:, first] == headers[first]).to_numpy(dtype=bool)]
    copies = [int(number) for number in numbers if _read_row(body, number) == headers]
    if copies:
        message, fix = "the headers again", "Attune ignores these rows. Check that the file is one export, not several."
        collector.add_warning("repeated-headers", "", message, fix, copies)
    return drop_rows(body, copies)
