"""Statistics of one analysis under no effect: traits permuted over therapists, or signs of therapists changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.hypotheses.effect_estimates import take_client_variable, take_trait
from attune_fit.training.hypotheses.lab_records import LabRecords
from attune_fit.training.multilevel.meta_regression import fit_meta_regression
from attune_fit.training.multilevel.slope_interaction import compute_therapist_slopes
from attune_fit.training.multilevel.therapist_groups import TherapistGroups
from attune_fit.training.multilevel.trait_effect import remove_covariates
from attune_fit.training.multilevel.within_effect import MIN_CLUSTERS, WithinParts, compute_within_parts

PERMUTED_TRAITS = "therapists exchange their traits"
CHANGED_SIGNS = "each therapist's own effect gets a random sign"
MIN_SQUARES = 1e-12
TIE_TOLERANCE = 1e-9  # statistics that differ by less are ties


@dataclass(frozen=True)
class NullStatistics:
    """Statistics of one analysis, in the data and under no effect; the first entry of each array is the data.

    Attributes
    ----------
    estimate, t : arrays of shape (1 + draws,)
        SD of the outcome per SD of the term, and its ratio to the standard error.
    critical : float
        Absolute value of t from which a two-sided test at alpha rejects.
    """

    estimate: Floats
    t: Floats
    critical: float

    @property
    def p(self) -> float:
        """Share of draws whose t is at least as far from zero as in the data, in (0, 1]; the data count as one."""
        return count_extreme(np.abs(self.t))

    def is_significant(self, sign: float | Floats) -> Bools:
        """Return whether each draw rejects on the side of ``sign``; shape (1 + draws,)."""
        return np.asarray(self.t * sign >= self.critical)


def count_extreme(values: Floats) -> float:
    """Return the share of values that are at least as large as the first one.

    >>> count_extreme(np.array([2.0, 1.0, 3.0, 0.0]))
    0.5
    """
    return float((values >= values[0] - TIE_TOLERANCE * abs(values[0])).mean())


@dataclass(frozen=True)
class NullDraws:
    """Draws that all analyses of a hypothesis share, so that their dependence stays.

    Attributes
    ----------
    labels : array of int, shape (m,)
        All therapists of all analyses, in order.
    source : array of int, shape (1 + draws, m)
        Whose trait each therapist has in a draw; the first row is the data.
    sign : array of shape (1 + draws, m)
        1 or -1 for each therapist in a draw; the first row is 1.
    """

    labels: Indices
    source: Indices
    sign: Floats

    @classmethod
    def from_seed(cls, records: Sequence[LabRecords], draws: int, seed: int) -> NullDraws:
        """Draw permutations and signs of the therapists of some analyses."""
        labels = np.unique(np.concatenate([one.therapist for one in records]))
        rng = np.random.default_rng(seed)
        m = len(labels)
        source = np.vstack([np.arange(m), rng.permuted(np.tile(np.arange(m), (draws, 1)), axis=1)])
        sign = np.vstack([np.ones(m), rng.choice([-1.0, 1.0], (draws, m))])
        return cls(labels, source, sign)

    def take(self, draws: int) -> NullDraws:
        """Return the data and the first draws."""
        return NullDraws(self.labels, self.source[: 1 + draws], self.sign[: 1 + draws])

    def restrict_source(self, label: Indices) -> Indices:
        """Return whose trait each of some therapists has, as positions among them; shape (1 + draws, therapists).

        A source outside is replaced by its own source, and so on: most therapists keep theirs.
        """
        here = np.searchsorted(self.labels, label)
        position = np.full(len(self.labels), -1)
        position[here] = np.arange(len(here))
        source = self.source[:, here]
        rows = np.arange(len(source))[:, None]
        while (outside := position[source] < 0).any():
            source = np.where(outside, self.source[rows, source], source)
        return np.asarray(position[source])

    def restrict_sign(self, label: Indices) -> Floats:
        """Return the signs of some therapists, shape (1 + draws, therapists)."""
        return self.sign[:, np.searchsorted(self.labels, label)]


def describe_unit(records: LabRecords) -> str:
    """Return what is exchanged under no effect, in words."""
    return CHANGED_SIGNS if records.kind == "pair" else PERMUTED_TRAITS


def compute_null_statistics(records: LabRecords, null: NullDraws, alpha: float = 0.05) -> NullStatistics:
    """Return the statistics of an analysis in the data and in every draw.

    A trait and an interaction become one number for each therapist, a mean or a slope; the residual trait of the
    therapists is then permuted, so that therapists with other covariates stay comparable [1]_. A pair becomes the score
    of each therapist, whose sign is changed: that keeps differences of the effect between therapists.

    Parameters
    ----------
    records : LabRecords
    null : NullDraws
        With all therapists of the records.
    alpha : float

    Raises
    ------
    ValueError
        If there are too few therapists, or the term does not vary.

    References
    ----------
    .. [1] Dekker, Krackhardt & Snijders (2007), Psychometrika 72, 563-581, doi:10.1007/s11336-007-9016-1.
    """
    groups = TherapistGroups.from_labels(records.therapist)
    y = records.y / records.y.std()
    between, within = groups.split_covariates(records.covariates)
    labels = np.unique(records.therapist)
    if records.kind == "pair":
        parts = compute_within_parts(groups, y, records.term, records.covariates)
        return _change_signs(groups, parts, null.restrict_sign(labels), alpha)
    moderators = groups.compute_means(np.column_stack([take_trait(records), between]))
    if records.kind == "trait":
        adjusted = remove_covariates(groups, y, within)
        rest = groups.center(adjusted)
        df = max(len(y) - groups.count - within.shape[1], 1)
        estimate, variance = groups.compute_means(adjusted), rest @ rest / df / groups.sizes
        has_estimate = np.ones(groups.count, dtype=bool)
    else:
        variable = take_client_variable(records)
        slopes = compute_therapist_slopes(groups, y, variable, _drop_copies(within, variable))
        estimate, variance, has_estimate = slopes.slope, slopes.sampling_variance, slopes.is_known
    source = null.restrict_source(labels[has_estimate])
    return _permute_traits(estimate[has_estimate], variance[has_estimate], moderators[has_estimate], source, alpha)


def _drop_copies(within: Floats, variable: Floats) -> Floats:
    """Return the covariates without copies of the client's number, which has a slope of its own already."""
    keep = [column for column in within.T if abs(np.corrcoef(column, variable)[0, 1]) < 1 - TIE_TOLERANCE]
    return np.column_stack(keep) if keep else np.empty((len(within), 0))


