"""Custom features: those a clinic declares in ``clinic.toml``, over any columns of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.columns import ID_COLUMNS
from attune_fit.data.fault_collector import FaultCollector, build_unknown_column_fault, suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features import cell_values
from attune_fit.features.cell_comparisons import (
    COMPARISONS,
    CellComparison,
    compute_pooled_sd,
    find_single_column,
    list_codes_sought,
)
from attune_fit.features.excluded_inputs import find_excluded_input
from attune_fit.features.feature import Feature, FeatureSide
from attune_fit.features.leakage_rules import find_leakage_rule
from attune_fit.features.pairs import Pairs

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import CustomFeature
    from attune_fit.data.clinic.tables import Tables


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
        With all errors. About columns: a missing one, text where numbers are read, one of :data:`EXCLUDED_INPUTS` or
        :data:`LEAKAGE_RULES`. About the row: a name used twice, a comparison that is unknown or reads another number of
        columns.
    """
    faults = FaultCollector("clinic.toml")
    names = list(taken)
    for row in rows:
        _check_row(row, tables, names, faults)
        names.append(row.name)
    if faults.has_errors:
        raise DataFault(faults.faults)
    return tuple(_build_feature(row, tables) for row in rows)


def find_missing_codes(rows: Sequence[CustomFeature], tables: Tables) -> tuple[Fault, ...]:
    """Return a warning for each ``code`` that occurs in no cell of its column: the feature is then the same for all.

    The rows are those that :func:`build_custom_features` accepts.
    """
    faults = FaultCollector("clinic.toml")
    for row in rows:
        side, column = find_single_column(row)
        known = set(cell_values.explode_codes(getattr(tables, f"{side}s")[column])) if row.code else set()
        for code in list_codes_sought(row):
            if code not in known:
                message = f"no row of `{side}s` has the code `{code}` in the column `{column}`"
                fix = "Check how the file writes it. Without a row that has it, the code changes no score."
                faults.add_warning("code-without-row", f"features.{row.name}.code", message, fix)
    return tuple(faults.faults)


def _check_row(row: CustomFeature, tables: Tables, names: Sequence[str], faults: FaultCollector) -> None:
    """Add the errors of one row."""
    place = f"features.{row.name}"
    if row.name in names:
        faults.add_error("duplicate-feature", place, "another feature has this name", "Choose another name.")
    comparison = COMPARISONS.get(row.compare)
    if comparison is None:
        fix = suggest_name(row.compare, COMPARISONS)
        faults.add_error("unknown-comparison", place, f"unknown comparison `{row.compare}`", fix)
    else:
        _check_columns_named(row, comparison, place, faults)
    is_numeric = comparison is not None and comparison.kind == "numbers"
    if row.client is not None:
        _check_column(row, "client", tables.clients, "clients", is_numeric, faults)
    if row.therapist is not None:
        _check_column(row, "therapist", tables.therapists, "therapists", is_numeric, faults)
    if row.weight_by is not None:
        _check_column(row, "weight_by", tables.clients, "clients", True, faults)


def _check_columns_named(row: CustomFeature, comparison: CellComparison, place: str, faults: FaultCollector) -> None:
    """Add the errors of a row that names too few or too many columns for its comparison, or no code to look for."""
    n_named = sum(column is not None for column in (row.client, row.therapist))
    fitting = ", ".join(f"`{name}`" for name, other in COMPARISONS.items() if other.n_columns == n_named)
    if not n_named:
        fix = "Name a column with `client`, with `therapist`, or one of each."
        faults.add_error("feature-without-column", place, "the feature names no column", fix)
    elif n_named != comparison.n_columns:
        message = f"`{row.compare}` reads {_count_columns(comparison.n_columns)}, and the feature names {n_named}"
        faults.add_error("wrong-number-of-columns", place, message, f"Change `compare` to one of {fitting}.")
    elif row.weight_by is not None and row.therapist is None:
        message = "`weight_by` has no effect without a column of `therapists`"
        faults.add_error(
            "weight-without-therapist", place, message, "Name one with `therapist`, or remove `weight_by`."
        )
    if row.compare == "has" and not row.code:
        fix = 'Write it as `code = "..."`.'
        faults.add_error("code-missing", f"{place}.code", "`has` needs a code to look for", fix)
    if row.compare != "has" and row.code:
        fix = "Remove `code`, or set `compare` to `has`."
        faults.add_error("code-without-has", f"{place}.code", f"`{row.compare}` does not read `code`", fix)


def _count_columns(number: int) -> str:
    """Return the number of columns in words."""
    return "1 column" if number == 1 else f"{number} columns"


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
        columns.sort(key=lambda name: frame[name].isna().all())  # those that the clinic fills come first
        faults.faults.append(build_unknown_column_fault(place, table, column, columns))
    elif is_numeric and np.isnan(cell_values.convert_to_numbers(frame[column].dropna())).any():
        reader = row.compare if key != "weight_by" else key
        of_codes = " or ".join(f"`{name}`" for name, other in COMPARISONS.items() if _reads_codes(other, row))
        fix = (
            f'Its numbers have a comma: add `decimal = ","` under [tables.{table}].'
            if cell_values.has_decimal_commas(frame[column])
            else "Map the column's codes to numbers."
            if key == "weight_by"
            else f"Set `compare` to {of_codes}, or map the column's codes to numbers."
        )
        message = f"column `{column}` of `{table}` holds text, but `{reader}` reads numbers"
        faults.add_error("text-compared-as-number", place, message, fix)


def _reads_codes(comparison: CellComparison, row: CustomFeature) -> bool:
    """Return whether a comparison is one of codes, over as many columns as the row names."""
    n_named = sum(column is not None for column in (row.client, row.therapist))
    return comparison.kind == "codes" and comparison.n_columns == n_named


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
        row = row.model_copy(update={"scale": compute_pooled_sd(tables, row)})
    center = np.nan if row.center is None else row.center
    scale = np.nan if row.scale is None or row.compare == "closeness" else row.scale
    above, below = _build_sentences(row)
    return Feature(
        row.name,
        "declared",
        _find_side(row),
        tuple(column for column in (row.client, row.weight_by) if column is not None),
        () if row.therapist is None else (row.therapist,),
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


def _find_side(row: CustomFeature) -> FeatureSide:
    """Return whose feature it is: a therapist's column with ``weight_by`` is one of the pair."""
    if row.therapist is None:
        return "client"
    return "therapist" if row.client is None and row.weight_by is None else "pair"


def _format_comparison(row: CustomFeature) -> str:
    """Return the comparison's name with what is stated and changes its value (part of the bundle)."""
    scale = row.scale if row.compare == "closeness" else None
    center = row.center if row.weight_by is not None else None
    numbers = {"scale": scale, "center": center}
    stated = [f"{name} {number:g}" for name, number in numbers.items() if number is not None]
    return " ".join([row.compare, *(f"`{code}`" for code in sorted(list_codes_sought(row))), *stated])


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
    unfavourable = row.says_not or f"less than {_TYPICAL[_find_side(row)]}: {favourable}"
    return (unfavourable, favourable) if row.direction == "-" else (favourable, unfavourable)


_TYPICAL: dict[FeatureSide, str] = {
    "client": "a typical client", "pair": "in a typical pair", "therapist": "a typical therapist",
}  # fmt: skip
