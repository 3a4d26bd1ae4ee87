"""The deviance of a linear mixed model as a function of its relative variances only, lme4's way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.multilevel.random_term import RandomTerm

MIN_PIVOT = 1e-10  # of a scaled cross product of the fixed effects: a smaller one means dependent columns
SMALLEST_INVERTED = 1e-6  # relative standard deviation: the gradient needs an inverse
INFINITE_DEVIANCE = 1e300  # where the residual is 0 or the matrix is not positive


@dataclass(frozen=True)
class DevianceSolution:
    """The model at one theta.

    Attributes
    ----------
    deviance : float
        Minus twice the profiled (restricted) log likelihood.
    coefficients : array of shape (p,)
        Fixed effects.
    unscaled_covariance : array of shape (p, p)
        Covariance of the coefficients divided by the residual variance.
    residual_variance : float
        Its estimate at this theta.
    """

    deviance: float
    coefficients: Floats
    unscaled_covariance: Floats
    residual_variance: float


@dataclass(frozen=True)
class ProfiledDeviance:
    """Cross products of the records, from which the deviance follows without the records.

    The term with the most groups is eliminated group by group, so that only the others need a dense matrix.

    Attributes
    ----------
    blocks : array of shape (groups, c, c)
        Cross products of the largest term's design, by group.
    largest : array of shape (groups, c, m)
        Cross products of the largest term with the other terms, the fixed effects and y.
    others : array of shape (m, m)
        Cross products of the other terms, the fixed effects and y, which is last.
    terms : tuple of RandomTerm
        As they were given.
    order : tuple of int
        Positions of the terms, the largest first.
    group_counts : tuple of int
        Groups of each term, in ``order``.
    n, p : int
        Records and fixed effects.
    reml : bool
        Whether the likelihood is the restricted one.
    """

    blocks: Floats
    largest: Floats
    others: Floats
    terms: tuple[RandomTerm, ...]
    order: tuple[int, ...]
    group_counts: tuple[int, ...]
    n: int
    p: int
    reml: bool

    @classmethod
    def from_records(cls, y: Floats, X: Floats, terms: Sequence[RandomTerm], reml: bool) -> ProfiledDeviance:
        """Sum up the records; see ``fit_reml`` for the arguments and what it refuses."""
        _check_records(y, X, terms)
        codes = [np.unique(term.label, return_inverse=True)[1].reshape(-1) for term in terms]
        counts = [int(code.max()) + 1 for code in codes]
        order = sorted(range(len(terms)), key=lambda position: -counts[position] * terms[position].width)
        first, *rest = order
        dense = [_spread(terms[position].design, codes[position], counts[position]) for position in rest]
        columns = np.column_stack([*dense, X, y])
        design = terms[first].design
        return cls(
            blocks=_sum_by_group(design[:, :, None] * design[:, None, :], codes[first], counts[first]),
            largest=_sum_products(design, columns, codes[first], counts[first]),
            others=columns.T @ columns,
            terms=tuple(terms),
            order=tuple(order),
            group_counts=tuple(counts[position] for position in order),
            n=len(y),
            p=X.shape[1],
            reml=reml,
        )

    @cached_property
    def is_diagonal(self) -> Bools:
        """Which entries of theta are diagonal entries, and so 0 or more."""
        diagonal = [np.zeros(term.n_theta, dtype=bool) for term in self.terms]
        for term, marks in zip(self.terms, diagonal, strict=True):
            rows, columns, thetas = term.entries
            marks[thetas[rows == columns]] = True
        return np.concatenate(diagonal)

    def build_factors(self, theta: Floats) -> list[Floats]:
        """Return the relative Cholesky factor (c, c) of each term, in the order the terms were given."""
        ends = np.cumsum([term.n_theta for term in self.terms])
        factors = []
        for term, end in zip(self.terms, ends, strict=True):
            factor = np.zeros((term.width, term.width))
            rows, columns, thetas = term.entries
            factor[rows, columns] = theta[end - term.n_theta : end][thetas]
            factors.append(factor)
        return factors

    def compute(self, theta: Floats) -> float:
        """Return the deviance at theta; very large where the model does not exist."""
        factored = self._factor(self.build_factors(theta))
        return INFINITE_DEVIANCE if factored is None else self._compute_deviance(factored)

    def compute_with_gradient(self, theta: Floats) -> tuple[float, Floats]:
        """Return the deviance and its gradient by theta; a standard deviation of 0 has a gradient near 0."""
        factors = self._floor_factors(theta)
        factored = self._factor(factors)
        if factored is None:
            return INFINITE_DEVIANCE, np.zeros(len(theta))
        sums = self._sum_inverse_blocks(factored)
        gradient: list[Floats] = [np.empty(0)] * len(self.terms)
        for position, count, inverse in zip(self.order, self.group_counts, sums, strict=True):
            factor = factors[position]
            change = 2 * (count * np.eye(len(factor)) - inverse) @ np.linalg.inv(factor)
            rows, columns, thetas = self.terms[position].entries
            gradient[position] = np.bincount(thetas, weights=change[columns, rows]).astype(float)
        return self._compute_deviance(factored), np.concatenate(gradient)

    def solve(self, theta: Floats) -> DevianceSolution:
        """Return coefficients and variances at theta.

        Raises
        ------
        ValueError
            The residual variance is 0: the records leave nothing to estimate it from.
        """
        factored = self._factor(self.build_factors(theta))
        if factored is None:
            raise ValueError("The residual variance is 0: these records do not determine the model.")
        fixed = factored.lower[-self.p - 1 :, -self.p - 1 :]
        inverse = np.linalg.inv(fixed[:-1, :-1])
        return DevianceSolution(
            deviance=self._compute_deviance(factored),
            coefficients=inverse.T @ fixed[-1, :-1],
            unscaled_covariance=inverse.T @ inverse,
            residual_variance=factored.penalised_squares / self._residual_df,
        )

    def compute_unprofiled(self, theta: Floats, residual_sd: float) -> float:
        """Return the deviance at theta and a residual standard deviation that need not be its estimate."""
        factored = self._factor(self.build_factors(theta))
        if factored is None:
            return INFINITE_DEVIANCE
        variance = residual_sd**2
        log_determinant = self._compute_log_determinant(factored)
        squares = factored.penalised_squares / variance
        return float(log_determinant + self._residual_df * np.log(2 * np.pi * variance) + squares)

    @property
    def _residual_df(self) -> int:
        return self.n - self.p if self.reml else self.n

    @property
    def _n_dense(self) -> int:
        return len(self.others) - self.p - 1

    def _compute_deviance(self, factored: _Factored) -> float:
        df = self._residual_df
        log_squares = np.log(2 * np.pi * factored.penalised_squares / df)
        return self._compute_log_determinant(factored) + float(df * (1 + log_squares))

    def _compute_log_determinant(self, factored: _Factored) -> float:
        end = -1 if self.reml else self._n_dense
        blocks = np.diagonal(factored.block, axis1=1, axis2=2)
        return 2 * float(np.log(blocks).sum() + np.log(np.diag(factored.lower)[:end]).sum())

    def _floor_factors(self, theta: Floats) -> list[Floats]:
        """Return the relative factors with diagonals that can be inverted."""
        is_small = self.is_diagonal & (np.abs(theta) < SMALLEST_INVERTED)
        return self.build_factors(np.where(is_small, SMALLEST_INVERTED, theta))

    def _factor(self, factors: Sequence[Floats]) -> _Factored | None:
        """Return the Cholesky factors at relative factors of the terms; None where the matrix is not positive."""
        first, *rest = (factors[position] for position in self.order)
        try:
            block = _factor_cholesky(first.T @ self.blocks @ first + np.eye(len(first)))
            scaled = self._scale_columns(first.T @ self.largest, rest)
            inverse = np.asarray(1 / block if len(first) == 1 else np.linalg.inv(block), dtype=float)
            solved = inverse @ scaled if len(first) > 1 else inverse * scaled
            flat = solved.reshape(-1, solved.shape[2])
            reduced = self._scale_columns(self._scale_columns(self.others, rest).T, rest) - flat.T @ flat
            reduced[np.arange(self._n_dense), np.arange(self._n_dense)] += 1
            return _Factored(block, inverse, solved, _factor_cholesky(reduced))
        except np.linalg.LinAlgError:
            return None

    def _scale_columns(self, columns: Floats, factors: Sequence[Floats]) -> Floats:
        """Return columns (..., m) with those of the other terms multiplied by their factors."""
        columns = columns.copy()
        at = 0
        for factor, count in zip(factors, self.group_counts[1:], strict=True):
            width = len(factor)
            part = columns[..., at : at + width * count]
            if width == 1:  # a product of many 1 x 1 matrices is slow
                part *= factor[0, 0]
            else:
                part[:] = (part.reshape(*part.shape[:-1], count, width) @ factor).reshape(part.shape)
            at += width * count
        return columns

    def _sum_inverse_blocks(self, factored: _Factored) -> list[Floats]:
        """Return the sums over groups of the inverse's blocks (c, c) that the gradient needs, in ``order``."""
        weights = np.ones(len(self.others))
        weights[self._n_dense : -1] = float(self.reml)
        weights[-1] = self._residual_df
        root = np.linalg.inv(factored.lower).T * np.sqrt(weights)
        inverse = factored.inverse
        across = inverse.transpose(0, 2, 1) @ (factored.solved @ root)
        sums = [np.einsum("gji,gjk->ik", inverse, inverse) + np.einsum("gim,gkm->ik", across, across)]
        at = 0
        for position, count in zip(self.order[1:], self.group_counts[1:], strict=True):
            width = self.terms[position].width
            rows = root[at : at + width * count].reshape(count, width, -1)
            sums.append(np.einsum("gim,gkm->ik", rows, rows))
            at += width * count
        return sums


