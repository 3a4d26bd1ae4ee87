"""Weigh other outcomes in the order of a list, where ``clinic.toml`` states weights for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.models.dropout_model import DropoutModel
from attune_fit.models.scale_models import compute_scale_shares

if TYPE_CHECKING:
    from attune_fit.data.arrays import Floats
    from attune_fit.data.clinic.settings import Settings
    from attune_fit.features.pairs import Pairs
    from attune_fit.models.alliance_model import AllianceModel

WEIGHED_STEP = 0.1  # of probability: the weight of dropout is for 10 percentage points


def compute_order_adjustment(
    model: AllianceModel, settings: Settings, pairs: Pairs, frame: PairFrame | None = None
) -> Floats | None:
    """Compute what the clinic's weights of other outcomes add to the order of some pairs, in POMP.

    Parameters
    ----------
    model : AllianceModel
    settings : Settings
        ``dropout_weight`` and ``scale_weights``.
    pairs : Pairs
    frame : PairFrame, optional
        The model's features of these pairs, if they are computed already.

    Returns
    -------
    array of the pairs' shape, or None
        None where the clinic states no weight: then the order is that of the expected alliance.
    """
    adjustments = [
        one
        for one in (_weigh_dropout(model, settings, pairs, frame), _weigh_scales(model, settings, pairs, frame))
        if one is not None
    ]
    return sum(adjustments[1:], adjustments[0]) if adjustments else None


def describe_order_weights(settings: Settings, model: AllianceModel) -> str:
    """Describe in a few sentences what else the order of a list weighs; empty without weights of outcomes."""
    sentences = []
    if weight := settings.dropout_weight:
        source = "" if model.dropout is not None else " Too few records hold dropout, so the published odds count."
        sentences.append(
            f"The order also weighs dropout: 10 percentage points less count as {weight:g} of the 100 points of "
            f"expected alliance.{source}"
        )
    shares = compute_scale_shares(settings.scale_weights)
    if np.ptp(shares):
        weights = ", ".join(f"{scale} {share:.0%}" for scale, share in zip(ALLIANCE_SCALES, shares, strict=True))
        effect = "" if model.scales is not None else " They have no effect yet: too few records hold these scales."
        sentences.append(f"The order also weighs the scales: {weights}.{effect}")
    return " ".join(sentences)


def _weigh_dropout(model: AllianceModel, settings: Settings, pairs: Pairs, frame: PairFrame | None) -> Floats | None:
    """Return what ``dropout_weight`` adds, in POMP; None without a weight.

    It is 0 with a typical therapist, so it never moves the estimates of one client against those of another. A model
    without a model of dropout takes the published odds.
    """
    if not settings.dropout_weight:
        return None
    dropout = model.dropout or DropoutModel.from_published(model.evidence, model.features)
    frame = PairFrame.from_pairs(pairs, model.features) if frame is None else frame
    found = dropout.compute_probabilities(pairs, frame, settings.interval)
    return found.saved / WEIGHED_STEP * settings.dropout_weight


def _weigh_scales(model: AllianceModel, settings: Settings, pairs: Pairs, frame: PairFrame | None) -> Floats | None:
    """Return what ``scale_weights`` add, in POMP; None where all weights are equal or the model has no scales.

    It holds only what differs between therapists, so it never moves one client against another.
    """
    shares = compute_scale_shares(settings.scale_weights)
    if model.scales is None or not np.ptp(shares):
        return None
    return np.tensordot(shares, model.scales.compute_pair_deviations(pairs, frame), axes=1)
