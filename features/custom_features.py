"""Features a clinic adds in ``clinic.toml``, over any columns of its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import ID_COLUMNS
from attune_fit.data.fault_collector import FaultCollector, suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.features import cell_values
from attune_fit.features.excluded_inputs import find_excluded_input
from attune_fit.features.feature import Feature
from attune_fit.features.leakage_rules import find_leakage_rule
from attune_fit.features.pairs import Pairs

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import CustomFeature
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class CellComparison:
    """One way to compare a client's cell with a therapist's.

    Attributes
    ----------
    name : str
        As ``compare`` in ``clinic.toml`` says it.
    kind : {"codes", "numbers"}
        What it compares; a text column given to ``numbers`` is a fault.
    function : callable
        Takes the pairs and the declared row.
    neutral_value : float
        What counts as neither here nor there when ``weight_by`` multiplies the value and no ``center`` is stated.
    description : str
        What it gives, with its range.
    """

    name: str
    kind: Literal["codes", "numbers"]
    function: Callable[[Pairs, CustomFeature], Floats]
    neutral_value: float
    description: str


def _has_shared_code(pairs: Pairs, row: CustomFeature) -> Floats:
    return pairs.has_shared_code(row.client, row.therapist)


def _compute_overlap(pairs: Pairs, row: CustomFeature) -> Floats:
    return pairs.count_shared_codes(row.client, row.therapist) / pairs.count_codes("client", row.client)


def _compute_distance(pairs: Pairs, row: CustomFeature) -> Floats:
    return np.abs(pairs.take_client_numbers(row.client) - pairs.take_therapist_numbers(row.therapist))


def _compute_closeness(pairs: Pairs, row: CustomFeature) -> Floats:
    return np.exp(-_compute_distance(pairs, row) / (row.scale or 1.0))


def _compute_product(pairs: Pairs, row: CustomFeature) -> Floats:
    product: Floats = pairs.take_client_numbers(row.client) * pairs.take_therapist_numbers(row.therapist)
    return product


def _is_at_least(pairs: Pairs, row: CustomFeature) -> Floats:
    asked, given = pairs.take_client_numbers(row.client), pairs.take_therapist_numbers(row.therapist)
    return np.where(np.isnan(asked) | np.isnan(given), np.nan, given >= asked)


def _compute_pooled_sd(tables: Tables, row: CustomFeature) -> float:
    """SD of the two columns taken together, 1 where there is none; state ``scale`` to keep it fixed.

    Taken once from the whole tables: a pair must not come closer because fewer people are looked at.
    """
    numbers = np.concatenate(
        [
            cell_values.convert_to_numbers(tables.clients[row.client]),
            cell_values.convert_to_numbers(tables.therapists[row.therapist]),
        ]
    )
    known = numbers[~np.isnan(numbers)]
    return float(known.std()) or 1.0 if len(known) else 1.0


COMPARISONS: dict[str, CellComparison] = {
    row.name: row
    for row in (
        CellComparison("same", "codes", _has_shared_code, 0.5, "1 where a code is shared, else 0."),
        CellComparison(
            "overlap", "codes", _compute_overlap, 0.5, "Share of the client's codes that the therapist has, 0-1."
        ),
        CellComparison("distance", "numbers", _compute_distance, 0.0, "Difference without sign, in the columns' unit."),
        CellComparison(
            "closeness", "numbers", _compute_closeness, 0.5, "exp(-difference / scale), 0-1; 1 where equal."
        ),
        CellComparison("product", "numbers", _compute_product, 0.0, "Client's number times therapist's."),
        CellComparison(
            "meets", "numbers", _is_at_least, 0.5, "1 where the therapist's number is at least the client's, else 0."
        ),
    )
}


def build_custom_features(
    rows: Sequence[CustomFeature], tables: Tables, taken: Sequence[str] = ()
) -> tuple[Feature, ...]:
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
        used twice, a column of :data:`EXCLUDED_INPUTS` or :data:`LEAKAGE_RULES`.
    """
    found = FaultCollector("clinic.toml")
    names = list(taken)
    for row in rows:
        _check(row, tables, names, found)
        names.append(row.name)
    if found.has_errors:
        raise DataFault(found.faults)
    return tuple(_build_feature(row, tables) for row in rows)


