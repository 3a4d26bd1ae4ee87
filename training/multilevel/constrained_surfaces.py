"""Constrained response surfaces: simpler shapes inside the full surface, compared by AICc and by a test of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.response_surface import (
    ResponseSurface,
    build_surface_terms,
    compute_deviance,
    estimate_variance_ratio,
)

# each shape by its free parts: the columns are b1 (client), b2 (therapist), b3, b4 (product), b5
SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "no effect": (),
    "both numbers, no fit": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0)),
    "product": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 0, 1, 0)),
    "squared difference": ((0, 0, 1, -2, 1),),  # strict congruence
    "squared difference with a level": ((1, 1, 0, 0, 0), (0, 0, 1, -2, 1)),  # rising ridge: broad congruence
    "shifted squared difference": ((1, -1, 0, 0, 0), (0, 0, 1, -2, 1)),
    "each number squared, no fit": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 1)),
    "full surface": tuple(tuple(int(row == column) for column in range(5)) for row in range(5)),
}
N_VARIANCES = 2  # between therapists and within


@dataclass(frozen=True)
class ConstrainedSurface:
    """A simpler shape.

    Attributes
    ----------
    name : str
        Key of :data:`SHAPES`.
    n_free : int
        Free parts of b1 to b5, 0 to 5.
    aicc : float
        Akaike's criterion with the correction for small samples, by maximum likelihood; lower is better.
    weight : float in [0, 1]
        Akaike weight among all shapes.
    p : float in [0, 1]
        Of the constraints against the full surface, by whole therapists; small: the records contradict the shape. NaN
        for the full surface, and where there are fewer therapists than constraints.
    """

    name: str
    n_free: int
    aicc: float
    weight: float
    p: float


def compare_constrained_surfaces(
    surface: ResponseSurface, y: Floats, therapist: Indices, x: Floats, z: Floats, covariates: Floats | None = None
) -> tuple[ConstrainedSurface, ...]:
    """Fit every shape of :data:`SHAPES` to the records of a surface, with therapist effects.

    Parameters
    ----------
    surface : ResponseSurface
        Fitted to the same records.
    y, therapist, x, z, covariates : arrays
        As for :func:`fit_response_surface`.

    Notes
    -----
    The squared difference is strict congruence; with a level, it is broad congruence [1]_. The test of the constraints
    is Hotelling's, with the covariance from whole therapists and therapists - 3 degrees of freedom. AICc assumes equal
    slopes of ``x``: where slopes differ between therapists, it prefers larger shapes. The test does not.

    References
    ----------
    .. [1] Humberg, Nestler & Back (2019), Soc. Psychol. Pers. Sci. 10, 409-419, doi:10.1177/1948550618757600.
    """
    _, codes, sizes = np.unique(therapist, return_inverse=True, return_counts=True)
    codes = codes.reshape(-1)
    terms = build_surface_terms(x, z)
    others = terms[:, :1] if covariates is None or not covariates.size else np.column_stack([terms[:, :1], covariates])
    criteria = []
    for parts in SHAPES.values():
        design = np.column_stack([others, terms[:, 1:] @ np.array(parts, dtype=float).reshape(-1, 5).T])
        ratio = estimate_variance_ratio(y, design, codes, sizes)
        deviance = compute_deviance(y, design, codes, sizes, ratio)
        criteria.append(_compute_aicc(deviance, len(y), design.shape[1] + N_VARIANCES))
    weights = np.exp((min(criteria) - np.array(criteria)) / 2)
    weights /= weights.sum()
    return tuple(
        ConstrainedSurface(name, len(parts), aicc, float(weight), assess_constraints(surface, parts))
        for (name, parts), aicc, weight in zip(SHAPES.items(), criteria, weights, strict=True)
    )


def assess_constraints(surface: ResponseSurface, parts: tuple[tuple[int, ...], ...]) -> float:
    """Return the p value of a shape against the full surface, by Hotelling's test over therapists."""
    m, df = 5 - len(parts), surface.n_therapists - 3
    if m == 0 or df <= m:
        return float("nan")
    _, _, right = np.linalg.svd(np.array(parts, dtype=float).reshape(-1, 5), full_matrices=True)
    constraints = right[len(parts) :]  # what the shape sets to zero
    distance = constraints @ surface.b[1:]
    covariance = constraints @ surface.covariance[1:, 1:] @ constraints.T
    statistic = distance @ np.linalg.solve(covariance, distance)
    return float(fdtrc(m, df - m + 1, (df - m + 1) / (m * df) * statistic))


def _compute_aicc(deviance: float, n: int, k: int) -> float:
    return deviance + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1)
