"""Records of a hypothesis test, drawn as arrays: therapists with own levels and slopes, and a planted effect."""

from typing import cast

import numpy as np

from attune_fit.training.hypotheses.hypothesis_feature import TermKind
from attune_fit.training.hypotheses.lab_records import LabRecords


def draw_records(
    kind: str = "interaction",
    *,
    seed: int = 0,
    therapists: int = 20,
    caseload: int = 15,
    effect: float = 0.0,
    slope_sd: float = 0.0,
) -> LabRecords:
    """Draw one study: SD of the outcome 15, therapist share .05, a covariate, a client variable with slope .3."""
    rng = np.random.default_rng(seed)
    therapist = np.repeat(np.arange(therapists), caseload)
    n = len(therapist)
    trait = rng.normal(size=therapists)
    trait = ((trait - trait.mean()) / trait.std())[therapist]
    x, covariate = rng.normal(size=n), rng.normal(size=(n, 1))
    slopes = slope_sd * rng.normal(size=therapists)[therapist]
    level = np.sqrt(0.05) * rng.normal(size=therapists)[therapist]
    y = 60 + 15 * (np.sqrt(0.95) * rng.normal(size=n) + level)
    client = np.arange(n)
    term_kind = cast(TermKind, kind)
    if kind == "trait":
        y = y + 15 * effect * trait
        return LabRecords(term_kind, "total", y, client, therapist, trait, covariate, ("clients.a",), None, trait)
    if kind == "pair":
        y = y + 15 * (effect + slopes) * x
        return LabRecords(term_kind, "total", y, client, therapist, x, covariate, ("clients.a",))
    y = y + 15 * ((0.3 + slopes) * x + effect * x * trait)
    covariates = np.column_stack([covariate, x])
    names = ("clients.a", "clients.x")
    return LabRecords(term_kind, "total", y, client, therapist, x * trait, covariates, names, x, trait)
