"""Checks of wishes against the roster: each value in the codes of the column that the wish is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.fault_collector import is_mostly_bad, suggest_name
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.code_mapping import CodeBook
from attune_fit.data.reading.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

CodeBooks = Mapping[str, CodeBook]  # by column of the roster, its name as from normalize_code


def check_wish_values(
    roster: pd.DataFrame, wishes: MappedTable, books: CodeBooks, collector: FaultCollector
) -> MappedTable:
    """Return the wishes that the roster can answer, in the codes of its columns.

    Parameters
    ----------
    roster : DataFrame
        The therapists.
    wishes : MappedTable
        Rows of ``preferences``.
    books : mapping of str to CodeBook
        The code mapping of each column of the roster; wishes use the same codes.
    collector : FaultCollector
        Collects errors and warnings.

    Returns
    -------
    MappedTable
        Attributes spelt as in the roster, values in its codes. A wish with an unknown code is dropped with a warning;
        for a ``must`` or ``never`` it is an error.
    """
    frame = wishes.frame.dropna(subset=["attribute", "value"])
    names = {normalize_code(str(name)): str(name) for name in roster.columns}
    attribute = frame["attribute"].map(lambda word: names.get(normalize_code(word))).astype("str")
    is_unknown = attribute.isna()
    if is_unknown.any():
        words = frame["attribute"][is_unknown].unique()
        guess = suggest_name(str(words[0]) if len(words) == 1 else "", map(str, roster.columns))
        collector.add_error(
            "wish-about-unknown-column", wishes.headers["attribute"],
            "wishes about a column that the roster does not have",
            f"Name a column of therapists. {guess}",
            frame.index[is_unknown],
        )  # fmt: skip
    frame, header = frame.assign(attribute=attribute)[~is_unknown], wishes.headers["value"]
    parts = [
        _check_column_wishes(
            rows, roster[str(name)], books.get(normalize_code(str(name)), CodeBook({})), header, collector
        )
        for name, rows in frame.groupby("attribute", sort=False)
    ]
    return MappedTable(pd.concat(parts).sort_index(kind="stable") if parts else frame, wishes.headers)


def _check_column_wishes(
    wishes: pd.DataFrame, column: pd.Series, book: CodeBook, header: str, collector: FaultCollector
) -> pd.DataFrame:
    """Return the wishes about one column of the roster, in its codes."""
    if column.isna().all():
        message = f"wishes about `{column.name}`, which is empty on the roster"
        fix = "Attune cannot check these wishes."
        collector.add_warning("wish-about-empty-column", header, message, fix, wishes.index)
    if pd.api.types.is_datetime64_any_dtype(column):
        message = f"wishes about `{column.name}`, which contains dates"
        fix = "Use a column of numbers or codes."
        collector.add_error("wish-about-dates", header, message, fix, wishes.index)
        return wishes
    if pd.api.types.is_numeric_dtype(column):
        return _check_range_wishes(wishes, column, header, collector)
    if column.name == "therapist_id":
        ids = {normalize_code(name): str(name) for name in column.dropna()}
        return wishes.assign(value=wishes["value"].map(lambda word: ids.get(word, word)))
    return _check_code_wishes(wishes, column, book, header, collector)


def _check_range_wishes(
    wishes: pd.DataFrame, column: pd.Series, header: str, collector: FaultCollector
) -> pd.DataFrame:
    """Return wishes about a column of numbers; one that is not a range is an error."""
    bad = ~wishes["value"].map(is_range).astype(bool)
    if bad.any():
        collector.add_error(
            "wish-not-a-number", header, f"wishes about `{column.name}` that are not numbers",
            "Write a number, `40-60`, `65-`, `>=10` or `<=45`.", wishes.index[bad],
        )  # fmt: skip
    return wishes


def _check_code_wishes(
    wishes: pd.DataFrame, column: pd.Series, book: CodeBook, header: str, collector: FaultCollector
) -> pd.DataFrame:
    """Return wishes about a column of codes, without those that do not have exactly one known code."""
    canonical = list_columns("therapists").get(str(column.name))
    allowed = canonical.codes if canonical else ()
    value, bad = book.translate_cells(wishes["value"])
    bad |= value.str.contains(SET_SEPARATOR, regex=False).fillna(False).astype(bool)
    if allowed:
        bad |= ~value.isin(allowed)
    if bad.any():
        known = f"Known: {', '.join(f'`{code}`' for code in allowed or book.codes)}."
        message, rows = f"wishes about `{column.name}` with an unknown code", wishes.index[bad]
        binding = bad & wishes["strength"].isin(("must", "never"))
        if binding.any():  # without it, a therapist whom the client rules out could be offered
            collector.add_error(
                "binding-wish-with-unknown-code", header,
                f"a `must` or `never` about `{column.name}` with an unknown code",
                f"Correct the cell, or add the code to `codes` of the wish. {known}", wishes.index[binding],
            )  # fmt: skip
        elif is_mostly_bad(len(rows), len(wishes)):
            fix = f"Add your codes to `codes` of the wish. {known}"
            collector.add_error("wish-with-unknown-code-mostly", header, message, fix, rows)
        else:
            fix = f"Attune ignores these wishes. {known}"
            collector.add_warning("wish-with-unknown-code", header, message, fix, rows)
    return wishes.assign(value=value)[~bad]
