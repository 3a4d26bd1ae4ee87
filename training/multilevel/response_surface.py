"""Response surface: the outcome over a client's and a therapist's number, with therapist effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from attune_fit.data.arrays import Floats, Indices

COEFFICIENTS = ("b1", "b2", "b3", "b4", "b5")  # client, therapist, client squared, product, therapist squared
N_TERMS = 1 + len(COEFFICIENTS)
PARAMETERS = ("a1", "a2", "a3", "a4", "a5")
# each parameter of the lines of congruence and incongruence, as a combination of b1 to b5
COMBINATIONS = np.array(
    [[1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [1, -1, 0, 0, 0], [0, 0, 1, -1, 1], [0, 0, 1, 0, -1]], dtype=float
)
MIN_THERAPISTS = 6  # a curve over therapists needs three numbers, and its error some more
MAX_RATIO = 50.0  # of the variance between therapists to that within
RIDGE = 1e-9  # share of the diagonal; without one of few therapists there is no unique solution
WEIGHTS = np.sqrt([0.5, 1.0, 1.5])  # Webb's weights of a therapist in a draw, each with either sign


@dataclass(frozen=True)
class SurfaceEstimate:
    """One number of a surface.

    Attributes
    ----------
    name : str
        As in :data:`COEFFICIENTS` or :data:`PARAMETERS`, or ``p10``, ``p11`` of the first principal axis.
    value, low, high : float
        SD of the outcome; NaN ends where the bootstrap has no finite value.
    se, df, p : float
        Bootstrap standard error; Student's t on ``df``; two-sided p. NaN for ``p10`` and ``p11``.
    """

    name: str
    value: float
    low: float
    high: float
    se: float
    df: float
    p: float


@dataclass(frozen=True)
class ResponseSurface:
    r"""A polynomial of second degree, :math:`b_0 + b_1 x + b_2 z + b_3 x^2 + b_4 x z + b_5 z^2`.

    Attributes
    ----------
    intercept : float
        :math:`b_0`: the outcome at ``x = z = 0``.
    coefficients, parameters : tuple of SurfaceEstimate
        b1 to b5; a1 to a5.
    axis : tuple of SurfaceEstimate
        Intercept ``p10`` and slope ``p11`` of the first principal axis.
    stationary : (float, float)
        Where the surface is flat, in ``x`` and ``z``.
    ratio : float
        Variance between therapists over that within.
    covariance : array of shape (6, 6)
        Of b0 to b5, from whole therapists.
    n, n_therapists : int
    """

    intercept: float
    coefficients: tuple[SurfaceEstimate, ...]
    parameters: tuple[SurfaceEstimate, ...]
    axis: tuple[SurfaceEstimate, ...]
    stationary: tuple[float, float]
    ratio: float
    covariance: Floats
    n: int
    n_therapists: int

    @property
    def b(self) -> Floats:
        """Coefficients b0 to b5, shape (6,)."""
        return np.array([self.intercept, *(one.value for one in self.coefficients)])

    def predict_outcome(self, x: Floats, z: Floats) -> Floats:
        """Return the outcome at points ``x``, ``z`` of any equal shape, in SD."""
        return np.asarray(build_surface_terms(x, z) @ self.b)

    def predict_interval(self, x: Floats, z: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the ends of the intervals of :meth:`predict_outcome`, point by point."""
        terms = build_surface_terms(x, z)
        error = np.sqrt(np.einsum("...i,ij,...j->...", terms, self.covariance, terms))
        half = float(stdtrit(self.n_therapists - 3, (1 + level) / 2)) * error
        value = terms @ self.b
        return value - half, value + half


