"""The term of a hypothesis for pairs of a client and a therapist, from cells alone: no outcome is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.custom_features import build_custom_features
from attune_fit.features.pairs import Pairs

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.feature import Feature
    from attune_fit.features.sides import Sides
    from attune_fit.training.hypotheses.hypothesis import Hypothesis

BLOCK = 200_000  # pairs of a cross that are in memory at once


@dataclass(frozen=True)
class TermValues:
    """The cells of some pairs as numbers, before centring; NaN where a cell is unknown. Each has shape (pairs,).

    Attributes
    ----------
    client : array or None
        The client's number of an interaction or a surface: its column, or ``weight_by``.
    therapist : array or None
        The therapist's number of a trait, an interaction or a surface.
    value : array or None
        The value of a pair: the comparison, or (comparison - neutral value) times importance with ``weight_by``.
    comparison, importance : array or None
        The two factors of ``value`` with ``weight_by``.
    """

    client: Floats | None = None
    therapist: Floats | None = None
    value: Floats | None = None
    comparison: Floats | None = None
    importance: Floats | None = None

    @property
    def is_known(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether all cells of each pair are known."""
        known = [~np.isnan(one) for one in vars(self).values() if one is not None]
        both: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.logical_and.reduce(known)
        return both


def find_term_faults(tables: Tables, hypothesis: Hypothesis) -> tuple[Fault, ...]:
    """Return the errors about the columns of the feature: those of a feature that a clinic adds itself.

    A column can be missing, hold text where a number is read, be an id, be known only after contact, or be one that no
    feature may read.
    """
    try:
        _build_feature(tables, hypothesis)
    except DataFault as error:
        return tuple(_move_fault(fault, hypothesis) for fault in error.faults)
    return ()


def compute_term_values(
    sides: Sides, hypothesis: Hypothesis, client_rows: Indices | Sequence[int], therapist_rows: Indices | Sequence[int]
) -> TermValues:
    """Compute the term of client ``i`` with therapist ``i``.

    Parameters
    ----------
    sides : Sides
        ``Sides(tables)``.
    hypothesis : Hypothesis
    client_rows, therapist_rows : arrays of int, shape (pairs,)
        Row labels of the tables.

    Raises
    ------
    DataFault
        With the errors of :func:`find_term_faults`.
    """
    faults = find_term_faults(sides.tables, hypothesis)
    if faults:
        raise DataFault(faults)
    pairs = Pairs.from_rows(sides, client_rows, therapist_rows)
    key, feature = hypothesis.feature, _build_feature(sides.tables, hypothesis)
    if hypothesis.kind == "pair":
        value = pairs.broadcast(feature.function(pairs))
        if key.weight_by is None:
            return TermValues(value=value)
        comparison = pairs.broadcast(_drop_weight(sides.tables, hypothesis).function(pairs))
        return TermValues(None, None, value, comparison, pairs.take_client_numbers(key.weight_by))
    if key.compare in ("product", "surface"):
        client = _cut_numbers(pairs.take_client_numbers(key.client or ""), key.threshold.client)
        therapist = pairs.take_therapist_numbers(key.therapist or "")
        return TermValues(client, _cut_numbers(therapist, key.threshold.therapist))
    trait = pairs.broadcast(_drop_weight(sides.tables, hypothesis).function(pairs))
    trait = _cut_numbers(trait, key.threshold.therapist)
    return TermValues(None if key.weight_by is None else pairs.take_client_numbers(key.weight_by), trait)


def compute_client_means(sides: Sides, hypothesis: Hypothesis, client_rows: Indices, therapist_rows: Indices) -> Floats:
    """Compute the mean value of each client's pairs with all the therapists, for the term of a pair.

    A client whose cells suit every therapist has a high mean. Such clients can rate every therapist higher, which is no
    fit. A test that adjusts for this mean compares the therapists of one client only.

    Parameters
    ----------
    sides, hypothesis
    client_rows, therapist_rows : arrays of int
        Of the records; each client and each therapist counts once.

    Returns
    -------
    array of shape (records,)
        NaN where no pair of the client is known.
    """
    clients, position = np.unique(client_rows, return_inverse=True)
    therapists, feature = np.unique(therapist_rows), _build_feature(sides.tables, hypothesis)
    cross = Pairs(sides, clients[:, None], therapists[None, :])
    means = np.full(len(clients), np.nan)
    for place, block in cross.iterate_blocks(BLOCK):
        values = block.broadcast(feature.function(block))
        known = ~np.isnan(values)
        counts, sums = known.sum(axis=1), np.where(known, values, 0.0).sum(axis=1)
        means[place] = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return np.asarray(means[position])


def _build_feature(tables: Tables, hypothesis: Hypothesis) -> Feature:
    """Build the feature as a clinic's own feature; raises its errors."""
    return build_custom_features([hypothesis.feature.build_custom_feature(hypothesis.name)], tables)[0]


def _drop_weight(tables: Tables, hypothesis: Hypothesis) -> Feature:
    """Build the feature without ``weight_by``: the comparison alone. Its columns were checked with it."""
    from attune_fit.features.cell_comparisons import COMPARISONS, compute_pooled_sd

    row = hypothesis.feature.build_custom_feature(hypothesis.name)
    if row.compare == "closeness" and row.scale is None:
        row = row.model_copy(update={"scale": compute_pooled_sd(tables, row)})
    bare = row.model_copy(update={"weight_by": None, "center": None})
    feature = _build_feature(tables, hypothesis)
    return replace(feature, function=lambda pairs: COMPARISONS[bare.compare].function(pairs, bare))


def _cut_numbers(numbers: Floats, threshold: float | None) -> Floats:
    """Return 1 at or above a threshold and 0 below; the numbers themselves without one. Unknown stays unknown."""
    if threshold is None:
        return numbers
    return np.where(np.isnan(numbers), np.nan, numbers >= threshold)


def _move_fault(fault: Fault, hypothesis: Hypothesis) -> Fault:
    """Return an error about a row of ``[[features]]`` as one about the feature of a hypothesis."""
    key = fault.column.removeprefix(f"features.{hypothesis.name}").strip(".")
    return replace(fault, table=f"hypothesis {hypothesis.name}", column=f"feature.{key}".strip("."))
