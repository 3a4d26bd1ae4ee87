"""Baselines: chance, the preference count, published weights, the starting model, and therapist means."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from benchmarks.learning.method_inputs import MethodInputs


def score_at_random(inputs: MethodInputs) -> Floats:
    """Return random scores."""
    return np.random.default_rng(len(inputs.early)).standard_normal(inputs.shape)


def count_preferences(inputs: MethodInputs) -> Floats:
    """Return the number of wishes honoured minus the number not honoured."""
    pairs = inputs.cross
    wanted_counts = [pairs.count_wishes(each, "met") - pairs.count_wishes(each, "unmet") for each in ("must", "prefer")]
    refused_counts = [
        pairs.count_wishes(each, "unmet") - pairs.count_wishes(each, "met") for each in ("avoid", "never")
    ]
    return np.asarray(sum([*wanted_counts, *refused_counts]), dtype=float)


def score_published_weights(inputs: MethodInputs) -> Floats:
    """Score by published effects as weights, without any training."""
    return AllianceModel.from_published(FEATURES).compute_parts(inputs.cross).score


def score_starting_model(inputs: MethodInputs) -> Floats:
    """Score by the starting model: published weights, and trees grown on the project's simulator."""
    return migrate_model(load_starting_model(), FEATURES).compute_parts(inputs.cross).score


def score_therapist_means(inputs: MethodInputs) -> Floats:
    """Score by the mean of each therapist, shrunken towards the overall mean (one-way random effects)."""
    count = np.bincount(inputs.therapist, minlength=inputs.n_therapists).astype(float)
    sums = np.bincount(inputs.therapist, weights=inputs.y, minlength=inputs.n_therapists)
    means = sums / np.maximum(count, 1)
    n, groups = len(inputs.y), int((count > 0).sum())
    within = float(((inputs.y - means[inputs.therapist]) ** 2).sum()) / max(n - groups, 1)
    between = float((count * (means - inputs.y.mean()) ** 2).sum()) / max(groups - 1, 1)
    mean_group_size = (n - (count**2).sum() / n) / max(groups - 1, 1)  # Searle, Casella & McCulloch 1992, section 3.6
    variance = max(0.0, (between - within) / mean_group_size)
    shrunken = count * variance / (count * variance + within) * (means - inputs.y.mean())
    return np.array(np.broadcast_to(shrunken, inputs.shape))
