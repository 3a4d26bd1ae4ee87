"""Weigh other outcomes in the order of a list, where ``clinic.toml`` states weights for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.data.arrays import Floats
    from attune_fit.data.clinic.settings import Settings
    from attune_fit.features.pair_frame import PairFrame
    from attune_fit.features.pairs import Pairs
    from attune_fit.models.alliance_model import AllianceModel


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


def _weigh_dropout(model: AllianceModel, settings: Settings, pairs: Pairs, frame: PairFrame | None) -> Floats | None:
    """Return what ``dropout_weight`` adds, in POMP; None without a weight."""
    return None


def _weigh_scales(model: AllianceModel, settings: Settings, pairs: Pairs, frame: PairFrame | None) -> Floats | None:
    """Return what ``scale_weights`` add, in POMP; None where all weights are equal."""
    return None
