"""Comparisons that a clinic's own features can make: of a client's cell with a therapist's, or of one cell alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.cell_parsing import normalize_code
from attune_fit.features import cell_values
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Side

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import CustomFeature
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class CellComparison:
    """One way to turn the cells of a pair into a number.

    Attributes
    ----------
    name : str
        The value of ``compare`` in ``clinic.toml``.
    n_columns : {1, 2}
        2: a column of the client with one of the therapist. 1: one column of either.
    kind : {"codes", "numbers"}
        What it reads; a text column for ``numbers`` is an error.
    function : callable
        Takes the pairs and the declared row; returns an array that broadcasts to the pairs' shape.
    neutral_value : float
        The value that counts as neutral when ``weight_by`` multiplies the value and no ``center`` is stated.
    description : str
        What it returns, with its range.
    """

    name: str
    n_columns: Literal[1, 2]
    kind: Literal["codes", "numbers"]
    function: Callable[[Pairs, CustomFeature], Floats]
    neutral_value: float
    description: str


def list_codes_sought(row: CustomFeature) -> list[str]:
    """List the codes of ``code`` in the form in which Attune compares codes."""
    return [normalize_code(code) for code in row.code]


def find_single_column(row: CustomFeature) -> tuple[Side, str]:
    """Return the side and the column of a row that names one column."""
    return ("therapist", row.therapist or "") if row.client is None else ("client", row.client)


def compute_pooled_sd(tables: Tables, row: CustomFeature) -> float:
    """Return the SD of the two columns together, 1 where it is 0 or unknown; a stated ``scale`` replaces it.

    It is computed once, from the whole tables, so that the value of a pair does not depend on which pairs are scored.
    """
    numbers = np.concatenate(
        [
            cell_values.convert_to_numbers(tables.clients[row.client or ""]),
            cell_values.convert_to_numbers(tables.therapists[row.therapist or ""]),
        ]
    )
    known = numbers[~np.isnan(numbers)]
    return float(known.std()) or 1.0 if len(known) else 1.0


def _has_shared_code(pairs: Pairs, row: CustomFeature) -> Floats:
    return pairs.has_shared_code(row.client or "", row.therapist or "")


def _compute_overlap(pairs: Pairs, row: CustomFeature) -> Floats:
    client = row.client or ""
    return pairs.count_shared_codes(client, row.therapist or "") / pairs.count_codes("client", client)


def _take_both_numbers(pairs: Pairs, row: CustomFeature) -> tuple[Floats, Floats]:
    """Return the client's and the therapist's number of each pair."""
    return pairs.take_client_numbers(row.client or ""), pairs.take_therapist_numbers(row.therapist or "")


def _compute_distance(pairs: Pairs, row: CustomFeature) -> Floats:
    of_client, of_therapist = _take_both_numbers(pairs, row)
    return np.abs(of_client - of_therapist)


def _compute_closeness(pairs: Pairs, row: CustomFeature) -> Floats:
    return np.exp(-_compute_distance(pairs, row) / (row.scale or 1.0))


def _compute_product(pairs: Pairs, row: CustomFeature) -> Floats:
    of_client, of_therapist = _take_both_numbers(pairs, row)
    product: Floats = of_client * of_therapist
    return product


def _is_at_least(pairs: Pairs, row: CustomFeature) -> Floats:
    wanted, offered = _take_both_numbers(pairs, row)
    return np.where(np.isnan(wanted) | np.isnan(offered), np.nan, offered >= wanted)


def _take_number(pairs: Pairs, row: CustomFeature) -> Floats:
    side, column = find_single_column(row)
    return pairs.take_client_numbers(column) if side == "client" else pairs.take_therapist_numbers(column)


def _has_code(pairs: Pairs, row: CustomFeature) -> Floats:
    side, column = find_single_column(row)
    has: Floats = np.max([pairs.has_code(side, column, code) for code in list_codes_sought(row)], axis=0)
    return has


COMPARISONS: dict[str, CellComparison] = {
    row.name: row
    for row in (
        CellComparison("same", 2, "codes", _has_shared_code, 0.5, "1 where a code is shared, else 0."),
        CellComparison(
            "overlap", 2, "codes", _compute_overlap, 0.5, "Share of the client's codes that the therapist has, 0-1."
        ),
        CellComparison(
            "distance", 2, "numbers", _compute_distance, 0.0, "Difference without sign, in the columns' unit."
        ),
        CellComparison(
            "closeness", 2, "numbers", _compute_closeness, 0.5, "exp(-difference / scale), 0-1; 1 where equal."
        ),
        CellComparison("product", 2, "numbers", _compute_product, 0.0, "Client's number times therapist's."),
        CellComparison(
            "meets", 2, "numbers", _is_at_least, 0.5, "1 where the therapist's number is at least the client's, else 0."
        ),
        CellComparison("number", 1, "numbers", _take_number, 0.0, "The number of the one column; dates are days."),
        CellComparison("has", 1, "codes", _has_code, 0.5, "1 where the one column has a code of `code`, else 0."),
    )
}
