"""Ridge regression on all features and the therapist, by sums over records; scikit-learn is the authority of its tests.

The indicators of therapists are never a matrix of records: each record has one, so sums by therapist hold all that the
normal equations need. So time grows with records times features², whatever the number of therapists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.splits import split_by_group
from attune_fit.training.methods.recipe_rows import PairScorer

N_ALPHA_FOLDS = 5
ALPHAS = np.logspace(0, 5, 16)  # of standardised columns, in records
RECORD_BLOCK_SIZE = 20_000  # records whose leverage is computed at once


def fit_ridge(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer of ridge regression on all features and therapists, POMP.

    Unknown cells become the mean, and a feature with unknown cells gets an indicator of them. All columns are
    standardised, also the indicators of the therapists. Alpha is chosen on held-out clients: by leave-one-out where
    each client has one record, else by five folds.
    """
    client = records.client[rows]
    is_nested = len(np.unique(client)) == len(client)
    folds = [] if is_nested else [(fold.train, fold.test) for fold in split_by_group(client, N_ALPHA_FOLDS, seed)]
    features, therapist, y = records.standardised_features[rows], records.therapist[rows], records.y[rows]
    cells = RidgeCells.from_records(features, therapist, len(records.therapist_ids))
    alpha = choose_alpha(cells, y, folds)
    return RidgeScores.from_fit(cells, y, alpha).score


@dataclass(frozen=True)
class RidgeCells:
    """The standardised columns of some records; those of the therapists only by their means and scales.

    Attributes
    ----------
    columns : array of shape (n, k)
        Features with the mean where one is unknown, then the indicators of unknown cells.
    therapist : array of int, shape (n,)
    means, scales : arrays of shape (k,)
        Of ``columns`` before they were standardised; a constant column has scale 1.
    has_indicator : array of bool, shape (features,)
        Which features have unknown cells.
    shares, therapist_scales : arrays of shape (therapists,)
        Share of the records, and standard deviation of the indicator; 1 where it is constant.
    """

    columns: Floats
    therapist: Indices
    means: Floats
    scales: Floats
    has_indicator: Bools
    shares: Floats
    therapist_scales: Floats

    @classmethod
    def from_records(cls, features: Floats, therapist: Indices, n_therapists: int) -> RidgeCells:
        """Prepare features (n, p), NaN where unknown, and the therapist of each record (n,)."""
        unknown = np.isnan(features)
        has_indicator = np.asarray(unknown.any(axis=0))
        known = np.maximum((~unknown).sum(axis=0), 1)
        filled = np.where(unknown, np.where(unknown, 0.0, features).sum(axis=0) / known, features)
        columns = np.concatenate([filled, unknown[:, has_indicator]], axis=1)
        means, spread = columns.mean(axis=0), columns.std(axis=0)
        spread[spread <= 1e-12 * np.maximum(np.abs(means), 1)] = 1  # a constant column, but for rounding
        shares = np.bincount(therapist, minlength=n_therapists) / len(therapist)
        therapist_scales = np.sqrt(shares * (1 - shares))
        therapist_scales[therapist_scales == 0] = 1
        return cls((columns - means) / spread, therapist, means, spread, has_indicator, shares, therapist_scales)


@dataclass(frozen=True)
class RidgeSums:
    """What the normal equations need of some of the records, centred at the means of these records.

    The columns of therapist t are 1 / scale_t for its own records, else 0, minus their mean.

    Attributes
    ----------
    columns, y : arrays of shape (n, k), (n,)
        Centred.
    therapist : array of int, shape (n,)
    column_means, y_mean : array of shape (k,), float
        What was subtracted.
    gram, cross : arrays of shape (k, k), (k,)
        Products of the columns, and of the columns with y.
    by_therapist, y_by_therapist : arrays of shape (therapists, k), (therapists,)
        Sums over the records of each therapist over its scale: products with the therapists' columns.
    weights, means : arrays of shape (therapists,)
        Sum of squares of a therapist's column before it was centred, and its mean.
    """

    columns: Floats
    y: Floats
    therapist: Indices
    column_means: Floats
    y_mean: float
    gram: Floats
    cross: Floats
    by_therapist: Floats
    y_by_therapist: Floats
    weights: Floats
    means: Floats

    @classmethod
    def from_cells(cls, cells: RidgeCells, y: Floats, rows: Indices) -> RidgeSums:
        """Sum up some of the records."""
        columns, therapist, scales = cells.columns[rows], cells.therapist[rows], cells.therapist_scales
        column_means, y_mean = columns.mean(axis=0), float(y[rows].mean())
        columns, centred_y = columns - column_means, y[rows] - y_mean
        count = np.bincount(therapist, minlength=len(scales)).astype(float)
        sums = np.zeros((len(scales), columns.shape[1]))
        for column, values in enumerate(columns.T):
            sums[:, column] = np.bincount(therapist, weights=values, minlength=len(scales))
        y_sums = np.bincount(therapist, weights=centred_y, minlength=len(scales))
        return cls(
            columns, centred_y, therapist, column_means, y_mean, columns.T @ columns, columns.T @ centred_y,
            sums / scales[:, None], y_sums / scales, count / scales**2, count / len(rows) / scales,
        )  # fmt: skip

    def solve(self, alpha: float) -> RidgeSolution:
        """Solve the normal equations; the therapists' block is diagonal but for one term of rank 1."""
        diagonal = self.weights + alpha  # of Z'Z + alpha, before the term -n m m'
        scaled_means = self.means / diagonal
        factor = len(self.y) / (1 - len(self.y) * float(self.means @ scaled_means))

        def divide(values: Floats) -> Floats:
            """Return the inverse of the therapists' block times values (therapists, ...): Sherman and Morrison."""
            plain = (values.T / diagonal).T
            return plain + np.multiply.outer(scaled_means, factor * (self.means @ plain))

        slopes = divide(self.by_therapist)
        precision = self.gram + alpha * np.eye(len(self.gram)) - self.by_therapist.T @ slopes
        weights = np.asarray(np.linalg.solve(precision, self.cross - slopes.T @ self.y_by_therapist), dtype=float)
        effects = divide(self.y_by_therapist) - slopes @ weights
        return RidgeSolution(weights, effects, precision, slopes, diagonal, scaled_means, factor)

    def compute_leave_one_out_error(self, scales: Floats, alpha: float) -> float:
        """Compute the mean squared error of each record by the fit to the others: residual over 1 - leverage."""
        fit = self.solve(alpha)
        effects, slopes, own = fit.describe_therapists(scales, self.means)
        inverse_root = np.linalg.inv(np.linalg.cholesky(fit.precision)).T
        total = 0.0
        for start in range(0, len(self.y), RECORD_BLOCK_SIZE):
            block = slice(start, start + RECORD_BLOCK_SIZE)
            columns, therapist = self.columns[block], self.therapist[block]
            residual = self.y[block] - columns @ fit.weights - effects[therapist]
            rotated = (columns - slopes[therapist]) @ inverse_root
            leverage = 1 / len(self.y) + np.einsum("ij,ij->i", rotated, rotated) + own[therapist]
            total += float(np.sum((residual / (1 - leverage)) ** 2))
        return total / len(self.y)


