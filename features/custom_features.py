"""Features a clinic adds in ``clinic.toml``, over any columns of its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from attune_fit.data.clinic.tables import IDS
from attune_fit.data.fault_collector import Findings, did_you_mean
from attune_fit.data.faults import DataFault
from attune_fit.features import cell_values
from attune_fit.features.excluded_inputs import not_used
from attune_fit.features.feature import Feature, Floats
from attune_fit.features.leakage_rules import leak
from attune_fit.features.pairs import Pairs

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import DeclaredFeature
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class Comparison:
    """One way to compare a client's cell with a therapist's.

    Attributes
    ----------
    name : str
        As ``compare`` in ``clinic.toml`` says it.
    kind : {"codes", "numbers"}
        What it compares; a text column given to ``numbers`` is a fault.
    function : callable
        Takes the pairs and the declared row.
    middle : float
        What counts as neither here nor there when ``weight_by`` multiplies the value and no ``center`` is stated.
    says : str
        What it gives, with its range.
    """

    name: str
    kind: Literal["codes", "numbers"]
    function: Callable[[Pairs, DeclaredFeature], Floats]
    middle: float
    says: str


def _same(pairs: Pairs, row: DeclaredFeature) -> Floats:
    return pairs.same(row.client, row.therapist)


def _overlap(pairs: Pairs, row: DeclaredFeature) -> Floats:
    return pairs.shared(row.client, row.therapist) / pairs.count("client", row.client)


def _distance(pairs: Pairs, row: DeclaredFeature) -> Floats:
    return np.abs(pairs.client(row.client) - pairs.therapist(row.therapist))


def _closeness(pairs: Pairs, row: DeclaredFeature) -> Floats:
    return np.exp(-_distance(pairs, row) / (row.scale or 1.0))


def _product(pairs: Pairs, row: DeclaredFeature) -> Floats:
    product: Floats = pairs.client(row.client) * pairs.therapist(row.therapist)
    return product


def _meets(pairs: Pairs, row: DeclaredFeature) -> Floats:
    asked, given = pairs.client(row.client), pairs.therapist(row.therapist)
    return np.where(np.isnan(asked) | np.isnan(given), np.nan, given >= asked)


def _spread(tables: Tables, row: DeclaredFeature) -> float:
    """SD of the two columns taken together, 1 where there is none; state ``scale`` to keep it fixed.

    Taken once from the whole tables: a pair must not come closer because fewer people are looked at.
    """
    numbers = np.concatenate(
        [cell_values.numbers(tables.clients[row.client]), cell_values.numbers(tables.therapists[row.therapist])]
    )
    known = numbers[~np.isnan(numbers)]
    return float(known.std()) or 1.0 if len(known) else 1.0


COMPARISONS: dict[str, Comparison] = {
    row.name: row
    for row in (
        Comparison("same", "codes", _same, 0.5, "1 where a code is shared, else 0."),
        Comparison("overlap", "codes", _overlap, 0.5, "Share of the client's codes that the therapist has, 0-1."),
        Comparison("distance", "numbers", _distance, 0.0, "Difference without sign, in the columns' unit."),
        Comparison("closeness", "numbers", _closeness, 0.5, "exp(-difference / scale), 0-1; 1 where equal."),
        Comparison("product", "numbers", _product, 0.0, "Client's number times therapist's."),
        Comparison("meets", "numbers", _meets, 0.5, "1 where the therapist's number is at least the client's, else 0."),
    )
}


def declared(rows: Sequence[DeclaredFeature], tables: Tables, taken: Sequence[str] = ()) -> tuple[Feature, ...]:
    """Make the features a clinic declares.

    Parameters
    ----------
    rows : sequence of DeclaredFeature
        The ``[[features]]`` of ``clinic.toml``.
    tables : Tables
        Says which columns there are; cells are only looked at for whether they are numbers, and for the spread that
        ``closeness`` needs where no ``scale`` is stated.
    taken : sequence of str
        Names that other features have.

    Raises
    ------
    DataFault
        With every fault: a column that is not there, text where numbers are compared, an unknown comparison, a name
        used twice, a column of :data:`attune_fit.features.excluded_inputs.NON_USE` or :data:`attune_fit.features.leakage_rules.LEAKS`.
    """
    found = Findings("clinic.toml")
    names = list(taken)
    for row in rows:
        _check(row, tables, names, found)
        names.append(row.name)
    if found.stopped:
        raise DataFault(found.faults)
    return tuple(_feature(row, tables) for row in rows)


def _check(row: DeclaredFeature, tables: Tables, names: Sequence[str], found: Findings) -> None:
    """Collect what is wrong with one row."""
    place = f"features.{row.name}"
    if row.name in names:
        found.stop(place, "another feature has this name", "Give it a name of its own.")
    comparison = COMPARISONS.get(row.compare)
    if comparison is None:
        found.stop(place, f"`{row.compare}` is no comparison", did_you_mean(row.compare, COMPARISONS))
    numeric = comparison is not None and comparison.kind == "numbers"
    _check_column(row, "client", tables.clients, "clients", numeric, found)
    _check_column(row, "therapist", tables.therapists, "therapists", numeric, found)
    if row.weight_by is not None:
        _check_column(row, "weight_by", tables.clients, "clients", True, found)


def _check_column(
    row: DeclaredFeature, key: str, frame: pd.DataFrame, table: str, numeric: bool, found: Findings
) -> None:
    """Collect what is wrong with one column a row names."""
    place, column = f"features.{row.name}.{key}", str(getattr(row, key))
    refused = _refused(row, table, column)
    if refused is not None:
        found.stop(place, *refused)
    elif column not in frame:
        columns = [name for name in frame.columns if _refused(row, table, str(name)) is None]
        found.stop(place, f"`{table}` has no column `{column}`", did_you_mean(column, columns))
    elif numeric and np.isnan(cell_values.numbers(frame[column].dropna())).any():
        fix = "Compare it by `same` or `overlap`, or map its codes to numbers."
        found.stop(place, f"column `{column}` of `{table}` holds text, and numbers are compared", fix)


def _refused(row: DeclaredFeature, table: str, column: str) -> tuple[str, str] | None:
    """Why no feature may read a column, and what to do; None where it may."""
    if column in IDS:
        return f"`{column}` never moves a score: it is an id", "Name another column."
    unused = not_used(row, table, column)
    if unused is not None:
        return f"`{column}` never moves a score ({unused.name}): {unused.because}", unused.instead
    late = leak(table, column)
    if late is not None:
        return f"`{column}` is known only after contact ({late.name}): {late.because}", late.instead
    return None


def _feature(row: DeclaredFeature, tables: Tables) -> Feature:
    """The row of a declared feature."""
    compare = _compared(row)
    if row.compare == "closeness" and row.scale is None:
        row = row.model_copy(update={"scale": _spread(tables, row)})
    center = np.nan if row.center is None else row.center
    scale = np.nan if row.scale is None or row.compare == "closeness" else row.scale
    above, below = _sentences(row)
    return Feature(
        row.name,
        "declared",
        "pair",
        (row.client,) if row.weight_by is None else (row.client, row.weight_by),
        (row.therapist,),
        partial(_value, row=row),
        row.direction,
        center if row.weight_by is None else 0.0,
        scale,
        above,
        below,
        row.weight,
        row.spread,
        compare=compare,
    )


def _compared(row: DeclaredFeature) -> str:
    """The comparison, and those of the stated numbers that change its value."""
    scale = row.scale if row.compare == "closeness" else None
    center = row.center if row.weight_by is not None else None
    numbers = {"scale": scale, "center": center}
    return " ".join([row.compare, *(f"{name} {one:g}" for name, one in numbers.items() if one is not None)])


def _value(pairs: Pairs, row: DeclaredFeature) -> Floats:
    """The comparison; with ``weight_by`` counted from its middle and multiplied by what it matters to the client."""
    comparison = COMPARISONS[row.compare]
    value = comparison.function(pairs, row)
    if row.weight_by is None:
        return value
    middle = comparison.middle if row.center is None else row.center
    return (value - middle) * pairs.client(row.weight_by)


def _sentences(row: DeclaredFeature) -> tuple[str, str]:
    """Above and below the typical value: ``says`` is the end that speaks for a therapist, maybe the lower one."""
    words = row.says or row.name.replace("_", " ")
    other = row.says_not or f"less than is typical: {words}"
    return (other, words) if row.direction == "-" else (words, other)
