"""A client who has met someone is ranked again: that pair left out, and what it said taken in."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.pairs import Pairs
from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster
from attune_fit.models.active_model import build_bundle_path
from attune_fit.models.bundle import read_recipe
from attune_fit.models.client_update import ClientHistory, ClientUpdate, VarianceShares, update_for_client

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.models.alliance_model import AllianceModel

Pomp = float | np.float64


@dataclass(frozen=True)
class MetTherapist:
    """A pair that met. Numbers are in the ranking's instrument points.

    Attributes
    ----------
    therapist_id : str
    rated : float or None
        Early alliance as the client rated it; None without a score.
    expected : float
        What to expect of going on: the rating, drawn towards what was expected before it.
    learned : bool
        Whether the model was made from this record.
    """

    therapist_id: str
    rated: float | None
    expected: float
    learned: bool


@dataclass(frozen=True)
class ExpectedChange:
    """What to expect of a candidate in place of going on with the therapist met last, in points.

    ``low`` and ``high`` hold the difference between the two pairs at the ranking's level. ``if_pairs_differ_little`` is
    the same estimate where pairs have the smallest share of the variance that is thought possible: the largest is what
    ``points`` rests on, and published data cannot tell which is true.
    """

    therapist_id: str
    points: float
    low: float
    high: float
    if_pairs_differ_little: float


@dataclass(frozen=True)
class RematchResult:
    """A ranking after a first pair.

    Attributes
    ----------
    ranking : Ranking
        Of everybody not met yet; scores and intervals know what the client said.
    met : tuple of Stay
        Therapists met, the latest last.
    level, level_low, level_high : float
        How far this client rates any therapist from what intake says, in points, and its interval.
    changes : tuple of Change
        One for each candidate, in the order of the ranking.
    """

    ranking: Ranking
    met: tuple[MetTherapist, ...]
    level: float
    level_low: float
    level_high: float
    changes: tuple[ExpectedChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them; the ranking's own keys beside the others."""
        said = {"met": [asdict(one) for one in self.met], "changes": [asdict(one) for one in self.changes]}
        level = {"level": self.level, "level_low": self.level_low, "level_high": self.level_high}
        return {**self.ranking.to_dict(), **said, **level}


def rematch(
    model: AllianceModel, clinic: Clinic, tables: Tables, client_id: str, seed: int | None = None
) -> RematchResult:
    """Rank the roster again for a client who has met someone.

    Parameters
    ----------
    model, clinic, tables, client_id, seed
        As in :func:`rank`.

    Returns
    -------
    Rematch
        Candidates and excluded together are always the whole roster; whoever was met is excluded by the rule ``met``.

    Raises
    ------
    DataFault
        If no client has this id, or this one has met nobody of the roster.
    """
    row = find_row(tables, "clients", client_id)
    seen = build_episodes(tables, clinic.instruments)
    seen = seen[seen["client_row"] == row]
    if seen.empty:
        raise DataFault([_no_episode_fault(client_id)])
    desk = RosterScorer.from_clinic(model, clinic, tables, seed)
    met = ClientHistory(
        seen["therapist_row"].to_numpy(np.intp),
        seen["pomp"].to_numpy(float),
        is_in_training_data(model, clinic, tables, seen),
    )
    known, again, board = update_client(desk, row, met)
    little = update_for_client(
        desk.model, board.pairs, met, VarianceShares.from_published(read_published_statistics()["dyad_share"].low)
    )
    return _build_result(again, RankingBuilder.from_scored_roster(again, board).build_ranking(0), met, known, little)


def update_client(desk: RosterScorer, row: int, met: ClientHistory) -> tuple[ClientUpdate, RosterScorer, ScoredRoster]:
    """What is known of a client after those met, the desk that ranks with it, and the roster placed."""
    pairs = Pairs.cross(desk.sides, np.array([row], dtype=np.intp))
    known = update_for_client(desk.model, pairs, met)
    again = replace(desk, model=known.model, extra_rules=(ALREADY_MET_RULE,))
    return known, again, again.rank_scored_pairs(pairs, known.parts)


def is_in_training_data(
    model: AllianceModel, clinic: Clinic, tables: Tables, seen: pd.DataFrame
) -> npt.NDArray[np.bool_]:
    """Which of some episodes the model was made from, shape (episodes,).

    All with a score where the tables are those of its training; else those not dated after the last record its bundle
    was made from. A record without a date counts as learned from: what is believed twice misleads more than what is
    believed once too little.
    """
    late = is_intake_after_rating(tables.clients, seen.rename(columns={"began": "measured_on"}))
    usable = seen["pomp"].notna().to_numpy(bool) & ~late
    if not model.n_outcomes:
        return np.zeros(len(seen), dtype=bool)
    if model.data_digest == tables.digest():
        return usable
    how = read_recipe(build_bundle_path(clinic, model.bundle)) if model.bundle else None
    until = dt.date.fromisoformat((how or {}).get("until", tables.as_of.isoformat()))
    return usable & ~(seen["began"] > pd.Timestamp(until)).to_numpy(bool)


def _build_result(
    desk: RosterScorer, ranking: Ranking, met: ClientHistory, known: ClientUpdate, little: ClientUpdate
) -> RematchResult:
    """In points, rounded as rankings are."""
    ids = desk.tables.therapists["therapist_id"].to_list()
    now, interval = int(met.therapist_rows[-1]), ranking.interval

    def points(pomp: Pomp) -> float:
        return round(float(desk.instrument.to_points(float(np.clip(pomp, 0, 100)))), POINT_DECIMALS)

    def step(pomp: Pomp) -> float:
        return round(float(pomp) * desk.points_per_pomp, POINT_DECIMALS)

    change, low, high = known.compute_change(now, interval)
    cautious, _, _ = little.compute_change(now, interval)
    place = {name: number for number, name in enumerate(ids)}
    reach = float(ndtri((1 + interval) / 2)) * known.level_sd
    return RematchResult(
        ranking=ranking,
        met=tuple(
            MetTherapist(ids[row], None if np.isnan(y) else points(y), points(known.parts.score[0, row]), bool(old))
            for row, y, old in zip(met.therapist_rows, met.y, met.is_in_training, strict=True)
        ),
        level=step(known.level),
        level_low=step(known.level - reach),
        level_high=step(known.level + reach),
        changes=tuple(
            ExpectedChange(
                one.therapist_id, *(step(each[place[one.therapist_id]]) for each in (change, low, high, cautious))
            )
            for one in ranking.candidates
        ),
    )


def _no_episode_fault(client_id: str) -> Fault:
    fix = f"For a first recommendation: attune rank CLINIC --client {client_id}"
    return Fault.error("outcomes", "client_id", f"`{client_id}` has met nobody of the roster", fix=fix)
