"""Describe a part of the score in words: the fact about the pair, and what it did here if that was not expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.features.pairs import Pairs
from attune_fit.models.trees import DIRECTION_SIGNS

if TYPE_CHECKING:
    from attune_fit.features.feature import Feature
    from attune_fit.features.sides import Sides
    from attune_fit.models.alliance_model import AllianceModel

MAX_SAMPLE_CLIENTS, MAX_SAMPLE_THERAPISTS = 40, 40  # enough for the sign of a slope, and quick

# Endings of a sentence about a part that acts against the stated direction of its feature. The key holds whether that
# is so for this clinic's pairs as a whole (:func:`find_turned_weights`), and the sign of the part.
UNEXPECTED_ENDINGS = {
    (True, 1): "clients here did better with that",
    (True, -1): "clients here did less well with that",
    (False, 1): "for such a pair the model expects more",
    (False, -1): "for such a pair the model expects less",
}


def find_turned_weights(model: AllianceModel, sides: Sides) -> Bools:
    """Find the features with which clients of this clinic did better against the stated direction; shape (p,).

    Two things must hold. The clinic's records turned the weight round: before any record a weight has the sign of the
    direction, or is 0. And over the clinic's pairs, what the linear layer adds for the feature's input moves against
    the direction too. Features that read the same columns overlap, so one weight alone can mislead.

    Parameters
    ----------
    model : AllianceModel
    sides : Sides
        Clients and therapists; the first rows are a sample, because their order is random.

    Returns
    -------
    array of bool, shape (p,)
        False without records, and for a feature without a direction.
    """
    signs = np.array([DIRECTION_SIGNS[feature.direction] for feature in model.features], dtype=int)
    is_turned = np.asarray((np.sign(model.evidence.mean[1:]) * signs < 0) & (model.n_outcomes > 0))
    if is_turned.any():
        is_turned &= np.sign(_compute_input_slopes(model, sides, np.flatnonzero(is_turned))) * signs < 0
    return is_turned


def _compute_input_slopes(model: AllianceModel, sides: Sides, columns: Indices) -> Floats:
    """Return how all linear parts that read a feature's columns move with it, over pairs of the clinic; shape (p,).

    Means of clients are subtracted; for a feature of the pair those of therapists too, because a therapist's own level
    is no effect of the pair.
    """
    tables = sides.tables
    shape = min(MAX_SAMPLE_CLIENTS, len(tables.clients)), min(MAX_SAMPLE_THERAPISTS, len(tables.therapists))
    pairs = Pairs.from_rows(sides, *np.indices(shape).reshape(2, -1))
    standard = model.standardize_features(pairs).reshape(*shape, -1)
    parts = fill_unknown(standard, model.features) * model.evidence.mean[1:]
    slopes = np.zeros(len(model.features))
    for column in columns.tolist():
        feature, value = model.features[column], standard[..., column]
        shares_input = [bool(set(feature.therapist) & set(other.therapist)) for other in model.features]
        known = ~np.isnan(value)
        value = np.where(known, value, value[known].mean() if known.any() else 0.0)
        value = value - value.mean(axis=1, keepdims=True)
        if feature.side == "pair" and len(value) > 1:
            value = value - value.mean(axis=0, keepdims=True)
        slopes[column] = float((value * parts[..., shares_input].sum(axis=-1)).sum())
    return slopes


def describe_contribution(feature: Feature, value: float, contribution: float, *, is_turned: bool) -> str:
    """Describe what one feature adds to the score of a pair; empty where the value is unknown or typical.

    Parameters
    ----------
    feature : Feature
    value : float
        In the feature's own unit; NaN where unknown.
    contribution : float
        What the feature adds, in any unit: only its sign counts.
    is_turned : bool
        The feature's element of :func:`find_turned_weights`.

    Returns
    -------
    str
        The fact about the pair. Where the contribution is not on the side that the feature's direction states, an
        ending follows (:data:`UNEXPECTED_ENDINGS`).
    """
    fact = feature.describe_value(value)
    expected_sign = np.sign(value - feature.center) * DIRECTION_SIGNS[feature.direction]
    if not fact or np.sign(contribution) * expected_sign >= 0:
        return fact
    return f"{fact}; {UNEXPECTED_ENDINGS[is_turned, int(np.sign(contribution))]}"