@dataclass(frozen=True)
class _Factored:
    """Cholesky factors: of the largest term by group with their inverses, and of all else after it; y is last."""

    block: Floats
    inverse: Floats
    solved: Floats
    lower: Floats

    @property
    def penalised_squares(self) -> float:
        return float(self.lower[-1, -1] ** 2)


def _factor_cholesky(matrices: Floats) -> Floats:
    """Return the lower Cholesky factors of matrices (..., k, k)."""
    return np.asarray(np.linalg.cholesky(matrices), dtype=float)


def _spread(design: Floats, code: Indices, count: int) -> Floats:
    """Return the design (n, count × c) with the columns of each group apart."""
    spread = np.zeros((len(code), count, design.shape[1]))
    spread[np.arange(len(code)), code] = design
    return spread.reshape(len(code), -1)


def _sum_products(design: Floats, columns: Floats, code: Indices, count: int) -> Floats:
    """Return the cross products (count, c, m) of a design with columns, by group."""
    return np.stack([_sum_by_group(effect[:, None] * columns, code, count) for effect in design.T], axis=1)


def _sum_by_group(values: Floats, code: Indices, count: int) -> Floats:
    """Return the sums (count, ...) of values (n, ...) by group."""
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(count))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0), dtype=float)


def _check_records(y: Floats, X: Floats, terms: Sequence[RandomTerm]) -> None:
    """Refuse records from which no model can be estimated."""
    if not terms:
        raise ValueError("A mixed model needs a random effect.")
    if any(not np.isfinite(values).all() for values in (y, X, *(term.design for term in terms))):
        raise ValueError("A mixed model needs complete records: leave out those with missing values.")
    if len(y) <= X.shape[1]:
        raise ValueError(f"{len(y)} records are too few for {X.shape[1]} fixed effects.")
    scaled = X / np.maximum(np.linalg.norm(X, axis=0), np.finfo(float).tiny)
    if np.linalg.eigvalsh(scaled.T @ scaled)[0] < MIN_PIVOT:
        raise ValueError("The fixed effects depend on each other: leave one out.")
