"""Centring and scaling of a term: each variable in its SD, and the lower-order parts that a test has to adjust for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.training.hypotheses.hypothesis_feature import Center
    from attune_fit.training.hypotheses.lab_terms import TermValues

SMALLEST_SD = 1e-9  # below it, relative to the largest number, a variable counts as constant


@dataclass(frozen=True)
class ColumnScale:
    """Centre and SD of a variable in its own unit: value = centre + sd times the standardised value."""

    center: float
    sd: float


@dataclass(frozen=True)
class StandardTerm:
    """The arrays of a term, as :class:`LabRecords` describes them; ``parts`` has shape (n, m)."""

    term: Floats
    client_variable: Floats | None = None
    therapist_trait: Floats | None = None
    parts: Floats = field(default_factory=lambda: np.empty((0, 0)))
    part_names: tuple[str, ...] = ()
    scales: Mapping[str, ColumnScale] = field(default_factory=dict)


def standardize_term(
    hypothesis: Hypothesis, values: TermValues, therapist: Indices, client_means: Floats | None = None
) -> StandardTerm:
    """Centre the variables of a term as the hypothesis states, and divide each by its SD.

    Parameters
    ----------
    hypothesis : Hypothesis
    values : TermValues
        Of n records; no cell is unknown.
    therapist : array of int, shape (n,)
        The therapist of each record. A therapist's number counts once for each therapist.
    client_means : array of shape (n,), optional
        From :func:`compute_client_means`; a part of the term of a pair.

    Raises
    ------
    DataFault
        If a variable of the term has the same value in all records.
    """
    if hypothesis.kind == "pair":
        return _standardize_pair(hypothesis, values, client_means)
    if values.client is None:
        return _standardize_trait(hypothesis, values, therapist)
    return _standardize_product(hypothesis, values, therapist)


def _standardize_pair(hypothesis: Hypothesis, values: TermValues, client_means: Floats | None) -> StandardTerm:
    """Return the value of a pair in its SD, with the client's mean and the two factors of ``weight_by`` as parts."""
    value = _take(values.value)
    scale = ColumnScale(float(value.mean()), _compute_sd(hypothesis, "the value of the pair", value))
    parts = {
        "part: client's mean over therapists": client_means,
        "part: comparison": values.comparison,
        "part: importance": values.importance,
    }
    known = {name: part for name, part in parts.items() if part is not None}
    columns = np.column_stack(list(known.values())) if known else np.empty((len(value), 0))
    return StandardTerm((value - scale.center) / scale.sd, None, None, columns, tuple(known), {"term": scale})


def _standardize_trait(hypothesis: Hypothesis, values: TermValues, therapist: Indices) -> StandardTerm:
    """Return the therapist's number in its SD over therapists, with its lower powers as parts."""
    numbers, once = _take(values.therapist), _find_first(therapist)
    center, power = _find_center(hypothesis.feature.centers[1], numbers[once]), hypothesis.feature.power.therapist
    trait = (numbers - center) ** power
    scale = ColumnScale(center, _compute_sd(hypothesis, "the therapist's number", trait[once]))
    parts = {f"part: therapist^{lower}": (numbers - center) ** lower for lower in range(1, power)}
    columns = np.column_stack(list(parts.values())) if parts else np.empty((len(trait), 0))
    trait = trait / scale.sd
    return StandardTerm(trait, None, trait, columns, tuple(parts), {"therapist": scale})


def _standardize_product(hypothesis: Hypothesis, values: TermValues, therapist: Indices) -> StandardTerm:
    """Return both sides' numbers, each in its SD, and their product; the SD of a surface is that of both together."""
    client, trait, once = _take(values.client), _take(values.therapist), _find_first(therapist)
    of_client, of_therapist = hypothesis.feature.centers
    centers = (
        _find_center(of_client, client, trait[once]),
        _find_center(of_therapist, trait[once], client),
    )
    powers = hypothesis.feature.power
    with np.errstate(over="ignore", invalid="ignore"):  # an error of its own, below
        raised = (client - centers[0]) ** powers.client, (trait - centers[1]) ** powers.therapist
    sds = (
        _compute_sd(hypothesis, "the client's number", raised[0]),
        _compute_sd(hypothesis, "the therapist's number", raised[1][once]),
    )
    if hypothesis.kind == "surface":
        sds = (float(np.sqrt((sds[0] ** 2 + sds[1] ** 2) / 2)),) * 2
    parts = _build_lower_parts(client - centers[0], trait - centers[1], powers.client, powers.therapist)
    columns = np.column_stack(list(parts.values())) if parts else np.empty((len(client), 0))
    x, z = raised[0] / sds[0], raised[1] / sds[1]
    scales = {"client": ColumnScale(centers[0], sds[0]), "therapist": ColumnScale(centers[1], sds[1])}
    return StandardTerm(x * z, x, z, columns, tuple(parts), scales)


def _build_lower_parts(client: Floats, trait: Floats, client_power: int, trait_power: int) -> dict[str, Floats]:
    """Return the lower powers of the client's number, and the products below the term.

    A power of the therapist's number alone is no part: each therapist has a level of their own in these tests.
    """
    return {
        f"part: client^{of_client}" + (f" x therapist^{of_trait}" if of_trait else ""): (
            client**of_client * trait**of_trait
        )
        for of_client in range(1, client_power + 1)
        for of_trait in range(trait_power + 1)
        if (of_client, of_trait) not in ((client_power, trait_power), (client_power, 0))
    }


def _find_center(center: Center, numbers: Floats, others: Floats | None = None) -> float:
    """Return a centre as a number; ``pooled`` is the midpoint between the means of both sides."""
    if isinstance(center, int | float):
        return float(center)
    if center == "median":
        return float(np.median(numbers))
    mean = float(numbers.mean())
    return (mean + float(others.mean())) / 2 if center == "pooled" and others is not None else mean


def _find_first(labels: Indices) -> Indices:
    """Return the position of the first record of each therapist."""
    return np.unique(labels, return_index=True)[1]


def _take(numbers: Floats | None) -> Floats:
    """Return numbers that a term of this kind always has; none for a term without them."""
    return np.empty(0) if numbers is None else numbers


def _compute_sd(hypothesis: Hypothesis, name: str, numbers: Floats) -> float:
    """Return the SD of a variable over what was given; raises where it does not vary."""
    with np.errstate(over="ignore", invalid="ignore"):
        sd = float(numbers.std())
    if not np.isfinite(sd):
        message, fix = f"{name} is too large to compute with", "Write the column in a larger unit, or lower the power."
        raise DataFault.error("term-too-large", f"hypothesis {hypothesis.name}", "feature", message, fix=fix)
    if sd <= SMALLEST_SD * max(1.0, float(np.abs(numbers).max(initial=0.0))):
        message, fix = (
            f"{name} is the same in all records",
            "Name columns, a threshold or a subgroup in which it varies.",
        )
        raise DataFault.error("constant-term", f"hypothesis {hypothesis.name}", "feature", message, fix=fix)
    return sd
