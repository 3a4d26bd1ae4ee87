"""What needs no learning: chance, counting wishes, published weights; and the mean of each therapist."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.catalogue import FEATURES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from benchmarks.learning.seen import Seen


def at_random(seen: Seen) -> Floats:
    """Lots."""
    return np.random.default_rng(len(seen.early)).standard_normal(seen.shape)


def preference_count(seen: Seen) -> Floats:
    """Wishes honoured less wishes not honoured, each as one."""
    pairs = seen.cross
    wanted = [pairs.count_wishes(each, "met") - pairs.count_wishes(each, "unmet") for each in ("must", "prefer")]
    refused = [pairs.count_wishes(each, "unmet") - pairs.count_wishes(each, "met") for each in ("avoid", "never")]
    return np.asarray(sum([*wanted, *refused]), dtype=float)


def hand_weights(seen: Seen) -> Floats:
    """Published effects as weights, nothing learned: what a careful reader of the literature would write down."""
    return AllianceModel.from_published(FEATURES).compute_parts(seen.cross).score


def as_shipped(seen: Seen) -> Floats:
    """The bundle every clinic starts from: published weights, and trees grown on the project's simulator."""
    return migrate_model(load_starting_model(), FEATURES).compute_parts(seen.cross).score


def therapist_mean(seen: Seen) -> Floats:
    """Mean of each therapist, drawn towards the mean of all as far as therapists are alike (one-way random effects)."""
    count = np.bincount(seen.therapist, minlength=seen.therapists).astype(float)
    total = np.bincount(seen.therapist, weights=seen.y, minlength=seen.therapists)
    mean = total / np.maximum(count, 1)
    n, groups = len(seen.y), int((count > 0).sum())
    inside = float(((seen.y - mean[seen.therapist]) ** 2).sum()) / max(n - groups, 1)
    between = float((count * (mean - seen.y.mean()) ** 2).sum()) / max(groups - 1, 1)
    size = (n - (count**2).sum() / n) / max(groups - 1, 1)  # Searle, Casella & McCulloch 1992, section 3.6
    spread = max(0.0, (between - inside) / size)
    shrunken = count * spread / (count * spread + inside) * (mean - seen.y.mean())
    return np.array(np.broadcast_to(shrunken, seen.shape))
