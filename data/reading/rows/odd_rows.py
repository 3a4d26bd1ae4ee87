"""Rows of a table that describe no person: totals, and rows with an id alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import map_distinct, normalize_code
from attune_fit.data.formats.header_rows import drop_rows
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.rows.header_match import find_header, list_id_headers

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

TOTALS = (  # words in place of an id; not `min` and `max`, which are names of people too
    "total", "totals", "grand total", "subtotal", "subtotals", "sub total", "sum", "average", "avg", "mean", "median",
    "count", "overall",
    "summe", "gesamt", "gesamtsumme", "insgesamt", "zwischensumme", "mittelwert", "durchschnitt", "anzahl",
    "totale", "somme", "moyenne", "suma", "promedio", "totaal", "gemiddelde",
)  # fmt: skip
_TOTAL = rf"(?i)\W*(?:{'|'.join(TOTALS)})\b.*"
_SUM_OF = re.compile(r"(?:grand |sub ?)?(?:totals?|sum|summe|gesamt|average|avg|mean|count) .*")  # `total therapists`
_COUNT_OF = re.compile(r"\d+ \w+")  # `25 clients`
_NO_LETTER = re.compile(r"[\W\d_]+")
_NUMBER = re.compile(r"\s*[-+(]?[€$£]?\s*\d[\d.,\s']*(?:e[-+]?\d+)?\s*[%€$£)]?\s*")  # as a sheet shows a total
_DATE = re.compile(r"\s*\d{1,4}([-./])\d{1,2}\1\d{1,4}(?:[ T].*)?")  # such as the day of the last check
PEOPLE = ("clients", "therapists")  # tables with one row for each person


def drop_totals_rows(raw: pd.DataFrame, mapping: TableMapping, collector: FaultCollector) -> pd.DataFrame:
    """Return the rows of a table without totals, and warn of them and of rows with an id alone.

    A totals row has a word such as ``Total`` in place of the id, or in any cell where the id is empty. Its other cells
    are empty, or hold numbers, dates and words for a missing cell.

    Parameters
    ----------
    raw : DataFrame
        Text cells under the clinic's headers, missing where empty. Row labels are the row numbers of a spreadsheet.
    mapping : TableMapping
        How to read the table.
    collector : FaultCollector
        Collects warnings about the table.
    """
    ids = _find_id_headers(raw, mapping, collector.table)
    if not ids or raw.shape[1] < 2:
        return raw
    totals = _find_totals(raw, ids)
    message, fix = "totals, which describe no person", "Attune ignores them."
    collector.add_warning_for_rows("totals-row", ids[0], message, fix, totals)
    raw = drop_rows(raw, totals)
    if collector.table in PEOPLE:
        message = "rows with an id and nothing that describes a person"
        fix = "Attune keeps them. Delete each row that is no person."
        collector.add_warning_for_rows("row-with-id-alone", ids[0], message, fix, _find_bare_rows(raw, ids[0]))
    return raw


def _find_id_headers(raw: pd.DataFrame, mapping: TableMapping, table: str) -> list[str]:
    """Return the headers of the ids that the file has."""
    return [header for one in list_id_headers(table, mapping) if (header := find_header(raw, one)) is not None]


def _find_totals(raw: pd.DataFrame, ids: list[str]) -> pd.Index:
    """Return the row numbers of totals."""
    named = pd.concat([raw[header].str.match(_TOTAL, na=False) for header in ids], axis=1).any(axis=1)
    candidates = raw.index[named | raw[ids].isna().all(axis=1)]
    return candidates[[_is_total(raw.loc[number]) for number in candidates]]


def _is_total(row: pd.Series) -> bool:
    """Return whether one row holds a word for totals, and else numbers, dates and marks of an empty cell."""
    words = [cell for cell in row.dropna() if not (_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))]
    words = [cell for cell in words if not is_missing_word(cell) and not _COUNT_OF.fullmatch(cell.strip())]
    if len(words) != 1:
        return False
    text = normalize_code(_NO_LETTER.sub(" ", words[0]))
    return text in TOTALS or _SUM_OF.fullmatch(text) is not None


def _find_bare_rows(raw: pd.DataFrame, header: str) -> pd.Index:
    """Return the row numbers with an id and nothing else, and of the only row without a word where all others have one.

    None where no row has anything else.
    """
    others = raw.drop(columns=header)
    is_empty = others.isna().all(axis=1)
    if is_empty.all():
        return raw.index[:0]
    wordless = raw.index[~is_empty]
    for _, column in others.items():
        cells = column.loc[wordless].dropna()
        is_word = map_distinct(cells, lambda text: _NUMBER.fullmatch(text) is None, "bool")
        wordless = wordless[~wordless.isin(cells.index[is_word])]
        if wordless.empty:
            break
    is_only = len(wordless) == 1 and len(raw) > 2
    return raw.index[(is_empty | (raw.index.isin(wordless) & is_only)) & raw[header].notna()]
