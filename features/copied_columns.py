"""Copied columns: a column that no feature may read, under a name that hides it, is found by its cells.

:mod:`outcome_copies` finds copies of outcomes during training, by their correlation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import gammaln

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.columns import ID_COLUMNS
from attune_fit.data.faults import Fault
from attune_fit.features.cell_values import convert_to_numbers, convert_to_texts
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS, has_stated_wish
from attune_fit.features.feature import Feature
from attune_fit.features.leakage_rules import find_leakage_rule

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.fault_collector import FaultCollector

TABLES_READ = ("clients", "therapists")
MAX_CHANCE = 1e-5  # that two unrelated columns divide the people in the same way
MAX_CLASS_SIZE = 12  # people with one code that count: copies of one form agree in every column
FIRST_ROWS = 200  # compared first: they show that most columns are no copies
COPY_FIX = (
    "Let no feature read it: remove it from `[[features]]`, or from its place under `[tables]`. If it holds something "
    "else, correct the file."
)


class BarredColumn(NamedTuple):
    """A column of the clinic's tables that no feature may read; ``why`` is the end of a sentence about it."""

    name: str
    why: str
    is_wishable: bool


class ReadColumn(NamedTuple):
    """A column that a feature reads; ``counts_as_wish`` where the client states how much it matters."""

    file: str
    place: str
    name: str
    counts_as_wish: bool


def check_copied_columns(config: Config, tables: Tables, features: Sequence[Feature], faults: FaultCollector) -> None:
    """Add an error for every column that features read and that is a copy of a column that no feature may read.

    A wish can be about a trait of the therapist, so a copy of such a trait is accepted there. A copy of the client's
    own trait is never a wish, whatever its name.
    """
    for table in TABLES_READ:
        frame = getattr(tables, table)
        barred = list(_list_barred_columns(frame, table))
        first = frame.head(FIRST_ROWS)  # rules out most columns
        has_all = len(first) == len(frame)
        codes = {one.name: pd.factorize(first[one.name])[0] for one in barred}
        for column in _list_read_columns(config, features, frame, table):
            if column.name in codes:  # refused by its name, or read by the baseline
                continue
            read = pd.factorize(first[column.name])[0]
            for one in barred:
                is_accepted = table == "therapists" and one.is_wishable and column.counts_as_wish
                is_chance = has_all and not _is_beyond_chance(read, codes[one.name])
                is_suspect = not (is_accepted or is_chance) and _is_one_to_one(read, codes[one.name])
                if is_suspect and is_copy(frame[column.name], frame[one.name]):
                    message = f"`{column.name}` of `{table}` is a copy of `{one.name}`, or a code for it: {one.why}"
                    faults.faults.append(Fault.error("copied-column", column.file, column.place, message, fix=COPY_FIX))


def is_copy(cells: pd.Series, barred: pd.Series) -> bool:
    """Return whether one column gives away the other: equal, in the same order of size, or in other codes.

    People with either cell unknown are excluded. Few people, or few distinct cells, can agree by accident: the chance
    of that, if one column were shuffled, must be below :data:`MAX_CHANCE`.

    Parameters
    ----------
    cells, barred : Series
        Cells of the same people.

    Notes
    -----
    With classes of sizes n_i among n people, a shuffled column has every cell at its place with the probability
    prod(n_i!) / n!. Where codes can be exchanged, all assignments of classes of equal size count too. A class counts
    with at most :data:`MAX_CLASS_SIZE` people.

    Examples
    --------
    >>> gender = pd.Series(["man", "woman", "nonbinary"] * 8)
    >>> is_copy(gender.map({"man": 1, "woman": 2, "nonbinary": 3}), gender)
    True
    >>> is_copy(gender.str.replace("nonbinary", "man"), gender), is_copy(gender[:6], gender[:6])
    (False, False)
    """
    known = cells.notna().to_numpy(bool) & barred.notna().to_numpy(bool)
    cells, barred = cells[known], barred[known]
    codes = pd.factorize(cells)[0]
    if not len(codes) or not _is_one_to_one(codes, pd.factorize(barred)[0]):
        return False
    sizes = np.minimum(np.bincount(codes), MAX_CLASS_SIZE)
    log_chance = _compute_log_chance(sizes)
    if (convert_to_texts(cells).to_numpy() == convert_to_texts(barred).to_numpy()).all() or _is_in_order(cells, barred):
        return log_chance + math.log(2) < math.log(MAX_CHANCE)  # 2: rising or falling
    equal_sizes = np.unique(sizes, return_counts=True)[1]
    return log_chance + float(gammaln(equal_sizes + 1).sum()) < math.log(MAX_CHANCE)


