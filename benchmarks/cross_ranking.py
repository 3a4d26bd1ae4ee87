"""Rank a cross of clients and therapists whose scores are all computed."""

from __future__ import annotations

from functools import partial

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Hashes
from attune_fit.matching.ranking.near_ties import RankPositions, rank_with_near_ties
from attune_fit.models.alliance_model import ScoreParts


def rank_cross(parts: ScoreParts, eligible: Bools, n_wishes_met: Floats, keys: Hashes, level: float) -> RankPositions:
    """Return rank and band of every pair, both of shape (clients, therapists); 0 for a pair that is not eligible."""
    scored, client = parts.take(eligible), np.nonzero(eligible)[0]
    found = rank_with_near_ties(
        client, scored.score, n_wishes_met[eligible], keys[eligible], partial(scored.is_better, level=level)
    )
    rank, band = np.zeros((2, *eligible.shape), dtype=np.intp)
    rank[eligible], band[eligible] = found.rank, found.band
    return RankPositions(rank, band)
