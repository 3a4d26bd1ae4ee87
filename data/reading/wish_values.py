"""Wishes held against the roster: each in the words of the column it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.fault_collector import is_mostly_bad
from attune_fit.data.number_ranges import is_range
from attune_fit.data.reading.code_mapping import CodeBook
from attune_fit.data.reading.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

CodeBooks = Mapping[str, CodeBook]  # a column of the roster, as a word, to its codes


def check_wish_values(
    roster: pd.DataFrame, wishes: MappedTable, books: CodeBooks, findings: FaultCollector
) -> MappedTable:
    """Check wishes against the columns they are about.

    Parameters
    ----------
    roster : DataFrame
        The therapists.
    wishes : Mapped
        Rows of ``preferences``.
    books : mapping of str to CodeBook
        The codes of the roster's columns, which are those of the wishes too.
    findings : Findings

    Returns
    -------
    Mapped
        Attributes in the roster's spelling, values in its words. Wishes whose value nobody knows are left out; the
        findings say which.
    """
    frame = wishes.frame.dropna(subset=["attribute", "value"])
    names = {normalize_code(str(name)): str(name) for name in roster.columns}
    attribute = frame["attribute"].map(lambda said: names.get(normalize_code(said))).astype("str")
    lost = attribute.isna()
    if lost.any():
        findings.add_error(
            wishes.headers["attribute"], "a wish about a column that the roster does not have",
            f"Name a column of therapists: {', '.join(f'`{name}`' for name in roster.columns)}.", frame.index[lost],
        )  # fmt: skip
    frame, header = frame.assign(attribute=attribute)[~lost], wishes.headers["value"]
    kept = [
        _check_column_wishes(
            rows, roster[str(name)], books.get(normalize_code(str(name)), CodeBook({})), header, findings
        )
        for name, rows in frame.groupby("attribute", sort=False)
    ]
    return MappedTable(pd.concat(kept).sort_index(kind="stable") if kept else frame, wishes.headers)


def _check_column_wishes(
    wishes: pd.DataFrame, column: pd.Series, book: CodeBook, header: str, findings: FaultCollector
) -> pd.DataFrame:
    """Wishes about one column of the roster, in its words."""
    if column.isna().all():
        says = f"wishes about `{column.name}`, of which the roster says nothing"
        findings.add_warning(header, says, "They stay unknown.", wishes.index)
    if pd.api.types.is_datetime64_any_dtype(column):
        says = f"wishes about `{column.name}`, which holds dates"
        findings.add_error(header, says, "Wish for a number or a code.", wishes.index)
        return wishes
    if pd.api.types.is_numeric_dtype(column):
        return _check_range_wishes(wishes, column, header, findings)
    if column.name == "therapist_id":
        spelt = {normalize_code(one): str(one) for one in column.dropna()}
        return wishes.assign(value=wishes["value"].map(lambda said: spelt.get(said, said)))
    return _check_code_wishes(wishes, column, book, header, findings)


def _check_range_wishes(wishes: pd.DataFrame, column: pd.Series, header: str, findings: FaultCollector) -> pd.DataFrame:
    """Wishes for numbers: each must be a span."""
    bad = ~wishes["value"].map(is_range).astype(bool)
    if bad.any():
        findings.add_error(
            header, f"wishes about `{column.name}`, which holds numbers, that say none",
            "Write a number, `40-60`, `65-`, `>=10` or `<=45`.", wishes.index[bad],
        )  # fmt: skip
    return wishes


def _check_code_wishes(
    wishes: pd.DataFrame, column: pd.Series, book: CodeBook, header: str, findings: FaultCollector
) -> pd.DataFrame:
    """Wishes for codes; those that are no single known one are left out."""
    known = list_columns("therapists").get(str(column.name))
    allowed = known.codes if known else ()
    value, odd = book.translate_cells(wishes["value"])
    odd |= value.str.contains(SET_SEPARATOR, regex=False).fillna(False).astype(bool)
    if allowed:
        odd |= ~value.isin(allowed)
    if odd.any():
        listed = f"Known: {', '.join(f'`{code}`' for code in allowed or book.codes)}."
        says, rows = f"wishes about `{column.name}` that are no known code", wishes.index[odd]
        binding = odd & wishes["strength"].isin(("must", "never"))
        if binding.any():  # to leave it out would offer the client somebody they rule out
            findings.add_error(
                header, f"a `must` or `never` about `{column.name}` that is no known code",
                f"Correct the cell, or list the clinic's word in the wish's `codes`. {listed}", wishes.index[binding],
            )  # fmt: skip
        elif is_mostly_bad(len(rows), len(wishes)):
            findings.add_error(header, says, f"List the clinic's words in the wish's `codes`. {listed}", rows)
        else:
            findings.add_warning(header, says, f"Left out. {listed}", rows)
    return wishes.assign(value=value)[~odd]