def fit_response_surface(
    y: Floats, therapist: Indices, x: Floats, z: Floats, covariates: Floats | None = None, *,
    level: float = 0.95, draws: int = 999, seed: int = 0,
) -> ResponseSurface:  # fmt: skip
    """Fit a response surface with therapist effects, and bootstrap whole therapists.

    Parameters
    ----------
    y : array of shape (n,)
        Outcome. Its SD is the unit of all results, so give it with SD 1.
    therapist : int array of shape (n,)
        Therapist of each record.
    x, z : arrays of shape (n,)
        Number of the client and of the therapist, centred, in units in which ``x = z`` has a meaning.
    covariates : array of shape (n, k), optional
        Enter as they are, without squares.
    level : float, default 0.95
        Of the intervals.
    draws : int, default 999
        Of the bootstrap.
    seed : int, default 0

    Returns
    -------
    ResponseSurface

    Raises
    ------
    ValueError
        If there are fewer than :data:`MIN_THERAPISTS` therapists.

    Notes
    -----
    Therapist effects are random intercepts [1]_: fixed ones would contain all of ``z``. The intervals also hold where
    the slopes of ``x`` differ between therapists, because the unit of the bootstrap is the whole therapist: a wild
    bootstrap on jackknifed scores [3]_, with Student's t on therapists - 3 degrees of freedom. Percentiles of drawn
    therapists gave intervals that are too narrow. ``python -m benchmarks.surface_coverage`` has the figures. The
    parameters of the surface and its first principal axis are those of [2]_.

    References
    ----------
    .. [1] Nestler, Humberg & Schönbrodt (2019), Psychological Methods 24, 291-308, doi:10.1037/met0000199.
    .. [2] Edwards & Parry (1993), Academy of Management Journal 36, 1577-1613, doi:10.2307/256822.
    .. [3] MacKinnon, Nielsen & Webb (2023), J. Appl. Econometrics 38, 671-694, doi:10.1002/jae.2969.
    """
    codes, sizes = _count_caseloads(therapist)
    if len(sizes) < MIN_THERAPISTS:
        raise ValueError(f"A response surface needs {MIN_THERAPISTS} therapists or more; here are {len(sizes)}.")
    terms = build_surface_terms(x, z)
    design = terms if covariates is None or not covariates.size else np.column_stack([terms, covariates])
    ratio = estimate_variance_ratio(y, design, codes, sizes)
    b, deviations = _leave_therapists_out(y, design, codes, sizes, ratio)
    covariance = deviations.T @ deviations
    samples = b[1:] + _draw_deviations(deviations, draws, seed)[:, 1:]
    point = _find_stationary_points(b[1:])
    return ResponseSurface(
        intercept=float(b[0]),
        coefficients=_describe_estimates(COEFFICIENTS, np.eye(5), b, covariance, len(sizes), level),
        parameters=_describe_estimates(PARAMETERS, COMBINATIONS, b, covariance, len(sizes), level),
        axis=_describe_axis(b[1:], samples, level),
        stationary=(float(point[0]), float(point[1])),
        ratio=ratio, covariance=covariance, n=len(y), n_therapists=len(sizes),
    )  # fmt: skip


def build_surface_terms(x: Floats, z: Floats) -> Floats:
    """Build the six terms of a surface, shape (..., 6): 1, x, z, x squared, x z, z squared."""
    return np.stack([np.ones_like(x), x, z, x * x, x * z, z * z], axis=-1)


def estimate_variance_ratio(y: Floats, design: Floats, codes: Indices, sizes: Indices) -> float:
    """Estimate the variance between therapists over that within, by maximum likelihood; 0 or more."""
    from scipy.optimize import minimize_scalar

    def deviance(root: float) -> float:
        return compute_deviance(y, design, codes, sizes, root * root)

    best = minimize_scalar(deviance, bounds=(0.0, MAX_RATIO**0.5), method="bounded", options={"xatol": 1e-5})
    return 0.0 if deviance(0.0) <= best.fun else float(best.x) ** 2


def compute_deviance(y: Floats, design: Floats, codes: Indices, sizes: Indices, ratio: float) -> float:
    """Compute -2 times the log-likelihood of a random-intercept model, up to the same constant for equal records."""
    centred = remove_therapist_share(np.column_stack([design, y]), codes, sizes, ratio)
    columns, outcome = centred[:, :-1], centred[:, -1]
    coefficients = _solve_normal_equations(columns.T @ columns, columns.T @ outcome)
    return float(len(y) * np.log(((outcome - columns @ coefficients) ** 2).mean()) + np.log1p(sizes * ratio).sum())


def remove_therapist_share(values: Floats, codes: Indices, sizes: Indices, ratio: float) -> Floats:
    """Return values (n, ...) less the share of their therapist's mean that generalized least squares removes."""
    share = 1 - 1 / np.sqrt(1 + sizes * ratio)
    sums = np.zeros((len(sizes), *values.shape[1:]))
    np.add.at(sums, codes, values)
    removed = (sums.T * (share / sizes)).T
    return np.asarray(values - removed[codes])


def _count_caseloads(therapist: Indices) -> tuple[Indices, Indices]:
    """Return the therapists as codes from 0, and the records of each."""
    _, codes, sizes = np.unique(therapist, return_inverse=True, return_counts=True)
    return codes.reshape(-1), sizes