@dataclass(frozen=True)
class RidgeSolution:
    """Weights of the columns (k,) and of the therapists' columns (therapists,), with what leverage needs."""

    weights: Floats
    effects: Floats
    precision: Floats
    slopes: Floats
    diagonal: Floats
    scaled_means: Floats
    factor: float

    def describe_therapists(self, scales: Floats, means: Floats) -> tuple[Floats, Floats, Floats]:
        """Return, for a record of each therapist, its effect (t,), its slopes (t, k) and its own leverage (t,)."""
        effect = self.effects / scales - float(means @ self.effects)
        slopes = self.slopes / scales[:, None] - means @ self.slopes
        mean_square = float(means @ self.scaled_means)  # m' D^-1 m; z = e / s - m, and Z^-1 = D^-1 + factor a a'
        plain = 1 / (scales**2 * self.diagonal) - 2 * self.scaled_means / scales + mean_square
        return effect, slopes, plain + self.factor * (self.scaled_means / scales - mean_square) ** 2


def choose_alpha(cells: RidgeCells, y: Floats, folds: Sequence[tuple[Indices, Indices]]) -> float:
    """Return the alpha of :data:`ALPHAS` with the lowest mean squared error on held-out records.

    Parameters
    ----------
    cells : RidgeCells
    y : array of shape (n,)
    folds : sequence of (train, test)
        Row numbers, by client; leave-one-out without folds.
    """
    if folds:
        errors = np.mean([_compute_fold_errors(cells, y, train, test) for train, test in folds], axis=0)
        return float(ALPHAS[int(np.argmin(errors))])
    sums, scales = RidgeSums.from_cells(cells, y, np.arange(len(y))), cells.therapist_scales
    return float(min(ALPHAS, key=lambda alpha: sums.compute_leave_one_out_error(scales, float(alpha))))


def _compute_fold_errors(cells: RidgeCells, y: Floats, train: Indices, test: Indices) -> list[float]:
    """Return the mean squared error of the test rows for each alpha, by fits to the training rows."""
    sums, errors = RidgeSums.from_cells(cells, y, train), []
    for alpha in ALPHAS:
        fit = sums.solve(float(alpha))
        effects, _, _ = fit.describe_therapists(cells.therapist_scales, sums.means)
        linear = (cells.columns[test] - sums.column_means) @ fit.weights
        errors.append(float(np.mean((y[test] - sums.y_mean - linear - effects[cells.therapist[test]]) ** 2)))
    return errors


@dataclass(frozen=True)
class RidgeScores:
    """A fitted ridge regression.

    Attributes
    ----------
    slopes, unknown : arrays of shape (p,)
        What one unit of a feature adds, and what an unknown feature adds, POMP.
    therapists : array of shape (therapists,)
        Intercept and effect of each therapist, POMP.
    """

    slopes: Floats
    unknown: Floats
    therapists: Floats

    @classmethod
    def from_fit(cls, cells: RidgeCells, y: Floats, alpha: float) -> RidgeScores:
        """Fit to all records."""
        sums = RidgeSums.from_cells(cells, y, np.arange(len(y)))
        fit = sums.solve(alpha)
        effects, _, _ = fit.describe_therapists(cells.therapist_scales, sums.means)
        p, weights = len(cells.has_indicator), fit.weights / cells.scales
        unknown = weights[:p] * cells.means[:p]
        unknown[cells.has_indicator] += weights[p:]
        base = sums.y_mean - float((sums.column_means * cells.scales + cells.means) @ weights)
        return cls(weights[:p], unknown, base + effects)

    def score(self, pairs: Pairs, standard: Floats) -> Floats:
        """Return the scores of pairs, see :data:`PairScorer`."""
        is_unknown = np.isnan(standard)
        linear = np.where(is_unknown, 0.0, standard) @ self.slopes + is_unknown @ self.unknown
        return np.asarray(linear + self.therapists[np.broadcast_to(pairs.therapist_rows, linear.shape)])