def _permute_traits(
    estimate: Floats, variance: Floats, moderators: Floats, source: Indices, alpha: float
) -> NullStatistics:
    """Return the statistics of the first moderator (m, k) when its residual is permuted."""
    m = len(estimate)
    base = np.column_stack([np.ones(m), moderators[:, 1:]])
    df = m - base.shape[1] - 1
    if df < 1 or not (np.isfinite(variance).all() and (variance > 0).all()):
        raise ValueError("too few therapists")
    weight = fit_meta_regression(estimate, variance, base).weight
    residual, trait = (_remove(column[None], base, weight)[0] for column in (estimate, moderators[:, 0]))
    permuted = _remove(trait[source], base, weight)
    squares = (permuted**2 * weight).sum(axis=1)
    if squares[0] <= MIN_SQUARES:
        raise ValueError("the term does not vary")
    slope = (permuted * residual * weight).sum(axis=1) / np.maximum(squares, MIN_SQUARES)
    spread = np.maximum((residual**2 * weight).sum() - slope**2 * squares, MIN_SQUARES) / df
    return NullStatistics(slope, slope / np.sqrt(spread / squares), float(stdtrit(df, 1 - alpha / 2)))


def _remove(values: Floats, base: Floats, weight: Floats) -> Floats:
    """Return values (draws, m) without what the columns of ``base`` (m, k) explain, by weighted least squares."""
    weighted = base * weight[:, None]
    coefficients = np.linalg.pinv(weighted.T @ base) @ (values @ weighted).T
    return np.asarray(values - (base @ coefficients).T)


def _change_signs(groups: TherapistGroups, parts: WithinParts | None, sign: Floats, alpha: float) -> NullStatistics:
    """Return the statistics of a pair when the signs of therapists' scores change."""
    if groups.count < MIN_CLUSTERS or parts is None:
        raise ValueError("too few therapists, or the term does not vary")
    squares = groups.sum_values(parts.term**2)
    total = float(squares.sum())
    score = sign * groups.sum_values(parts.term * parts.outcome)
    estimate = score.sum(axis=1) / total
    rest = (score - estimate[:, None] * squares) ** 2 / np.maximum(1 - squares / total, MIN_SQUARES)
    se = np.sqrt(np.maximum(rest.sum(axis=1), MIN_SQUARES)) / total
    df = max(parts.compute_variance(groups)[1], 1.0)
    return NullStatistics(estimate, estimate / se, float(stdtrit(df, 1 - alpha / 2)))
