"""Cells of the roster that hold a code of a wish and are not that code: `catholic; evangelical`, `woman/nonbinary`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import SOFT_STRENGTHS, list_columns
from attune_fit.data.clinic.tables import UnreadableCell
from attune_fit.data.reading.checks.code_comparison import MAX_LENGTH, CodeColumn, select_nameable
from attune_fit.data.reading.checks.similar_spelling import find_misspellings, format_questions
from attune_fit.data.reading.columns.code_mapping import CodeBook, list_code_books
from attune_fit.data.reading.columns.limit_codes import find_cells_with, has_words, list_codes, split_words

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.table_reader import MappedTable


def find_cells_with_wished_words(
    tables: Mapping[str, MappedTable], mapping: TableMapping, collector: FaultCollector
) -> frozenset[UnreadableCell]:
    """Return the cells of therapists that hold a code of a ``must`` or ``never`` wish and are not that code.

    Whether such a therapist has the code is not known, so the pairs with a wish about the column are left out.

    Parameters
    ----------
    tables : mapping of str to MappedTable
        With `therapists` and `preferences`, whose wishes are in the codes of the roster.
    mapping : TableMapping
        How the roster is read: a code that `codes` lists is one, whatever words it has.
    collector : FaultCollector
        Collects the warnings, also of codes that are almost those of a wish.
    """
    roster, wishes = tables["therapists"], tables["preferences"].frame
    if wishes.empty or mapping.literal:
        return frozenset()
    strict = wishes[~wishes["strength"].isin(SOFT_STRENGTHS)]
    books, known, found = list_code_books("therapists", mapping), list_columns("therapists"), set()
    for name, values in strict.groupby("attribute")["value"]:
        column = CodeColumn.from_table("therapists", str(name), roster)
        is_fixed = name in known and (known[str(name)].kind == "id" or bool(known[str(name)].codes))
        if column is None or is_fixed or not pd.api.types.is_string_dtype(roster.frame[name]):
            continue
        wished = {str(value) for value in values}
        unclear = _list_unclear_codes(roster.frame[name], wished, books.get(normalize_code(str(name)), CodeBook({})))
        rows = column.cells.index[find_cells_with(column.cells, unclear)]
        message = "codes that hold a code of a `must` or `never` wish, and are not that code"
        fix = (
            "Attune leaves out these therapists for clients with such a wish. Correct the cell, set `split`, or list "
            "the code in `codes`."
        )
        collector.add_warning_for_rows("wished-code-in-cell", column.header, message, fix, rows)
        own = mapping.columns.get(str(name))
        is_declared = name in known or (own is not None and own.kind in ("code", "set"))
        _warn_of_similar_codes(column, wished, unclear, is_declared, collector)
        ids = roster.frame["therapist_id"].loc[rows]
        found |= {UnreadableCell("therapists", str(name), str(one), "missing") for one in ids}
    return frozenset(found)


def _list_unclear_codes(cells: pd.Series, wished: set[str], book: CodeBook) -> set[str]:
    """Return the codes in the cells that hold all words of a wished code and are none."""
    words = split_words(wished)
    same = set().union(*words.values())
    return {
        code
        for code in list_codes(cells) - wished
        if (has_words(code, words) or not same.isdisjoint(set().union(*split_words([code]).values())))
        and not book.has_code(code)
    }


def _warn_of_similar_codes(
    column: CodeColumn, wished: set[str], unclear: set[str], is_declared: bool, collector: FaultCollector
) -> None:
    """Warn of codes of the roster that are probably a wished code in another spelling; name those of code columns."""
    similar = {} if column.is_text else find_misspellings(column.counts.keys() - wished - unclear, wished)
    named = select_nameable(sorted(similar)) if is_declared else []
    questions = format_questions({code: similar[code] for code in named if len(similar[code]) <= MAX_LENGTH})
    message = "codes that are almost, but not quite, those of a `must` or `never` wish"
    fix = f"{questions}Attune takes them for different codes. Correct the cells, or use `codes`."
    rows = column.find_rows(similar.keys())
    collector.add_warning_for_rows("similar-wished-code", column.header, message, fix, rows)
