"""Reading of answers to raw items: numbers, or words that ``item_codes`` gives a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import map_distinct, normalize_code, parse_number
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.columns.source_file import CellCounts, add_missing_word_warning

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.reading.columns.source_file import SourceFile


def read_answers(
    source: SourceFile,
    headers: Mapping[int, str],
    instrument: Instrument,
    item_codes: Mapping[str, float],
    *,
    mapping: ColumnMapping | None = None,
    name: str = "",
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the answer to each item, and how many items each form answers.

    Parameters
    ----------
    source : SourceFile
        The outcomes. One fault, for all items together, goes to its collector.
    headers : mapping of int to str
        Header of each item, by its number.
    instrument : Instrument
        Gives the range of an answer.
    item_codes : mapping of str to float
        The number of each word, as from :func:`normalize_code`. Where a key is a number, a number that is not listed
        cannot be read: with 6 to 10 for 1 to 5, a 3 is no answer.
    mapping : ColumnMapping, optional
        The column that is computed from the items, where they are no items of an alliance instrument.
    name : str
        Name of that column.

    Returns
    -------
    (DataFrame of shape (forms, items), Series of int)
        Missing where not answered, not readable or out of range. The count includes answers that cannot be read.
    """
    marks = source.list_number_marks(mapping)
    numbers = {parse_number(word): value for word, value in item_codes.items()}
    numbers = {number: value for number, value in numbers.items() if not math.isnan(number)}
    raw = pd.DataFrame({item: source.read_cells(header, mapping) for item, header in headers.items()})
    is_word = raw.apply(
        lambda cells: map_distinct(cells, partial(_is_missing, item_codes=item_codes), "object").isin([True])
    )
    parse = partial(_parse_answer, words=item_codes, numbers=numbers, marks=marks)
    values = raw.mask(is_word).apply(lambda cells: map_distinct(cells, parse, "float64"))
    in_range = (values >= instrument.item_low) & (values <= instrument.item_high)
    bad = raw.notna() & ~is_word & ~in_range
    place = _name_place(headers, bad)
    add_missing_word_warning(source, _name_place(headers, is_word), raw.index[is_word.any(axis=1)])
    if name and _begins_above(values, instrument):
        low, high = instrument.item_low, instrument.item_high
        message = f"answers from {low + 1:g} to {high + 1:g}, where those to {instrument.name} are {low:g} to {high:g}"
        fix = f"Give each number its answer: `codes = {{ {low + 1:g} = {low:g}, ... {high + 1:g} = {high:g} }}`."
        source.collector.add_error("items-coded-from-another-number", place, message, fix)
    elif bad.any(axis=None):
        _report_bad_answers(source, place, raw, bad, instrument, name)
    return values.where(in_range), (raw.notna() & ~is_word).sum(axis=1)


def _begins_above(values: pd.DataFrame, instrument: Instrument) -> bool:
    """Return whether answers seem to be numbered from one more than the form does: then each is one too high.

    None is the lowest of the form, and two forms or more have one just above its highest.
    """
    is_above = (values == instrument.item_high + 1).any(axis=1)
    return bool(is_above.sum() > 1 and (values.isna() | (values > instrument.item_low)).all(axis=None))


def count_answers(
    source: SourceFile,
    header: str,
    instrument: Instrument | None,
    item_codes: Mapping[str, float],
    *,
    mapping: ColumnMapping | None = None,
) -> CellCounts:
    """Return what became of the answers to one item; no fault is added.

    ``instrument`` gives the range of an answer; None where each row has its own: then any number is one.
    """
    cells = source.read_cells(header, mapping)
    is_word = map_distinct(cells, partial(_is_missing, item_codes=item_codes), "object").isin([True])
    numbers = {parse_number(word): value for word, value in item_codes.items()}
    numbers = {number: value for number, value in numbers.items() if not math.isnan(number)}
    parse = partial(_parse_answer, words=item_codes, numbers=numbers, marks=source.list_number_marks(mapping))
    values = map_distinct(cells.mask(is_word), parse, "float64")
    low, high = (-math.inf, math.inf) if instrument is None else (instrument.item_low, instrument.item_high)
    is_answer = (values >= low) & (values <= high)
    n_text, n_unread = int(source.raw[header].notna().sum()), int((cells.notna() & ~is_word & ~is_answer).sum())
    n_read = int(is_answer.sum())
    return CellCounts.of_rows(len(cells), n_read, n_unread, n_text - n_read - n_unread)


def _report_bad_answers(
    source: SourceFile, place: str, raw: pd.DataFrame, bad: pd.DataFrame, instrument: Instrument, name: str
) -> None:
    """Add one fault about the answers that cannot be read, of all items together. ``name``: of a column of items."""
    low, high = instrument.item_low, instrument.item_high
    is_answered = raw.loc[:, bad.any()].notna().any(axis=1)
    known = is_answered.where(is_answered)
    if name:
        message = f"not between {low:g} and {high:g}, the range of an answer to {instrument.name}"
        hint = f"check `items` of `{name}`. For answers in words, set `codes = {{ never = 0, often = 2 }}`."
        source.collector.report_bad_cells(
            "item-out-of-range", place, is_answered, bad.any(axis=1), message, hint, known, name=name
        )
        return
    message = f"not between {low:g} and {high:g}, the range of an item of {instrument.name}"
    hint = "check `instrument` and `items`. For answers in words, set `item_codes = { Seldom = 1, Always = 5 }`."
    source.collector.report_bad_cells("answer-out-of-range", place, is_answered, bad.any(axis=1), message, hint, known)


def _is_missing(text: str, item_codes: Mapping[str, float]) -> bool:
    return is_missing_word(text, is_number=True) and normalize_code(text) not in item_codes


def _parse_answer(
    text: str, words: Mapping[str, float], numbers: Mapping[float, float], marks: tuple[str, str]
) -> float:
    code = normalize_code(text)
    if code in words:
        return words[code]
    number = parse_number(text, *marks)
    return numbers.get(number, math.nan) if numbers else number


def _name_place(headers: Mapping[int, str], bad: pd.DataFrame) -> str:
    """Return the header with bad cells, or the first and the last one where there are several."""
    named = [headers[int(item)] for item in bad.columns[bad.any()]]
    return named[0] if len(named) == 1 else f"{headers[min(headers)]} to {headers[max(headers)]}"
