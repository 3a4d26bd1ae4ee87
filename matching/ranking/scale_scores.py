"""The estimates of goal, task and bond of a pair, as records of a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES

if TYPE_CHECKING:
    from attune_fit.features.pair_frame import PairFrame
    from attune_fit.features.pairs import Pairs
    from attune_fit.matching.ranking.scored_roster import RosterScorer

SCORE_DECIMALS = 6  # smaller differences are rounding, and can vary between machines


@dataclass(frozen=True)
class ScaleScore:
    """The expected early score of one scale, in points of the scale.

    Attributes
    ----------
    scale : str
        ``goal``, ``task`` or ``bond``.
    score, low, high : float
        The estimate, and a prediction interval for one early rating.
    """

    scale: str
    score: float
    low: float
    high: float


def build_scale_scores(scorer: RosterScorer, pairs: Pairs, frame: PairFrame) -> Sequence[tuple[ScaleScore, ...]]:
    """Build goal, task and bond of each pair of a list.

    Parameters
    ----------
    scorer : RosterScorer
    pairs : Pairs
        A list of k pairs.
    frame : PairFrame
        Their features.

    Returns
    -------
    sequence of k tuples of ScaleScore
        Empty tuples where the model holds no scales, or the shown instrument has none.
    """
    model, instrument = scorer.model, scorer.instrument
    if not can_estimate_scales(scorer) or model.scales is None:
        return [()] * len(frame.values)
    parts = model.compute_parts(pairs, frame, scorer.roster_effects)
    found = model.scales.estimate_scales(model, parts, pairs, frame)
    points = [
        np.stack([instrument.to_points(scorer.clip_to_range(values[k]), scale) for values in vars(found).values()], -1)
        for k, scale in enumerate(ALLIANCE_SCALES)
    ]
    rows = [of_scale.round(SCORE_DECIMALS).tolist() for of_scale in points]
    return [
        tuple(ScaleScore(scale, *row) for scale, row in zip(ALLIANCE_SCALES, of_pair, strict=True))
        for of_pair in zip(*rows, strict=True)
    ]


def can_estimate_scales(scorer: RosterScorer) -> bool:
    """Return whether goal, task and bond can be estimated and shown."""
    return scorer.model.scales is not None and set(ALLIANCE_SCALES) <= set(scorer.instrument.scales)
