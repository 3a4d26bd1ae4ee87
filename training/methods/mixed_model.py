"""A linear mixed model: a few fixed effects chosen by theory, and a random intercept for the therapist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import fmin_powell

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.methods.recipe_rows import PairScorer

FIXED_EFFECTS = (  # of the client, then of the pair: one or two of each family, because records are few
    "attachment_avoidance", "interpersonal_problems", "outcome_expectancy",
    "wishes_met", "wishes_unmet", "style_distance", "style_agreement", "problems_covered", "main_problem_covered",
    "background_wish", "faith_wish", "avoidance_warmth", "anxiety_directiveness", "interpersonal_skill",
)  # fmt: skip
MIN_VARIATION = 1e-9  # a fixed effect with a smaller standard deviation has no estimate
MIN_THERAPIST_SHARE = 1e-6  # of the residual variance; a smaller therapist variance counts as 0
SEARCH_TOLERANCE = 1e-4  # of the standard deviation and of the log likelihood for a record, as in statsmodels
MAX_ITERATIONS = 100


def fit_mixed_model(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer of restricted maximum likelihood with BLUPs of therapists, POMP.

    Unknown cells become the mean of the records. If the therapist variance is 0, or the model cannot be fitted, the
    fixed effects are those of least squares.
    """
    columns = np.flatnonzero([feature.name in FIXED_EFFECTS for feature in records.features])
    met = records.standardised_features[rows][:, columns]
    is_unknown = np.isnan(met)
    known = np.maximum((~is_unknown).sum(axis=0), 1)
    means = np.where(is_unknown, 0.0, met).sum(axis=0) / known
    x = np.where(is_unknown, means, met)
    varies = x.std(axis=0) > MIN_VARIATION
    x = np.column_stack([np.ones(len(rows)), x[:, varies]])
    fixed, effect = _fit_effects(x, records.y[rows], records.therapist[rows], len(records.therapist_ids))
    slopes = np.zeros(len(columns))
    slopes[varies] = fixed[1:]

    def score(pairs: Pairs, standard: Floats) -> Floats:
        cells = standard[..., columns]
        linear = fixed[0] + np.where(np.isnan(cells), means, cells) @ slopes
        return np.asarray(linear + effect[np.broadcast_to(pairs.therapist_rows, linear.shape)])

    return score


@dataclass(frozen=True)
class RandomInterceptSums:
    """Sums over records from which the restricted likelihood of a random intercept follows.

    Attributes
    ----------
    n : int
        Records.
    xx, xy, yy : arrays of shape (k, k), (k,), float
        Sums over all records; y is minus its mean.
    count, x, y : arrays of shape (groups,), (groups, k), (groups,)
        Sums by group.
    """

    n: int
    xx: Floats
    xy: Floats
    yy: float
    count: Floats
    x: Floats
    y: Floats

    @classmethod
    def from_records(cls, x: Floats, y: Floats, group: Indices, n_groups: int) -> RandomInterceptSums:
        """Sum up ``x`` (n, k) and ``y`` (n,) of records with ``group`` (n,)."""
        count = np.bincount(group, minlength=n_groups).astype(float)
        x_sums = np.zeros((n_groups, x.shape[1]))
        for column, values in enumerate(x.T):
            x_sums[:, column] = np.bincount(group, weights=values, minlength=n_groups)
        y_sums = np.bincount(group, weights=y, minlength=n_groups).astype(float)
        return cls(len(y), x.T @ x, x.T @ y, float(y @ y), count, x_sums, y_sums)

    def solve(self, ratio: float) -> tuple[Floats, Floats, float]:
        """Solve generalised least squares at a ratio of the group variance to the residual variance.

        Returns
        -------
        weights, gram, sum_of_squares : arrays of shape (k,), (k, k), float
            The fixed effects, the weighted sum of squares of x, and that of the residuals.
        """
        shrinkage = ratio / (1 + self.count * ratio)
        gram = self.xx - (self.x.T * shrinkage) @ self.x
        cross = self.xy - self.x.T @ (shrinkage * self.y)
        weights = np.asarray(np.linalg.solve(gram, cross), dtype=float)
        sum_of_squares = self.yy - float(shrinkage @ self.y**2) - float(cross @ weights)
        return weights, gram, max(sum_of_squares, float(np.finfo(float).eps) * self.yy)

    def compute_log_likelihood(self, ratio: float) -> float:
        """Compute the restricted log likelihood at a ratio of the variances, up to a constant."""
        _, gram, sum_of_squares = self.solve(ratio)
        determinants = float(np.log1p(self.count * ratio).sum()) + float(np.linalg.slogdet(gram)[1])
        return -0.5 * ((self.n - len(self.xy)) * float(np.log(sum_of_squares)) + determinants)


def _fit_effects(x: Floats, y: Floats, therapist: Indices, n_therapists: int) -> tuple[Floats, Floats]:
    """Return the fixed effects, and the effect of every therapist; 0 for a therapist without records.

    The search for the ratio of variances is that of statsmodels: Powell's, in its root, from 1.
    """
    effect, mean, n = np.zeros(n_therapists), float(y.mean()), len(y)
    sums = RandomInterceptSums.from_records(x, y - mean, therapist, n_therapists)

    def compute_loss(point: Floats) -> float:
        return -sums.compute_log_likelihood(float(np.ravel(point)[0]) ** 2) / n

    try:
        root = fmin_powell(
            compute_loss,
            [1.0],
            xtol=SEARCH_TOLERANCE,
            ftol=SEARCH_TOLERANCE,
            maxiter=MAX_ITERATIONS,
            disp=False,
        )
        ratio = float(np.ravel(root)[0]) ** 2
        fixed, _, sum_of_squares = sums.solve(ratio)
        is_fitted = n > x.shape[1] and sum_of_squares > 0 and ratio > MIN_THERAPIST_SHARE
        if is_fitted and np.isfinite(fixed).all():
            effect = ratio / (1 + sums.count * ratio) * (sums.y - sums.x @ fixed)
            fixed[0] += mean
            return fixed, effect
    except (np.linalg.LinAlgError, ValueError):
        pass
    return np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64), effect
