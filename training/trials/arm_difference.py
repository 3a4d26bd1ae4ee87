"""The difference of two arms by intention to treat: regression on arm, stratum and covariates, with robust errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.trials.allocation import permute_arms

ROUNDING = 1e-12  # as a share of the largest outcome: smaller differences and errors are 0
MAX_LEVERAGE = 1 - 1e-9  # a record with more has a residual of zero: it is alone in its stratum


@dataclass(frozen=True)
class ArmDifference:
    """The mean difference, arm 0 minus arm 1, adjusted for strata and covariates.

    Attributes
    ----------
    estimate, se : float
        In the unit of the outcome.
    df : float
        Degrees of freedom of t.
    t, p : float
        Two-sided, without a correction for earlier looks.
    z : float
        The standard normal value with the probability of ``t``: what the boundary of the stopping rule is for.
    n : tuple of int
        Outcomes of each arm.
    """

    estimate: float
    se: float
    df: float
    t: float
    p: float
    z: float
    n: tuple[int, int]

    def compute_interval(self, boundary: float) -> tuple[float, float]:
        """Return the repeated confidence interval [1]_ for a boundary, in SD: it holds at all planned looks together.

        References
        ----------
        .. [1] Jennison & Turnbull (1989), J. R. Stat. Soc. B 51, 305-361, doi:10.1111/j.2517-6161.1989.tb01439.x.
        """
        half = convert_to_t(boundary, self.df) * self.se
        return self.estimate - half, self.estimate + half


def estimate_arm_difference(
    y: Floats, arm: Indices, stratum: Indices | None = None, covariates: Floats | None = None
) -> ArmDifference:
    """Estimate the difference of the arms with HC2 standard errors and t.

    Without strata and covariates it is the difference of the means, with Welch's standard error.

    Parameters
    ----------
    y : array of shape (n,)
        Outcomes of the clients as allocated, whomever they met; none is missing.
    arm : array of int, shape (n,)
        0 or 1.
    stratum : array of int, shape (n,), optional
        Label of each client's stratum.
    covariates : array of shape (n, k), optional
        None is missing.

    Raises
    ------
    ValueError
        If an arm has fewer than two outcomes, or no degree of freedom is left.

    Examples
    --------
    >>> one = estimate_arm_difference(np.array([3.0, 5, 4, 1, 2, 3]), np.array([0, 0, 0, 1, 1, 1]))
    >>> one.estimate, round(one.se, 3), one.df
    (2.0, 0.816, 4.0)
    """
    n = (int(np.sum(arm == 0)), int(np.sum(arm == 1)))
    design = _build_design(arm, stratum, covariates)
    df = len(y) - np.linalg.matrix_rank(design)
    if min(n) < 2 or df < 1:
        raise ValueError("each arm needs two outcomes, and more outcomes than strata and covariates")
    inverse = np.linalg.pinv(design)  # (k, n)
    coefficients = inverse @ y
    leverage = np.minimum(np.einsum("nk,kn->n", design, inverse), MAX_LEVERAGE)
    residual = y - design @ coefficients
    se = float(np.sqrt(np.sum(inverse[1] ** 2 * residual**2 / (1 - leverage))))
    rounding = ROUNDING * float(np.abs(y).max(initial=0.0))
    se = se if se > rounding else 0.0
    estimate = float(coefficients[1]) if abs(coefficients[1]) > rounding else 0.0
    t = estimate / se if se > 0 else np.copysign(np.inf, estimate) if estimate else 0.0
    p = float(2 * stdtr(df, -abs(t)))
    return ArmDifference(estimate, se, float(df), float(t), p, convert_to_z(float(t), float(df)), n)


def permute_arm_difference(
    y: Floats, arm: Indices, groups: Indices, n_draws: int, seed: int, stratum: Indices | None = None
) -> float:
    """Return the p value of the re-randomisation test: arms are drawn again as the design allocates them.

    Parameters
    ----------
    y, arm, stratum
        As in :func:`estimate_arm_difference`.
    groups : array of int, shape (n,)
        Block of each client.
    n_draws : int
        The p value is (1 + hits) / (1 + n_draws).
    seed : int
    """
    centred = y - _average_by(y, stratum if stratum is not None else np.zeros(len(y), dtype=np.intp))
    drawn = permute_arms(arm, groups, n_draws, seed)
    n_first = np.sum(drawn == 0, axis=1)
    sums = (drawn == 0) @ centred
    differences = sums / n_first - (centred.sum() - sums) / (len(y) - n_first)
    is_first = arm == 0
    observed = centred[is_first].mean() - centred[~is_first].mean()
    hits = int(np.sum(np.abs(differences) >= abs(observed) - 1e-12))
    return (1 + hits) / (1 + n_draws)


def convert_to_z(t: float, df: float) -> float:
    """Return the standard normal value with the tail probability of a t value.

    >>> round(convert_to_z(2.0, 10.0), 3), convert_to_z(0.0, 5.0)
    (1.79, 0.0)
    """
    tail = max(float(stdtr(df, -abs(t))), 1e-300)
    return float(np.copysign(-ndtri(tail), t)) if t else 0.0


def convert_to_t(z: float, df: float) -> float:
    """Return the t value with the tail probability of a standard normal value, z >= 0."""
    return float(-stdtrit(df, max(float(ndtr(-z)), 1e-300)))


def _build_design(arm: Indices, stratum: Indices | None, covariates: Floats | None) -> Floats:
    """Return the columns: constant, first arm, indicators of the strata but one, covariates."""
    columns = [np.ones(len(arm)), (arm == 0).astype(float)]
    if stratum is not None:
        columns += [(stratum == label).astype(float) for label in np.unique(stratum)[1:]]
    design = np.column_stack(columns)
    return design if covariates is None else np.column_stack([design, covariates - covariates.mean(axis=0)])


def _average_by(values: Floats, label: Indices) -> Floats:
    """Return the mean of each record's label, shape (n,)."""
    _, codes = np.unique(label, return_inverse=True)
    return np.asarray((np.bincount(codes, weights=values) / np.bincount(codes))[codes], dtype=float)
