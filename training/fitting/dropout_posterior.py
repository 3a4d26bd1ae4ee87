"""The posterior of dropout weights and therapist effects: a logistic mixed model with a normal prior (Laplace)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.feature import Direction, Feature
from attune_fit.models.weight_posterior import apply_sign_bounds

MAX_STEPS, TOLERANCE = 30, 1e-7
MAX_HALVINGS = 30
AGAINST: dict[Direction, Direction] = {"+": "-", "-": "+", "free": "free"}


@dataclass(frozen=True)
class DropoutRecords:
    """Episodes with known dropout.

    Attributes
    ----------
    x : array of shape (n, p + 1)
        Design matrix: a 1, then the standardized features with their typical value where unknown.
    y : array of shape (n,)
        1 for dropout, else 0.
    therapist : array of int, shape (n,)
        Row of the therapist.
    n_therapists : int
    """

    x: Floats
    y: Floats
    therapist: Indices
    n_therapists: int

    def take(self, rows: Indices) -> DropoutRecords:
        """Return some of the records."""
        return DropoutRecords(self.x[rows], self.y[rows], self.therapist[rows], self.n_therapists)

    def sum_by_therapist(self, values: Floats) -> Floats:
        """Sum values (n,) or (n, k) over the records of each therapist, shape (n_therapists,) or (n_therapists, k)."""
        sums = np.zeros((self.n_therapists, *values.shape[1:]))
        if len(values):
            sums[self._sorted_therapists] = np.add.reduceat(values[self._order], self._starts, axis=0)
        return sums

    @cached_property
    def _order(self) -> Indices:
        return np.argsort(self.therapist, kind="stable")

    @cached_property
    def _starts(self) -> Indices:
        ordered = self.therapist[self._order]
        return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))

    @cached_property
    def _sorted_therapists(self) -> Indices:
        return np.asarray(self.therapist[self._order][self._starts])


class DropoutPosterior(NamedTuple):
    """Posterior mode and curvature, in log-odds.

    Attributes
    ----------
    mean, cov : arrays of shape (q,), (q, q)
        Of intercept and weights, with the therapists' effects integrated out.
    effect : array of shape (therapists,)
        Mode of the therapists' own effects.
    lean : array of shape (therapists, q)
        How much the effect falls when a weight rises by one.
    own : array of shape (therapists,)
        Variance of the effect given the weights.
    log_marginal : float
        Laplace approximation of the log probability of the records, up to a constant.
    """

    mean: Floats
    cov: Floats
    effect: Floats
    lean: Floats
    own: Floats
    log_marginal: float


def list_dropout_walls(features: Sequence[Feature]) -> list[Direction]:
    """Return the sign bound of each dropout weight: an honoured wish never raises the probability of dropout."""
    return [AGAINST[feature.wall] for feature in features]


def fit_dropout_posterior(
    records: DropoutRecords,
    mean: Floats,
    cov: Floats,
    tau2: float,
    walls: Sequence[Direction],
    start: DropoutPosterior | None = None,
) -> DropoutPosterior:
    r"""Fit the posterior of :math:`\mathrm{logit}\,P = x'w + u_t` at given variances, by Newton's method.

    Parameters
    ----------
    records : DropoutRecords
    mean, cov : arrays of shape (q,), (q, q)
        Prior of intercept and weights, log-odds.
    tau2 : float
        Variance of the therapists' own effects, > 0.
    walls : sequence of str, length q - 1
        Sign bound of each weight, see :func:`list_dropout_walls`.
    start : DropoutPosterior, optional
        Where to start; the prior when None.
    """
    precision = np.asarray(np.linalg.inv(cov), dtype=float)
    w, u = (mean.copy(), np.zeros(records.n_therapists)) if start is None else (start.mean, start.effect)

    def compute_objective(w: Floats, u: Floats) -> float:
        log_odds = records.x @ w + u[records.therapist]
        fit = records.y @ log_odds - np.logaddexp(0, log_odds).sum()
        return float(fit - (w - mean) @ precision @ (w - mean) / 2 - u @ u / (2 * tau2))

    objective = compute_objective(w, u)
    for _ in range(MAX_STEPS):
        curvature = _compute_curvature(records, w, u, precision, tau2)
        gradient_u = records.sum_by_therapist(records.y - curvature.p) - u / tau2
        gradient_w = records.x.T @ (records.y - curvature.p) - precision @ (w - mean)
        reduced = gradient_w - curvature.cross.T @ (gradient_u / curvature.own)
        new_w = apply_sign_bounds(w + np.linalg.solve(curvature.schur, reduced), curvature.schur, walls)
        step_w = new_w - w
        step_u = (gradient_u - curvature.cross @ step_w) / curvature.own
        size = 1.0
        for _ in range(MAX_HALVINGS):
            following = compute_objective(w + size * step_w, u + size * step_u)
            if following >= objective - TOLERANCE:
                break
            size /= 2
        w, u, gained, objective = w + size * step_w, u + size * step_u, following - objective, following
        if gained < TOLERANCE:
            break
    curvature = _compute_curvature(records, w, u, precision, tau2)
    lean = curvature.cross / curvature.own[:, None]
    log_marginal = (
        objective
        + (
            np.linalg.slogdet(precision)[1]
            - np.linalg.slogdet(curvature.schur)[1]
            - records.n_therapists * np.log(tau2)
            - np.log(curvature.own).sum()
        )
        / 2
    )
    return DropoutPosterior(
        w, np.asarray(np.linalg.inv(curvature.schur), dtype=float), u, lean, 1 / curvature.own, float(log_marginal)
    )


class _Curvature(NamedTuple):
    """Probabilities (n,), and blocks of minus the second derivative: effects (t,), effects by weights, and Schur."""

    p: Floats
    own: Floats
    cross: Floats
    schur: Floats


def _compute_curvature(records: DropoutRecords, w: Floats, u: Floats, precision: Floats, tau2: float) -> _Curvature:
    p = expit(records.x @ w + u[records.therapist])
    weight = p * (1 - p)
    weighted = records.x * weight[:, None]
    own = records.sum_by_therapist(weight) + 1 / tau2
    cross = records.sum_by_therapist(weighted)
    schur = records.x.T @ weighted + precision - cross.T @ (cross / own[:, None])
    return _Curvature(p, own, cross, (schur + schur.T) / 2)
