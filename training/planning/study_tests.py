"""The tests of the lab, on many simulated studies at once."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy.special import stdtr

from attune_fit.data.arrays import Bools, Floats
from attune_fit.training.multilevel.meta_regression import MAX_STEPS, TOLERANCE
from attune_fit.training.multilevel.slope_interaction import MIN_SHARE
from attune_fit.training.planning.pair_study_tests import run_pair_tests
from attune_fit.training.planning.planned_study import PlannedKind
from attune_fit.training.planning.study_draws import DrawnStudies
from attune_fit.training.planning.study_results import StudyTests, collect_groups, sum_studies


def run_study_tests(kind: PlannedKind, drawn: DrawnStudies, y: Floats) -> StudyTests:
    """Test each study as the lab tests records of this kind; y (n,) is the outcome of each record."""
    if kind == "pair":
        return run_pair_tests(drawn, y)
    return _test_moderators(drawn, *(_compute_slopes(drawn, y) if kind == "interaction" else _compute_means(drawn, y)))


def _compute_means(drawn: DrawnStudies, y: Floats) -> tuple[Floats, Floats]:
    """Return the mean of each therapist and its sampling variance, each of shape (n_studies, n_therapists)."""
    groups = collect_groups(drawn)
    df = drawn.n_outcomes - drawn.n_therapists
    variance = sum_studies(drawn, groups.center(y) ** 2) / df if df > 0 else np.full(drawn.n_studies, np.nan)
    shape = (drawn.n_studies, drawn.n_therapists)
    return groups.compute_means(y).reshape(shape), variance[:, None] / groups.sizes.reshape(shape)


def _compute_slopes(drawn: DrawnStudies, y: Floats) -> tuple[Floats, Floats]:
    """Return the slope within each therapist and its sampling variance, likewise; NaN without a slope."""
    shape = (drawn.n_studies, drawn.n_therapists)
    groups = collect_groups(drawn)
    x, outcome = groups.center(drawn.client_variable), groups.center(y)
    squares = groups.sum_values(x**2).reshape(shape)
    is_known = squares > MIN_SHARE * squares.max(axis=1, keepdims=True)
    safe = np.where(is_known, squares, np.inf)
    slope = groups.sum_values(x * outcome).reshape(shape) / safe
    rest = outcome - slope.ravel()[drawn.therapist] * x
    df = drawn.n_outcomes - drawn.n_therapists - is_known.sum(axis=1)
    variance = np.where(df > 0, sum_studies(drawn, rest**2) / np.maximum(df, 1), np.nan)
    return np.where(is_known, slope, np.nan), np.where(is_known, variance[:, None] / safe, np.nan)


def _test_moderators(drawn: DrawnStudies, estimate: Floats, sampling_variance: Floats) -> StudyTests:
    """Regress the estimates of each study on the trait, over therapists; those without an estimate are left out."""
    trait = drawn.trait.reshape(estimate.shape)
    is_known = np.isfinite(estimate)
    found, p = np.full((2, drawn.n_studies), np.nan)
    problems: Counter[str] = Counter()
    known_counts = is_known.sum(axis=1)
    for count in np.unique(known_counts):
        rows = np.flatnonzero(known_counts == count)
        parts = [
            values[rows][is_known[rows]].reshape(len(rows), count) for values in (estimate, sampling_variance, trait)
        ]
        problem, is_testable = _find_problems(*parts[1:])
        problems.update(problem[~is_testable].tolist())
        if is_testable.any():
            found[rows[is_testable]], p[rows[is_testable]] = fit_trait(*(part[is_testable] for part in parts))
    return StudyTests(found, p, problems)


def _find_problems(sampling_variance: Floats, trait: Floats) -> tuple[np.ndarray, Bools]:
    """Return why each study has no result, and whether it has one; arrays of shape (n_studies,)."""
    n_studies, n_therapists = trait.shape
    has_variance = np.isfinite(sampling_variance).all(axis=1)
    is_enough = has_variance & (n_therapists > 2)
    varies = (np.ptp(trait, axis=1) > 0) if n_therapists else np.zeros(n_studies, dtype=bool)
    varies &= (sampling_variance > 0).all(axis=1)
    return np.where(is_enough, "no-variation", "few-therapists"), is_enough & varies


def fit_trait(estimate: Floats, sampling_variance: Floats, trait: Floats) -> tuple[Floats, Floats]:
    """Regress one estimate of each therapist on the trait, in several studies at once.

    Parameters
    ----------
    estimate, sampling_variance, trait : arrays of shape (n_studies, n_therapists)

    Returns
    -------
    tuple of two arrays of shape (n_studies,)
        Coefficient of the trait, and its two-sided p value by Student's t. The figures are those of
        :func:`fit_meta_regression`, which a study with one row calls.
    """
    df = estimate.shape[1] - 2
    variance = np.zeros(len(estimate))
    for _ in range(MAX_STEPS):
        weight = 1 / (variance[:, None] + sampling_variance)
        coefficient, spread, squares = _solve_weighted(weight, estimate, trait)
        excess = squares.sum(axis=1) - df
        step = excess / np.maximum((weight * squares).sum(axis=1), np.finfo(float).tiny)
        is_done = (excess <= 0) | (step < TOLERANCE / weight.mean(axis=1))
        if is_done.all():
            break
        variance = np.where(is_done, variance, variance + step)
    t = coefficient / np.sqrt(squares.sum(axis=1) / df / spread)
    return coefficient, np.asarray(2 * stdtr(float(df), -np.abs(t)))


def _solve_weighted(weight: Floats, estimate: Floats, trait: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the coefficient of the trait, its weighted sum of squares and the weighted squared residuals."""
    total = weight.sum(axis=1, keepdims=True)
    x = trait - (weight * trait).sum(axis=1, keepdims=True) / total
    y = estimate - (weight * estimate).sum(axis=1, keepdims=True) / total
    spread = (weight * x * x).sum(axis=1)
    coefficient = (weight * x * y).sum(axis=1) / spread
    return coefficient, spread, weight * (y - coefficient[:, None] * x) ** 2
