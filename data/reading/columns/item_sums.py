"""Reading of columns that are the sum, or the mean, of the items of a questionnaire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import parse_number
from attune_fit.data.clinic.instruments import score_items
from attune_fit.data.clinic.item_scales import ITEM_SCALES, ItemScale
from attune_fit.data.reading.columns.item_answers import count_answers, read_answers
from attune_fit.data.reading.rows.header_match import find_header, list_headers, match_column_headers, suggest_header

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.reading.columns.source_file import CellCounts, SourceFile

MAX_NAMED = 8  # headers in one message


def read_item_sum(source: SourceFile, key: str, name: str, mapping: ColumnMapping) -> pd.Series | None:
    """Return the value of each form from its items; missing where too few are answered, never 0.

    Parameters
    ----------
    source : SourceFile
        The file. Errors and warnings go to its collector.
    key : str
        Place of the mapping in ``clinic.toml``.
    name : str
        The canonical column, with a row of ITEM_SCALES, or one of the clinic's own.
    mapping : ColumnMapping
        With ``items``: a header with ``{}`` for the number, or a list of headers.

    Returns
    -------
    Series of float or None
        In the points of the column. None after an error: the scale is not known, or an item is not there.
    """
    scale = find_item_scale(source.table, name, mapping)
    if scale is None:
        message = "the number of items and the range of an answer are not known"
        fix = f"Add `count`, `low` and `high` to `{key}` in clinic.toml, such as `count = 10, low = 0, high = 4`."
        source.collector.add_error("items-without-range", mapping.header, message, fix)
        return None
    headers = _find_headers(source, key, mapping, scale)
    if headers is None:
        return None
    instrument = scale.build_instrument()
    answers, answered = read_answers(source, headers, instrument, list_item_codes(mapping), mapping=mapping, name=name)
    values = score_items(answers, instrument)["score"]
    place, n_items = f"{headers[1]} to {headers[instrument.items]}", instrument.items
    incomplete = (answers.notna().sum(axis=1) < n_items) & values.notna()
    message, fix = "forms with missing answers", "Attune takes the mean of the other answers for each missing one."
    source.collector.add_warning_for_rows("items-incomplete", place, message, fix, values.index[incomplete])
    lost = values.isna() & (answered > 0)
    required = instrument.count_required_answers(n_items)
    message = f"forms with fewer than {required} of {n_items} answers that `{name}` needs"
    fix = "Attune does not know their value: it is missing, not 0."
    source.collector.add_warning_for_rows("items-too-few", place, message, fix, values.index[lost])
    return values


def find_item_scale(table: str, name: str, mapping: ColumnMapping) -> ItemScale | None:
    """Return how a column is computed: its row of ITEM_SCALES with what the clinic changes; None if not known.

    A clinic that sets ``count`` has another form, of which only the range and the combination are taken from the row.
    """
    known = ITEM_SCALES.get(name) if table == "clients" else None
    if known is None and (mapping.low is None or mapping.high is None):
        return None
    base = known or ItemScale(name, 0, 0, 1, "sum")
    low = base.low if mapping.low is None else mapping.low
    high = base.high if mapping.high is None else mapping.high
    combine = mapping.combine or base.combine
    if known is not None and mapping.count is None:
        is_set = "reversed" in mapping.model_fields_set
        reverse_keyed = tuple(mapping.reversed) if is_set else known.reversed
        return known._replace(low=low, high=high, combine=combine, reversed=reverse_keyed)
    count = mapping.count or (len(mapping.items) if isinstance(mapping.items, list) else None)
    return None if count is None else ItemScale(name, count, low, high, combine, reversed=tuple(mapping.reversed))


def list_item_codes(mapping: ColumnMapping) -> dict[str, float]:
    """Return the number of each word of an answer: ``codes`` of a column with ``items``."""
    return {word: parse_number(targets[0]) for word, targets in mapping.codes.items() if targets}


def count_item_answers(source: SourceFile, name: str, mapping: ColumnMapping) -> dict[str, tuple[int, CellCounts]]:
    """Return the number of each item and what became of its cells, by header; no fault is added."""
    scale = find_item_scale(source.table, name, mapping)
    if scale is None:
        return {}
    instrument, codes = scale.build_instrument(), list_item_codes(mapping)
    found = _match_items(source, mapping, _list_item_headers(mapping, scale))
    return {
        header: (number, count_answers(source, header, instrument, codes, mapping=mapping))
        for number, header in found.items()
        if header is not None
    }


def _list_item_headers(mapping: ColumnMapping, scale: ItemScale) -> dict[int, str]:
    """Return the header of each item of the column, by its number in the form."""
    numbers = scale.item_numbers
    if not isinstance(mapping.items, list):
        return {number: str(mapping.items).replace("{}", str(number)) for number in numbers}
    if len(mapping.items) == scale.form_items:
        return {number: mapping.items[number - 1] for number in numbers}
    return dict(zip(numbers, mapping.items, strict=False))


def _match_items(source: SourceFile, mapping: ColumnMapping, wanted: dict[int, str]) -> dict[int, str | None]:
    """Return the header of each item as the file spells it, such as `PHQ01` for item 1; None where there is none."""
    padded: dict[int, str] = {}
    if isinstance(mapping.items, str):
        padded = {int(text): header for text, header in match_column_headers(source.raw, mapping).items()}
    return {number: find_header(source.raw, header) or padded.get(number) for number, header in wanted.items()}


def _list_items_twice(source: SourceFile, mapping: ColumnMapping, numbers: set[int]) -> list[str]:
    """Return the headers of items that have several, such as `PHQ1` and `PHQ01`, where one has cells of its own."""
    by_number: dict[int, list[str]] = {}
    for header in list_headers(source.raw) if isinstance(mapping.items, str) else ():
        for text in match_column_headers(source.raw[[header]].iloc[:0], mapping):  # `PHQ 1` and `PHQ1` too
            by_number.setdefault(int(text), []).append(header)
    return [
        header
        for number, headers in by_number.items()
        if number in numbers and any(not source.raw[one].equals(source.raw[headers[0]]) for one in headers)
        for header in headers
    ]


def _find_headers(source: SourceFile, key: str, mapping: ColumnMapping, scale: ItemScale) -> dict[int, str] | None:
    """Return the header of each item of the column, numbered from 1; None, with an error, where one is not there."""
    wanted = _list_item_headers(mapping, scale)
    if isinstance(mapping.items, list) and len(mapping.items) not in (len(scale.item_numbers), scale.form_items):
        message = f"`items` lists {len(mapping.items)} headers, and {scale.name} has {len(scale.item_numbers)} items"
        fix = f"Correct `{key}` in clinic.toml. For another form, add `count`, `low` and `high`."
        source.collector.add_error("items-of-another-number", mapping.header, message, fix)
        return None
    found = _match_items(source, mapping, wanted)
    lacking = [wanted[number] for number, header in found.items() if header is None]
    if lacking:
        guess = suggest_header(mapping.header, source.raw, source.table, source.mapping)
        every = list(wanted.values())
        listed = ", ".join(every) if len(every) <= MAX_NAMED else f"{every[0]} to {every[-1]}"
        more = f" and {len(lacking) - MAX_NAMED} more" if len(lacking) > MAX_NAMED else ""
        message = f"{scale.name} needs the items {listed}, and the file lacks {', '.join(lacking[:MAX_NAMED])}{more}"
        fix = f"Correct `{key}` in clinic.toml. {guess}"
        source.collector.add_error("item-not-found", mapping.header, message, fix)
        return None
    twice = _list_items_twice(source, mapping, set(found))
    if twice:
        message = f"headers of the same item: {', '.join(f'`{header}`' for header in twice)}"
        fix = f"Rename or remove one of them, or list the headers in `{key}`."
        source.collector.add_error("item-header-twice", twice[0], message, fix)
        return None
    longer = _match_items(source, mapping, {scale.form_items + 1: str(mapping.items)})
    if scale.has_longer_forms and isinstance(mapping.items, str) and any(longer.values()):
        message = f"the file has more items than the {scale.form_items} of the form for {scale.name}"
        fix = f"Another form has other item numbers. List those of the column in `{key}`, with `count`, `low`, `high`."
        source.collector.add_error("items-of-a-longer-form", mapping.header, message, fix)
        return None
    return {place: str(header) for place, header in enumerate(found.values(), start=1)}