def _check(row: CustomFeature, tables: Tables, names: Sequence[str], found: FaultCollector) -> None:
    """Collect what is wrong with one row."""
    place = f"features.{row.name}"
    if row.name in names:
        found.add_error(place, "another feature has this name", "Give it a name of its own.")
    comparison = COMPARISONS.get(row.compare)
    if comparison is None:
        found.add_error(place, f"`{row.compare}` is no comparison", suggest_name(row.compare, COMPARISONS))
    numeric = comparison is not None and comparison.kind == "numbers"
    _check_column(row, "client", tables.clients, "clients", numeric, found)
    _check_column(row, "therapist", tables.therapists, "therapists", numeric, found)
    if row.weight_by is not None:
        _check_column(row, "weight_by", tables.clients, "clients", True, found)


def _check_column(
    row: CustomFeature, key: str, frame: pd.DataFrame, table: str, numeric: bool, found: FaultCollector
) -> None:
    """Collect what is wrong with one column a row names."""
    place, column = f"features.{row.name}.{key}", str(getattr(row, key))
    refused = _find_refusal(row, table, column)
    if refused is not None:
        found.add_error(place, *refused)
    elif column not in frame:
        columns = [name for name in frame.columns if _find_refusal(row, table, str(name)) is None]
        found.add_error(place, f"`{table}` has no column `{column}`", suggest_name(column, columns))
    elif numeric and np.isnan(cell_values.convert_to_numbers(frame[column].dropna())).any():
        fix = "Compare it by `same` or `overlap`, or map its codes to numbers."
        found.add_error(place, f"column `{column}` of `{table}` holds text, and numbers are compared", fix)


def _find_refusal(row: CustomFeature, table: str, column: str) -> tuple[str, str] | None:
    """Why no feature may read a column, and what to do; None where it may."""
    if column in ID_COLUMNS:
        return f"`{column}` never moves a score: it is an id", "Name another column."
    unused = find_excluded_input(row, table, column)
    if unused is not None:
        return f"`{column}` never moves a score ({unused.name}): {unused.reason}", unused.fix
    late = find_leakage_rule(table, column)
    if late is not None:
        return f"`{column}` is known only after contact ({late.name}): {late.reason}", late.fix
    return None


def _build_feature(row: CustomFeature, tables: Tables) -> Feature:
    """The row of a declared feature."""
    compare = _format_comparison(row)
    if row.compare == "closeness" and row.scale is None:
        row = row.model_copy(update={"scale": _compute_pooled_sd(tables, row)})
    center = np.nan if row.center is None else row.center
    scale = np.nan if row.scale is None or row.compare == "closeness" else row.scale
    above, below = _build_sentences(row)
    return Feature(
        row.name,
        "declared",
        "pair",
        (row.client,) if row.weight_by is None else (row.client, row.weight_by),
        (row.therapist,),
        partial(_compute_value, row=row),
        row.direction,
        center if row.weight_by is None else 0.0,
        scale,
        above,
        below,
        row.weight,
        row.spread,
        compare=compare,
    )


def _format_comparison(row: CustomFeature) -> str:
    """The comparison, and those of the stated numbers that change its value."""
    scale = row.scale if row.compare == "closeness" else None
    center = row.center if row.weight_by is not None else None
    numbers = {"scale": scale, "center": center}
    return " ".join([row.compare, *(f"{name} {one:g}" for name, one in numbers.items() if one is not None)])


def _compute_value(pairs: Pairs, row: CustomFeature) -> Floats:
    """The comparison; with ``weight_by`` counted from its middle and multiplied by what it matters to the client."""
    comparison = COMPARISONS[row.compare]
    value = comparison.function(pairs, row)
    if row.weight_by is None:
        return value
    middle = comparison.neutral_value if row.center is None else row.center
    return (value - middle) * pairs.take_client_numbers(row.weight_by)


def _build_sentences(row: CustomFeature) -> tuple[str, str]:
    """Above and below the typical value: ``says`` is the end that speaks for a therapist, maybe the lower one."""
    words = row.says or row.name.replace("_", " ")
    other = row.says_not or f"less than is typical: {words}"
    return (other, words) if row.direction == "-" else (words, other)