def _leave_therapists_out(
    y: Floats, design: Floats, codes: Indices, sizes: Indices, ratio: float
) -> tuple[Floats, Floats]:
    """Return the six coefficients, and how much each therapist changes them, shape (therapists, 6).

    The squares of the changes add up to the jackknife variance over therapists.
    """
    centred = remove_therapist_share(np.column_stack([design, y]), codes, sizes, ratio)
    columns, outcome = centred[:, :-1], centred[:, -1]
    moments = np.zeros((len(sizes), columns.shape[1], columns.shape[1]))
    products = np.zeros((len(sizes), columns.shape[1]))
    np.add.at(moments, codes, columns[:, :, None] * columns[:, None, :])
    np.add.at(products, codes, columns * outcome[:, None])
    total, sums = moments.sum(0), products.sum(0)
    b = _solve_normal_equations(total, sums)
    changes = np.sqrt(1 - 1 / len(sizes)) * (_solve_normal_equations(total - moments, sums - products) - b)
    return b[:N_TERMS], changes[:, :N_TERMS]


def _solve_normal_equations(moments: Floats, products: Floats) -> Floats:
    """Return coefficients, shape (..., k); a tiny ridge where the equations have no unique solution."""
    k = moments.shape[-1]
    scale = np.trace(moments, axis1=-2, axis2=-1)[..., None, None] / k
    return np.asarray(np.linalg.solve(moments + RIDGE * scale * np.eye(k), products[..., None])[..., 0])


def _draw_deviations(deviations: Floats, draws: int, seed: int) -> Floats:
    """Return draws around the coefficients, shape (draws, 6): each therapist's change with a random weight.

    Dividing by a chi gives the draws the tails of Student's t, so that their percentiles hold with few therapists.
    """
    generator = np.random.default_rng(seed)
    shape, df = (draws, len(deviations)), len(deviations) - 3
    weights = generator.choice(WEIGHTS, shape) * generator.choice([-1.0, 1.0], shape)
    tails = np.sqrt(df / generator.chisquare(df, draws))
    return np.asarray((weights @ deviations) * tails[:, None])


def _describe_estimates(
    names: Sequence[str], combinations: Floats, b: Floats, covariance: Floats, n_therapists: int, level: float
) -> tuple[SurfaceEstimate, ...]:
    """Return combinations (m, 5) of b1 to b5 with Student's t on therapists - 3 degrees of freedom."""
    values, df = combinations @ b[1:], float(n_therapists - 3)
    errors = np.sqrt(np.einsum("mi,ij,mj->m", combinations, covariance[1:, 1:], combinations))
    half = float(stdtrit(df, (1 + level) / 2)) * errors
    p = 2 * stdtr(df, -np.abs(values) / errors)
    rows = zip(names, values, values - half, values + half, errors, p, strict=True)
    return tuple(SurfaceEstimate(name, float(value), float(low), float(high), float(se), df, float(one))
                 for name, value, low, high, se, one in rows)  # fmt: skip


def _describe_axis(slopes: Floats, draws: Floats, level: float) -> tuple[SurfaceEstimate, ...]:
    """Return intercept and slope of the first principal axis, with percentile intervals."""
    values, samples = _find_principal_axis(slopes), _find_principal_axis(draws)
    ends = []
    for column in samples.T:
        known = column[np.isfinite(column)]
        ends.append(np.quantile(known, [(1 - level) / 2, (1 + level) / 2]) if known.size else np.full(2, np.nan))
    return tuple(SurfaceEstimate(name, float(value), float(low), float(high), np.nan, np.nan, np.nan)
                 for name, value, (low, high) in zip(("p10", "p11"), values, ends, strict=True))  # fmt: skip


def _find_stationary_points(slopes: Floats) -> Floats:
    """Return where surfaces are flat, shape (..., 2); not finite for a plane."""
    b1, b2, b3, b4, b5 = np.moveaxis(slopes, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        determinant = 4 * b3 * b5 - b4**2
        return np.stack([(b2 * b4 - 2 * b1 * b5) / determinant, (b1 * b4 - 2 * b2 * b3) / determinant], axis=-1)


def _find_principal_axis(slopes: Floats) -> Floats:
    """Return intercept and slope of the first principal axes, shape (..., 2)."""
    _, _, b3, b4, b5 = np.moveaxis(slopes, -1, 0)
    point = _find_stationary_points(slopes)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (b5 - b3 + np.hypot(b3 - b5, b4)) / b4
        return np.stack([point[..., 1] - slope * point[..., 0], slope], axis=-1)
