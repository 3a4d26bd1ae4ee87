"""Rematch: rank the roster again for a client after a first pair, with the posterior from the client's own ratings."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.command_words import format_option
from attune_fit.data.faults import DataFault
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.pairs import Pairs
from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import round_points
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster
from attune_fit.models.active_pointer import build_bundle_path
from attune_fit.models.client_update import ClientHistory, ClientUpdate, VarianceShares, update_for_client
from attune_fit.models.model_bundle import read_recipe

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.models.alliance_model import AllianceModel

Pomp = float | np.float64


@dataclass(frozen=True)
class MetTherapist:
    """A therapist the client has met. Numbers are in points of the ranking's instrument.

    Attributes
    ----------
    therapist_id : str
    rated : float or None
        Early alliance as the client rated it, on the common scale of :func:`compute_early_alliance` where the clinic
        has several instruments; None without a score.
    expected : float
        Expected alliance if the pair continues: the rating, shrunk towards the estimate before the rating.
    learned : bool
        Whether this record is in the model's training data.
    """

    therapist_id: str
    rated: float | None
    expected: float
    learned: bool


@dataclass(frozen=True)
class ExpectedChange:
    """Expected change if the client changes from the therapist met last to a candidate, in points.

    Attributes
    ----------
    therapist_id : str
        The candidate.
    points : float
        Expected alliance with the candidate minus expected alliance if the last pair continues. It assumes the largest
        plausible share of the variance between pairs.
    low, high : float
        Interval of this difference, at the ranking's level.
    if_pairs_differ_little : float
        The same estimate for the smallest plausible share. Published data cannot decide which share is true.
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
        Of all therapists the client has not met; scores and intervals include the client's own ratings.
    met : tuple of MetTherapist
        The therapists the client has met, the latest last.
    level, level_low, level_high : float
        How much higher this client rates any therapist than the intake predicts, in points, and its interval.
    changes : tuple of ExpectedChange
        One for each candidate, in the order of the ranking.
    """

    ranking: Ranking
    met: tuple[MetTherapist, ...]
    level: float
    level_low: float
    level_high: float
    changes: tuple[ExpectedChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the result in the plain types of JSON; the keys of the ranking come first."""
        lists = {"met": [asdict(row) for row in self.met], "changes": [asdict(row) for row in self.changes]}
        level = {"level": self.level, "level_low": self.level_low, "level_high": self.level_high}
        return {**self.ranking.to_dict(), **lists, **level}


def rematch(scorer: RosterScorer, client_id: str) -> RematchResult:
    """Rank the roster again for a client who has met a therapist.

    Parameters
    ----------
    scorer, client_id
        As in :func:`rank`.

    Returns
    -------
    RematchResult
        Candidates and excluded therapists together are always the whole roster. The rule ``met`` excludes every
        therapist the client has met.

    Raises
    ------
    DataFault
        If no client has this id, or the client has no record with a therapist on the roster.
    """
    tables = scorer.tables
    row = find_row(tables, "clients", client_id)
    episodes = build_episodes(tables, scorer.clinic.instruments, find_main_instrument(tables, scorer.clinic))
    episodes = episodes[episodes["client_row"] == row]
    if episodes.empty:
        message = f"`{client_id}` has no record with a therapist on the roster"
        fix = f"For a first ranking: attune rank CLINIC {format_option('--client', client_id)}"
        raise DataFault.error("no-earlier-record", "outcomes", "client_id", message, fix=fix)
    history = ClientHistory(
        episodes["therapist_row"].to_numpy(np.intp),
        scorer.convert_ratings(episodes["pomp"].to_numpy(float)),
        is_in_training_data(scorer.model, scorer.clinic, tables, episodes),
    )
    update, updated_scorer, roster = update_client(scorer, row, history)
    smallest_share = VarianceShares.from_published(read_published_statistics()["dyad_share"].low)
    cautious_update = update_for_client(scorer.model, Pairs.cross(scorer.sides, [row]), history, smallest_share)
    ranking = RankingBuilder(updated_scorer, roster).build_ranking()
    return _build_result(updated_scorer, ranking, history, update, cautious_update)


