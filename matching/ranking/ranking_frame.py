"""A ranking as rows, one for each client and therapist."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.matching.ranking.ranking_result import DECIMALS
from attune_fit.matching.ranking.scored_roster import Board, Desk

Cells = npt.NDArray[Any]


def rows(desk: Desk, board: Board) -> pd.DataFrame:
    """Every pair of a block, as :func:`attune_fit.matching.ranking.rank.rank_many` yields it: candidates by rank, others by id."""
    clients = desk.tables.clients["client_id"].to_numpy(object)[board.pairs.client_rows[:, 0]]
    therapists = desk.tables.therapists["therapist_id"].to_numpy(object)
    eligible, place = board.judged.eligible, board.places.rank
    by_id = np.argsort(np.argsort(therapists, kind="stable"), kind="stable")
    order = np.argsort(np.where(eligible, place, len(therapists) + 1 + by_id), axis=1, kind="stable")

    def arranged(values: Cells) -> Cells:
        return np.take_along_axis(values, order, axis=1).ravel()

    ranked = arranged(eligible)
    texts = {
        "client_id": np.repeat(clients, len(therapists)),
        "therapist_id": therapists[order.ravel()],
        "status": np.where(ranked, "ranked", "excluded"),
        "rule": arranged(board.judged.names()),
    }
    numbers = {"rank": place, "band": board.places.band}
    points = {"score": board.score, "low": board.low, "high": board.high}
    return pd.DataFrame(
        {
            **{name: pd.Series(values, dtype="str") for name, values in texts.items()},
            **{name: pd.Series(arranged(values), dtype="Int64").where(ranked) for name, values in numbers.items()},
            **{name: _shown(desk, arranged(values)).where(ranked) for name, values in points.items()},
        }
    )


def _shown(desk: Desk, pomp: Cells) -> pd.Series:
    """In the instrument's points."""
    return pd.Series(desk.instrument.points(pomp.astype(float))).round(DECIMALS)
