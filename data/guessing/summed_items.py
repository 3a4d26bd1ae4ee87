"""Guesses about items of clients that add up to a column, such as `PHQ1` to `PHQ9`."""

from __future__ import annotations

from typing import Any

from attune_fit.data.clinic.item_scales import ITEM_SCALES, ItemScale
from attune_fit.data.guessing.answer_words import find_answer_words
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_scores import POSSIBLE, score_header_words
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.item_texts import find_item_headers
from attune_fit.data.guessing.numbered_headers import list_numbered_headers

SUMMED = ("phq9", "gad7")  # of other forms, the headers do not show which of several versions they are
MIN_IN_RANGE = 0.95


def find_item_sums(table: str, file: SurveyedFile) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Return the columns that are sums of items: the line of ``clinic.toml``, and the headers.

    The headers begin with the name of the form, and are numbered from 1 to its last item; or they are the questions of
    its items. Their cells are its answers: numbers in its range, with its smallest one among them, or its words.

    Parameters
    ----------
    table : str
        The canonical table.
    file : SurveyedFile
        Its file.
    """
    found: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for pattern, numbered in list_numbered_headers(file.headers).items() if table == "clients" else ():
        for name in SUMMED:
            scale, headers = ITEM_SCALES[name], [numbered[number] for number in sorted(numbered)]
            texts = (pattern, *file.list_names(headers[0])[1:])
            is_named = any(score_header_words(table, name, text) >= POSSIBLE for text in texts)
            if sorted(numbered) != list(scale.item_numbers) or not is_named:
                continue
            columns = [file.get_evidence(header) for header in headers]
            codes = find_answer_words(name, columns)
            if codes or _are_answers(scale, columns):
                found[name] = ({"items": pattern} | ({"codes": codes} if codes else {}), headers)
    for name in SUMMED if table == "clients" else ():
        headers = find_item_headers(name, file)
        columns = [file.get_evidence(header) for header in headers]
        codes = find_answer_words(name, columns) if headers else {}
        if name not in found and (codes or _are_answers(ITEM_SCALES[name], columns)):
            found[name] = ({"items": headers} | ({"codes": codes} if codes else {}), headers)
    return found


def _are_answers(scale: ItemScale, columns: list[CellEvidence]) -> bool:
    """Return whether numbers are answers: a form that is coded from 1 has no 0, and would add up to too much."""
    n_known = sum(column.n_known for column in columns)
    inside = sum(column.measure_range(scale.low, scale.high) * column.n_known for column in columns)
    has_lowest = any(column.numbers[float(scale.low)] for column in columns)
    return n_known > 0 and has_lowest and inside >= MIN_IN_RANGE * n_known