def update_client(
    scorer: RosterScorer, row: int, history: ClientHistory
) -> tuple[ClientUpdate, RosterScorer, ScoredRoster]:
    """Update the posterior for one client from the client's own ratings, and rank the roster with it.

    Returns
    -------
    ClientUpdate
    RosterScorer
        With the updated model and the rule ``met``.
    ScoredRoster
        The client with the whole roster.
    """
    pairs = Pairs.cross(scorer.sides, np.array([row], dtype=np.intp))
    update = update_for_client(scorer.model, pairs, history)
    updated_scorer = replace(scorer, model=update.model, extra_rules=(ALREADY_MET_RULE,), shared_sides=scorer.sides)
    return update, updated_scorer, updated_scorer.score_clients(np.array([row]), parts=update.parts)


def is_in_training_data(
    model: AllianceModel, clinic: Clinic, tables: Tables, episodes: pd.DataFrame
) -> npt.NDArray[np.bool_]:
    """Return whether each episode is in the model's training data, shape (episodes,).

    If the tables are those of the training: all episodes with a score. Else: the episodes with a score that are not
    dated after the last training record of the bundle. An episode without a date counts as training data, because a
    rating that is used twice misleads more than a rating that is used once too little.
    """
    is_late = is_intake_after_rating(tables.clients, episodes.rename(columns={"began": "measured_on"}))
    usable = episodes["pomp"].notna().to_numpy(bool) & ~is_late
    if not model.n_outcomes:
        return np.zeros(len(episodes), dtype=bool)
    if model.data_digest in (tables.training_digest(), tables.digest()):  # the second: bundles of earlier versions
        return usable
    recipe = read_recipe(build_bundle_path(clinic, model.bundle)) if model.bundle else None
    until = dt.date.fromisoformat((recipe or {}).get("until", tables.as_of.isoformat()))
    return usable & ~(episodes["began"] > pd.Timestamp(until)).to_numpy(bool)


def _build_result(
    scorer: RosterScorer,
    ranking: Ranking,
    history: ClientHistory,
    update: ClientUpdate,
    cautious_update: ClientUpdate,
) -> RematchResult:
    """Build the result in points, rounded as in rankings."""
    ids = scorer.tables.therapists["therapist_id"].to_list()
    last_met, interval = int(history.therapist_rows[-1]), ranking.interval

    def to_points(pomp: Pomp) -> float:
        return round_points(scorer.instrument.to_points(float(scorer.clip_to_range(float(pomp)))))

    def difference_to_points(pomp: Pomp) -> float:
        return round_points(float(pomp) * scorer.points_per_pomp)

    change, low, high = update.compute_change(last_met, interval)
    cautious_change, _, _ = cautious_update.compute_change(last_met, interval)
    estimates = (change, low, high, cautious_change)
    column_of = {therapist_id: column for column, therapist_id in enumerate(ids)}
    half_width = float(ndtri((1 + interval) / 2)) * update.level_sd
    met = tuple(
        MetTherapist(
            therapist_id=ids[row],
            rated=None if np.isnan(rating) else to_points(rating),
            expected=to_points(update.parts.score[0, row]),
            learned=bool(is_in_training),
        )
        for row, rating, is_in_training in zip(history.therapist_rows, history.y, history.is_in_training, strict=True)
    )
    changes = tuple(
        ExpectedChange(
            therapist_id, *(difference_to_points(estimate[column_of[therapist_id]]) for estimate in estimates)
        )
        for therapist_id in ranking.arrays.therapist_ids
    )
    return RematchResult(
        ranking=ranking,
        met=met,
        level=difference_to_points(update.level),
        level_low=difference_to_points(update.level - half_width),
        level_high=difference_to_points(update.level + half_width),
        changes=changes,
    )
