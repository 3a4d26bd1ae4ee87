"""The test of a pair feature within therapists, on many simulated studies at once."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy.special import stdtr

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import MIN_FREEDOM
from attune_fit.training.multilevel.within_effect import MIN_CLUSTERS, MIN_SHARE, estimate_within_effect
from attune_fit.training.planning.study_draws import DrawnStudies
from attune_fit.training.planning.study_results import StudyTests, collect_groups, sum_studies

FEW_RECORDS = 50  # for each covariate; with fewer, the approximate variance is too small


def run_pair_tests(drawn: DrawnStudies, y: Floats) -> StudyTests:
    """Test each study as :func:`estimate_within_effect` does: the slope within therapists, with its CR2 variance.

    Studies with few records for their covariates are tested one by one. For others the estimate is exactly that of the
    test, and its variance is approximate: leverage is that of the term alone, and the covariates cost their share of
    the degrees of freedom. This saves most of the time; power differs by about one percentage point.
    """
    shape = (drawn.n_studies, drawn.n_therapists)
    if drawn.n_therapists < MIN_CLUSTERS:
        missing = np.full(drawn.n_studies, np.nan)
        return StudyTests(missing, missing, Counter({"few-therapists": drawn.n_studies}))
    if drawn.n_outcomes < FEW_RECORDS * drawn.parts.shape[1]:
        return _test_each_study(drawn, y)
    groups = collect_groups(drawn)
    centered = groups.center(np.column_stack([y, drawn.pair_value, drawn.parts]))
    outcome, term, factor = _remove_parts(drawn, centered)
    squares = groups.sum_values(term**2).reshape(shape)
    total = squares.sum(axis=1)
    is_testable = np.sqrt(total) > MIN_SHARE * np.sqrt(sum_studies(drawn, drawn.pair_value**2))
    total = np.where(is_testable, total, np.nan)
    estimate = sum_studies(drawn, term * outcome) / total
    residual = outcome - np.repeat(estimate, drawn.n_outcomes) * term
    score, share = groups.sum_values(term * residual).reshape(shape), squares / total[:, None]
    weight = 1 / np.maximum(1 - share, MIN_SHARE)
    t = estimate * total / np.sqrt((weight * score**2).sum(axis=1) * factor)
    problems = Counter({"no-variation": int((~is_testable).sum())} if not is_testable.all() else {})
    return StudyTests(estimate, np.asarray(2 * stdtr(_compute_freedom(share, weight), -np.abs(t))), problems)


def _test_each_study(drawn: DrawnStudies, y: Floats) -> StudyTests:
    """Test the studies one after the other."""
    client, tests = np.arange(drawn.n_outcomes), []
    for first in range(0, len(y), drawn.n_outcomes):
        rows = slice(first, first + drawn.n_outcomes)
        columns = y[rows], drawn.therapist[rows], client, drawn.pair_value[rows], drawn.parts[rows]
        tests.append(estimate_within_effect(*columns))
    problems = Counter(test.problem for test in tests if test.problem)
    return StudyTests(np.array([test.estimate for test in tests]), np.array([test.p for test in tests]), problems)


def _remove_parts(drawn: DrawnStudies, centered: Floats) -> tuple[Floats, Floats, Floats]:
    """Return outcome and term (n,) beyond the covariates of each study, and the factor of its variance (n_studies,).

    ``centered`` (n, 2 + k) has the outcome, the term and the covariates within therapists.
    """
    kept, parts = np.split(centered.reshape(drawn.n_studies, drawn.n_outcomes, -1), [2], axis=2)
    if not parts.shape[2]:
        return kept[:, :, 0].ravel(), kept[:, :, 1].ravel(), np.ones(drawn.n_studies)
    scale = np.sqrt((parts**2).sum(axis=1, keepdims=True))
    scaled = parts / np.where(scale > 0, scale, 1.0)
    crossed = np.swapaxes(scaled, 1, 2)
    values, vectors = np.linalg.eigh(crossed @ scaled)
    is_free = values > MIN_SHARE
    inverse = (vectors * np.where(is_free, 1 / np.maximum(values, MIN_SHARE), 0.0)[:, None, :]) @ np.swapaxes(
        vectors, 1, 2
    )
    kept = kept - scaled @ (inverse @ (crossed @ kept))
    freedom = drawn.n_outcomes - drawn.n_therapists - 1
    factor = freedom / np.maximum(freedom - is_free.sum(axis=1), 1)
    return kept[:, :, 0].ravel(), kept[:, :, 1].ravel(), factor


def _compute_freedom(share: Floats, weight: Floats) -> Floats:
    """Return Bell and McCaffrey's degrees of freedom of each study, from the therapists' shares of the term."""
    first, second = weight * share, (weight * share**2).sum(axis=1)
    spread = (first**2 * (1 - 2 * share)).sum(axis=1) + second**2
    mean = (first * (1 - share)).sum(axis=1)
    return np.asarray(np.maximum(mean**2 / np.where(spread > 0, spread, np.nan), MIN_FREEDOM))