def _compute_log_chance(sizes: Indices) -> float:
    """Return the log of the chance that a shuffled column agrees in each cell, from the people of each class."""
    return float(gammaln(sizes + 1).sum() - gammaln(sizes.sum() + 1))


def _is_beyond_chance(codes: Indices, others: Indices) -> bool:
    """Return whether equal classes of all people could be a copy by :func:`is_copy`: False for a few people."""
    sizes = np.minimum(np.bincount(codes[(codes >= 0) & (others >= 0)]), MAX_CLASS_SIZE)
    return _compute_log_chance(sizes) < math.log(MAX_CHANCE)


def _is_one_to_one(codes: Indices, others: Indices) -> bool:
    """Return whether, among people with both codes known (>= 0), each code of one column goes with one of the other."""
    known = (codes >= 0) & (others >= 0)
    codes, others = codes[known], others[known]
    width = others.max(initial=0) + 1
    joined = np.unique(codes * width + others)  # the distinct pairs; each code must occur in one of them only
    return len(np.unique(joined // width)) == len(np.unique(joined % width)) == len(joined)


def _is_in_order(cells: pd.Series, barred: pd.Series) -> bool:
    """Return whether both columns are numbers or dates that put the people in the same order, or in the reverse."""
    if not all(_has_order(one) for one in (cells, barred)):
        return False
    order, other = _rank(cells), _rank(barred)
    return bool((order == other).all() or (order == other.max() - other).all())


def _has_order(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells)


def _rank(cells: pd.Series) -> Indices:
    """Return the rank of each number, from 0; equal numbers have equal ranks."""
    return np.unique(convert_to_numbers(cells), return_inverse=True)[1].astype(np.intp)


def _list_barred_columns(frame: pd.DataFrame, table: str) -> Iterator[BarredColumn]:
    """Yield the columns of a table that no feature may read, with the reason."""
    for name in map(str, frame.columns):
        excluded = next((row for row in EXCLUDED_INPUTS if row.has_column(table, name)), None)
        leakage = find_leakage_rule(table, name)
        if excluded is not None:
            yield BarredColumn(name, f"it never moves a score ({excluded.name})", excluded.is_wishable)
        elif leakage is not None:
            yield BarredColumn(name, f"it is known only after contact ({leakage.name})", False)


def _list_read_columns(
    config: Config, features: Sequence[Feature], frame: pd.DataFrame, table: str
) -> Iterator[ReadColumn]:
    """Yield each column of a table that features read, once: first those that the clinic's own features name."""
    keys = ("client", "weight_by") if table == "clients" else ("therapist",)
    used, seen = {feature.name for feature in features}, {*ID_COLUMNS}
    for row in config.features:
        for key in keys if row.name in used else ():
            name = getattr(row, key)
            if name in frame and name not in seen:
                yield ReadColumn("clinic.toml", f"features.{row.name}.{key}", name, has_stated_wish(row))
                seen |= set() if has_stated_wish(row) else {name}
    for feature in features:
        for name in (feature.client if table == "clients" else feature.therapist) if feature.compare == "" else ():
            if name in frame and name not in seen:
                yield ReadColumn(table, name, name, False)
                seen.add(name)
