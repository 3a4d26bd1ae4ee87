"""The test of a pair feature within therapists, on many simulated studies at once."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy.special import stdtr

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import MIN_FREEDOM
from attune_fit.training.multilevel.within_effect import MIN_CLUSTERS, MIN_SHARE
from attune_fit.training.planning.study_draws import DrawnStudies
from attune_fit.training.planning.study_results import StudyTests, collect_groups


def run_pair_tests(drawn: DrawnStudies, y: Floats) -> StudyTests:
    """Test each study as :func:`estimate_within_effect` does: the slope within therapists, with its CR2 variance."""
    shape = (drawn.n_studies, drawn.n_outcomes)
    if drawn.n_therapists < MIN_CLUSTERS:
        missing = np.full(drawn.n_studies, np.nan)
        return StudyTests(missing, missing, Counter({"few-therapists": drawn.n_studies}))
    centered = collect_groups(drawn).center(np.column_stack([y, drawn.pair_value, drawn.parts]))
    of_study = centered.reshape(*shape, -1)
    controls = _find_bases(of_study[:, :, 2:])
    kept = of_study[:, :, :2] - controls @ (np.swapaxes(controls, 1, 2) @ of_study[:, :, :2])
    outcome, term = kept[:, :, 0], kept[:, :, 1]
    length = np.sqrt((term**2).sum(axis=1))
    is_testable = length > MIN_SHARE * np.sqrt((drawn.pair_value.reshape(shape) ** 2).sum(axis=1))
    length = np.where(is_testable, length, np.nan)
    estimate = (term * outcome).sum(axis=1) / length**2
    basis = np.concatenate([(term / np.where(is_testable, length, 1.0)[:, None])[:, :, None], controls], axis=2)
    sum_of_squares, df = _compute_variance(drawn, basis, outcome - estimate[:, None] * term)
    t = estimate * length / np.sqrt(np.where(is_testable, sum_of_squares, np.nan))
    problems = Counter({"no-variation": int((~is_testable).sum())} if not is_testable.all() else {})
    return StudyTests(estimate, np.asarray(2 * stdtr(df, -np.abs(t))), problems)


def _find_bases(columns: Floats) -> Floats:
    """Return orthonormal columns that span those of each study (n_studies, n, k); one that depends on others is 0."""
    scale = np.sqrt((columns**2).sum(axis=1, keepdims=True))
    scaled = columns / np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(np.swapaxes(scaled, 1, 2) @ scaled)
    factor = np.where(values > MIN_SHARE, 1 / np.sqrt(np.maximum(values, MIN_SHARE)), 0.0)
    return np.asarray(scaled @ (vectors * factor[:, None, :]))


def _compute_variance(drawn: DrawnStudies, basis: Floats, residual: Floats) -> tuple[Floats, Floats]:
    """Return the sum of squared adjusted scores of each study, and Bell and McCaffrey's degrees of freedom.

    ``basis`` (n_studies, n, 1 + k) has the term's direction first; ``residual`` has shape (n_studies, n). The formulas
    are those of :meth:`WithinParts.compute_variance`, without its matrix over therapists.
    """
    shape, k, groups = (drawn.n_studies, drawn.n_therapists), basis.shape[2], collect_groups(drawn)
    products = (basis[..., :, None] * basis[..., None, :]).reshape(-1, k * k)
    leverage = groups.sum_values(products).reshape(-1, k, k)
    values, vectors = np.linalg.eigh(leverage)
    free = 1 - values
    root = np.where(free > MIN_SHARE, 1 / np.sqrt(np.maximum(free, MIN_SHARE)), 0.0)
    adjusted = (vectors @ (root * vectors[:, 0, :])[..., None])[..., 0]
    scores = groups.sum_values((basis * residual[:, :, None]).reshape(-1, k))
    sum_of_squares = ((adjusted * scores).sum(axis=1) ** 2).reshape(shape).sum(axis=1)
    images = (leverage @ adjusted[..., None])[..., 0]
    own, shared = (adjusted * images).sum(axis=1).reshape(shape), (images**2).sum(axis=1).reshape(shape)
    of_study = images.reshape(*shape, k)
    crossed = np.swapaxes(of_study, 1, 2) @ of_study
    spread = (own**2 - 2 * own * shared).sum(axis=1) + (crossed**2).sum(axis=(1, 2))
    return sum_of_squares, np.maximum(
        (own - shared).sum(axis=1) ** 2 / np.where(spread > 0, spread, np.nan), MIN_FREEDOM
    )
