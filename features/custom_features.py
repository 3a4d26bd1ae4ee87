"""Custom features: those a clinic declares in ``clinic.toml``, over any columns of its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.columns import ID_COLUMNS
from attune_fit.data.fault_collector import FaultCollector, build_unknown_column_fault, suggest_name
from attune_fit.data.faults import DataFault, Fault
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
        The value of ``compare`` in ``clinic.toml``.
    kind : {"codes", "numbers"}
        What it compares; a text column for ``numbers`` is an error.
    function : callable
        Takes the pairs and the declared row; returns an array that broadcasts to the pairs' shape.
    neutral_value : float
        The value that counts as neutral when ``weight_by`` multiplies the value and no ``center`` is stated.
    description : str
        What it returns, with its range.
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
    wanted, offered = pairs.take_client_numbers(row.client), pairs.take_therapist_numbers(row.therapist)
    return np.where(np.isnan(wanted) | np.isnan(offered), np.nan, offered >= wanted)


def _compute_pooled_sd(tables: Tables, row: CustomFeature) -> float:
    """Return the SD of the two columns together, 1 where it is 0 or unknown; a stated ``scale`` replaces it.

    It is computed once, from the whole tables, so that the value of a pair does not depend on which pairs are scored.
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
    """Build the features a clinic declares, one for each row.

    Parameters
    ----------
    rows : sequence of CustomFeature
        The ``[[features]]`` of ``clinic.toml``.
    tables : Tables
        The columns that exist. Cells are read only to check that they are numbers, and for the spread that
        ``closeness`` needs where no ``scale`` is stated.
    taken : sequence of str
        Names of other features.

    Raises
    ------
    DataFault
        With all errors: a missing column, text where numbers are compared, an unknown comparison, a name used twice,
        a column of :data:`EXCLUDED_INPUTS` or :data:`LEAKAGE_RULES`.
    """
    faults = FaultCollector("clinic.toml")
    names = list(taken)
    for row in rows:
        _check_row(row, tables, names, faults)
        names.append(row.name)
    if faults.has_errors:
        raise DataFault(faults.faults)
    return tuple(_build_feature(row, tables) for row in rows)


def _check_row(row: CustomFeature, tables: Tables, names: Sequence[str], faults: FaultCollector) -> None:
    """Add the errors of one row."""
    place = f"features.{row.name}"
    if row.name in names:
        faults.add_error("duplicate-feature", place, "another feature has this name", "Choose another name.")
    comparison = COMPARISONS.get(row.compare)
    if comparison is None:
        fix = suggest_name(row.compare, COMPARISONS)
        faults.add_error("unknown-comparison", place, f"unknown comparison `{row.compare}`", fix)
    is_numeric = comparison is not None and comparison.kind == "numbers"
    _check_column(row, "client", tables.clients, "clients", is_numeric, faults)
    _check_column(row, "therapist", tables.therapists, "therapists", is_numeric, faults)
    if row.weight_by is not None:
        _check_column(row, "weight_by", tables.clients, "clients", True, faults)


def _check_column(
    row: CustomFeature, key: str, frame: pd.DataFrame, table: str, is_numeric: bool, faults: FaultCollector
) -> None:
    """Add the errors of one column that a row names."""
    place, column = f"features.{row.name}.{key}", str(getattr(row, key))
    refusal = _find_refusal(row, place, table, column)
    if refusal is not None:
        faults.faults.append(refusal)
    elif column not in frame:
        columns = [name for name in frame.columns if _find_refusal(row, place, table, str(name)) is None]
        faults.faults.append(build_unknown_column_fault(place, table, column, columns))
    elif is_numeric and np.isnan(cell_values.convert_to_numbers(frame[column].dropna())).any():
        fix = "Set `compare` to `same` or `overlap`, or map the column's codes to numbers."
        message = f"column `{column}` of `{table}` holds text, but `{row.compare}` compares numbers"
        faults.add_error("text-compared-as-number", place, message, fix)


def _find_refusal(row: CustomFeature, place: str, table: str, column: str) -> Fault | None:
    """Return the error about a column that no feature may read; None for a column that a feature may read."""
    if column in ID_COLUMNS:
        message = f"`{column}` never moves a score: it is an id"
        return Fault.error("id-as-feature", "clinic.toml", place, message, fix="Name another column.")
    excluded = find_excluded_input(row, table, column)
    if excluded is not None:
        message = f"`{column}` never moves a score ({excluded.name}): {excluded.reason}"
        return Fault.error("excluded-column", "clinic.toml", place, message, fix=excluded.fix)
    leakage = find_leakage_rule(table, column)
    if leakage is not None:
        message = f"`{column}` is known only after contact ({leakage.name}): {leakage.reason}"
        return Fault.error("leaking-column", "clinic.toml", place, message, fix=leakage.fix)
    return None


def _build_feature(row: CustomFeature, tables: Tables) -> Feature:
    """Build the feature of one declared row."""
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
    """Return the comparison's name with the stated numbers that change its value (part of the bundle)."""
    scale = row.scale if row.compare == "closeness" else None
    center = row.center if row.weight_by is not None else None
    numbers = {"scale": scale, "center": center}
    return " ".join([row.compare, *(f"{name} {number:g}" for name, number in numbers.items() if number is not None)])


def _compute_value(pairs: Pairs, row: CustomFeature) -> Floats:
    """Return the comparison; ``weight_by`` centers it and multiplies it by how much it matters to the client."""
    comparison = COMPARISONS[row.compare]
    value = comparison.function(pairs, row)
    if row.weight_by is None:
        return value
    center = comparison.neutral_value if row.center is None else row.center
    return (value - center) * pairs.take_client_numbers(row.weight_by)


def _build_sentences(row: CustomFeature) -> tuple[str, str]:
    """Return the texts above and below the typical value; ``says`` is for the end that favours the therapist."""
    favourable = row.says or row.name.replace("_", " ")
    unfavourable = row.says_not or f"less than in a typical pair: {favourable}"
    return (unfavourable, favourable) if row.direction == "-" else (favourable, unfavourable)
