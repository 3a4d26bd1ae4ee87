"""A ranking as rows, one for each client and therapist."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster

AnyArray = npt.NDArray[Any]


def build_ranking_frame(desk: RosterScorer, board: ScoredRoster) -> pd.DataFrame:
    """Every pair of a block, as :func:`rank_to_frames` yields it: candidates by rank, others by id."""
    clients = desk.tables.clients["client_id"].to_numpy(object)[board.pairs.client_rows[:, 0]]
    therapists = desk.tables.therapists["therapist_id"].to_numpy(object)
    eligible, place = board.eligibility.is_eligible, board.positions.rank
    by_id = np.argsort(np.argsort(therapists, kind="stable"), kind="stable")
    order = np.argsort(np.where(eligible, place, len(therapists) + 1 + by_id), axis=1, kind="stable")

    def arranged(values: AnyArray) -> AnyArray:
        return np.take_along_axis(values, order, axis=1).ravel()

    ranked = arranged(eligible)
    texts = {
        "client_id": np.repeat(clients, len(therapists)),
        "therapist_id": therapists[order.ravel()],
        "status": np.where(ranked, "ranked", "excluded"),
        "rule": arranged(board.eligibility.join_rule_names()),
    }
    numbers = {"rank": place, "band": board.positions.band}
    points = {"score": board.score, "low": board.low, "high": board.high}
    return pd.DataFrame(
        {
            **{name: pd.Series(values, dtype="str") for name, values in texts.items()},
            **{name: pd.Series(arranged(values), dtype="Int64").where(ranked) for name, values in numbers.items()},
            **{name: _convert_to_points(desk, arranged(values)).where(ranked) for name, values in points.items()},
        }
    )


def _convert_to_points(desk: RosterScorer, pomp: AnyArray) -> pd.Series:
    """In the instrument's points."""
    return pd.Series(desk.instrument.to_points(pomp.astype(float))).round(POINT_DECIMALS)
