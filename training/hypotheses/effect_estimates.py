"""The default test of each kind of term, and the tests to compare it with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.hypotheses.lab_records import LabRecords
from attune_fit.training.multilevel.effect_test import EffectTest
from attune_fit.training.multilevel.mixed_interaction import estimate_mixed_interaction
from attune_fit.training.multilevel.slope_interaction import estimate_slope_interaction
from attune_fit.training.multilevel.trait_effect import estimate_trait_effect
from attune_fit.training.multilevel.within_effect import estimate_within_effect


def estimate_effect(records: LabRecords, *, alpha: float = 0.05) -> EffectTest:
    """Return the effect by the default test of its kind, in SD of the outcome per SD of the term.

    A trait: therapist means. An interaction: the slope within each therapist; also the product of a surface. A pair:
    within therapists.
    """
    y = rescale_outcome(records)
    if records.kind == "pair":
        return estimate_within_effect(
            y, records.therapist, records.client, records.term, records.covariates, alpha=alpha
        )
    if records.kind == "trait":
        return estimate_trait_effect(y, records.therapist, take_trait(records), records.covariates, alpha=alpha)
    return estimate_slope_interaction(
        y, records.therapist, take_client_variable(records), take_trait(records), records.covariates, alpha=alpha
    )


def list_other_estimates(records: LabRecords, *, alpha: float = 0.05) -> Iterator[EffectTest]:
    """List the tests to compare with the default one, in the same unit; they do not change the conclusion."""
    if records.kind in ("interaction", "surface"):
        yield estimate_mixed_interaction(
            rescale_outcome(records),
            records.therapist,
            take_client_variable(records),
            take_trait(records),
            records.covariates,
            alpha=alpha,
        )


def rescale_outcome(records: LabRecords) -> Floats:
    """Return the outcome in its SD over the records, shape (n,); unchanged where it does not vary."""
    sd = float(np.std(records.y))
    return np.asarray(records.y / sd if sd > 0 else records.y, dtype=float)


def take_trait(records: LabRecords) -> Floats:
    """Return the therapist's number of each record; raises ValueError for a pair, which has none."""
    return _require(records.therapist_trait, "therapist")


def take_client_variable(records: LabRecords) -> Floats:
    """Return the client's number of each record; raises ValueError for a trait and a pair, which have none."""
    return _require(records.client_variable, "client")


def _require(values: Floats | None, side: str) -> Floats:
    if values is None:
        raise ValueError(f"records of this kind of term have no number of the {side}")
    return values
