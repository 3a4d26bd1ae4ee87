"""A ranking as a table: one row for each client and therapist."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster

AnyArray = npt.NDArray[Any]


def build_ranking_frame(scorer: RosterScorer, roster: ScoredRoster) -> pd.DataFrame:
    """Build the rows of :func:`rank_to_frames` for every pair of a block: candidates by rank, the others by id."""
    clients = scorer.tables.clients["client_id"].to_numpy(object)[roster.client_rows]
    therapists = scorer.therapist_ids
    eligible, rank = roster.eligibility.is_eligible, roster.spread(roster.rank)
    id_order = np.argsort(np.argsort(therapists, kind="stable"), kind="stable")
    order = np.argsort(np.where(eligible, rank, len(therapists) + 1 + id_order), axis=1, kind="stable")

    def arrange(values: AnyArray) -> AnyArray:
        return np.take_along_axis(values, order, axis=1).ravel()

    ranked = arrange(eligible)
    texts = {
        "client_id": np.repeat(clients, len(therapists)),
        "therapist_id": therapists[order.ravel()],
        "status": np.where(ranked, "ranked", "excluded"),
        "rule": arrange(roster.eligibility.join_rule_names()),
    }
    numbers = {"rank": rank, "band": roster.spread(roster.band)}
    pomp = {name: roster.spread(getattr(roster, name)) for name in ("score", "low", "high")}
    return pd.DataFrame(
        {
            **{name: pd.Series(values, dtype="str") for name, values in texts.items()},
            **{name: pd.Series(arrange(values), dtype="Int64").where(ranked) for name, values in numbers.items()},
            **{name: _convert_to_points(scorer, arrange(values)).where(ranked) for name, values in pomp.items()},
        }
    )


def _convert_to_points(scorer: RosterScorer, pomp: AnyArray) -> pd.Series:
    """Convert a column from POMP to points of the instrument; :func:`round_points` does it for one number."""
    return pd.Series(scorer.instrument.to_points(pomp.astype(float))).round(POINT_DECIMALS)
