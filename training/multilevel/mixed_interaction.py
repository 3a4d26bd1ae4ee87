"""Interaction of a client variable and a therapist trait in a mixed model with a random slope."""

from __future__ import annotations

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL, EffectTest

METHOD = "mixed model"


def estimate_mixed_interaction(
    y: Floats,
    therapist: Indices,
    client_variable: Floats,
    trait: Floats,
    covariates: Floats | None = None,
    *,
    alpha: float = SIGNIFICANCE_LEVEL,
) -> EffectTest:
    """Return the interaction of a mixed model with a random slope, with Satterthwaite's degrees of freedom.

    The arguments are those of :func:`estimate_slope_interaction`.
    """
    raise NotImplementedError
