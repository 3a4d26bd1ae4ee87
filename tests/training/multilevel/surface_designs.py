"""Records for response surfaces: known coefficients, therapist effects, and slopes that differ between therapists."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.response_surface import build_surface_terms

STRICT = (0.0, 0.0, 0.0, -0.15, 0.30, -0.15)  # the squared difference, and nothing else
BROAD = (0.0, 0.2, 0.2, -0.15, 0.30, -0.15)  # and the level of both
SHIFTED = (0.0, 0.5, -0.5, -0.15, 0.30, -0.15)  # best where the client's number is higher
CLIENT_CURVE = (0.0, 0.0, 0.0, -0.1, 0.0, 0.0)  # of the client's number alone: no fit
FLAT = (0.0,) * 6


class SurfaceRecords(NamedTuple):
    """Arrays of a design: outcome, therapist, the client's number and the therapist's."""

    y: Floats
    therapist: Indices
    x: Floats
    z: Floats


def draw_surface_records(
    b: tuple[float, ...], n_therapists: int = 30, caseload: int = 25, *, slope_sd: float = 0.1, seed: int = 0,
    noise: float = 0.9, share: float = 0.05,
) -> SurfaceRecords:  # fmt: skip
    """Draw records with these coefficients b0 to b5; uneven caseloads around ``caseload``."""
    rng = np.random.default_rng(seed)
    sizes = np.maximum(3, np.round(caseload * np.exp(rng.normal(0, 0.5, n_therapists)))).astype(int)
    therapist = np.repeat(np.arange(n_therapists), sizes)
    x, trait = rng.normal(size=len(therapist)), rng.normal(size=n_therapists)
    z = ((trait - trait.mean()) / trait.std())[therapist]
    effects = rng.normal(0, share**0.5, n_therapists)[therapist] + rng.normal(0, slope_sd, n_therapists)[therapist] * x
    y = build_surface_terms(x, z) @ np.array(b) + effects + rng.normal(0, noise, len(therapist))
    return SurfaceRecords(y, therapist, x, z)
