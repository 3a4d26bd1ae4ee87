"""What is compared between groups: one row for one figure of clients or of therapists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.matching.fairness.group_intervals import MetricKind, MetricSample
from attune_fit.matching.fairness.list_metrics import ListMetrics
from attune_fit.matching.ranking.scored_roster import RosterScorer

if TYPE_CHECKING:
    from attune_fit.features.pairs import Side

MetricUnit = Literal["percent", "therapists", "points", "days", "times", "clients"]


@dataclass(frozen=True)
class HeldOutResiduals:
    """Records with what the live model, made without them, expected; arrays of one length.

    Attributes
    ----------
    client_rows, therapist_rows : arrays of int
        Rows of the tables.
    residuals : array
        Early alliance as rated less as expected, POMP.
    """

    client_rows: Indices
    therapist_rows: Indices
    residuals: Floats


@dataclass(frozen=True)
class AuditInputs:
    """All that figures are made from.

    Attributes
    ----------
    desk : Desk
    lists : Lists
        Of the clients who are ranked.
    waiting_rows : array of int
        Rows of the clients who wait.
    early_alliance : DataFrame
        From :func:`compute_early_alliance`.
    held_out : HeldBack or None
        None where nothing was or could be held back.
    """

    desk: RosterScorer
    lists: ListMetrics
    waiting_rows: Indices
    early_alliance: pd.DataFrame
    held_out: HeldOutResiduals | None = None


@dataclass(frozen=True)
class GroupMetric:
    """One row of :data:`GROUP_METRICS`.

    Attributes
    ----------
    name : str
    side : {"client", "therapist"}
        Whose groups are compared.
    kind : {"share", "mean"}
        Decides the interval, see :func:`estimate_group`.
    unit : str
    title : str
        As a heading.
    description : str
        What it is.
    caution : str
        What it is not, or what else may stand behind a difference.
    function : callable
        Takes :class:`AuditInputs`, returns :class:`MetricSample`; a sample of nobody where nothing was measured.
    is_fixed : bool
        Whether the figure of everybody is what it is by construction, and has no interval.
    """

    name: str
    side: Side
    kind: MetricKind
    unit: MetricUnit
    title: str
    description: str
    caution: str
    function: Callable[[AuditInputs], MetricSample]
    is_fixed: bool = False


def _sample_from_lists(values: Callable[[ListMetrics], Floats]) -> Callable[[AuditInputs], MetricSample]:
    return lambda seen: MetricSample.from_values(seen.lists.rows, values(seen.lists))


def _sample_short_lists(seen: AuditInputs) -> MetricSample:
    shortlist = seen.desk.clinic.config.settings.shortlist
    return MetricSample.from_values(seen.lists.rows, (seen.lists.n_candidates < shortlist).astype(float))


def _sample_expected(seen: AuditInputs) -> MetricSample:
    points = np.asarray(seen.desk.instrument.to_points(seen.lists.expected_score), dtype=float)
    return MetricSample.from_values(seen.lists.rows, points)


def _sample_ratings(seen: AuditInputs) -> MetricSample:
    points = np.asarray(seen.desk.instrument.to_points(seen.early_alliance["pomp"].to_numpy(float)), dtype=float)
    client, therapist = (seen.early_alliance[f"{side}_row"].to_numpy(np.intp) for side in ("client", "therapist"))
    return MetricSample.from_values(client, points, cluster=therapist)


def _sample_residuals(seen: AuditInputs) -> MetricSample:
    if seen.held_out is None:
        return MetricSample.from_values(np.empty(0, dtype=np.intp), np.empty(0))
    held = seen.held_out
    return MetricSample.from_values(
        held.client_rows, held.residuals * seen.desk.points_per_pomp, cluster=held.therapist_rows
    )


def _sample_days_waited(seen: AuditInputs) -> MetricSample:
    clients = seen.desk.tables.clients
    days = (pd.Timestamp(seen.desk.tables.as_of) - clients["referred_on"]).dt.days.to_numpy(float)[seen.waiting_rows]
    return MetricSample.from_values(seen.waiting_rows, np.where(days >= 0, days, np.nan))


def _sample_days_to_first_rating(seen: AuditInputs) -> MetricSample:
    tables = seen.desk.tables
    first = tables.outcomes.groupby("client_id")["measured_on"].min()
    met_on = first.reindex(tables.clients["client_id"]).reset_index(drop=True)
    days = (met_on - tables.clients["referred_on"]).dt.days.to_numpy(float)
    return MetricSample.from_values(np.arange(len(days)), np.where(days >= 0, days, np.nan))


def _sample_exposure(seen: AuditInputs) -> MetricSample:
    got, due = (
        seen.lists.exposure_by_weight[seen.desk.clinic.config.settings.newcomer_turns],
        seen.lists.random_exposure,
    )
    rows = np.flatnonzero(due > 0)
    return MetricSample.from_values(rows, got[rows] / due[rows], weight=due[rows])


def _sample_clients_met(seen: AuditInputs) -> MetricSample:
    tables = seen.desk.tables
    met = tables.outcomes.groupby("therapist_id")["client_id"].nunique()
    counts = met.reindex(tables.therapists["therapist_id"], fill_value=0 if len(met) else np.nan)
    return MetricSample.from_values(np.arange(len(counts)), np.asarray(counts, dtype=np.float64))


def _sample_open_slots(seen: AuditInputs) -> MetricSample:
    slots = seen.desk.sides.convert_to_numbers("therapist", "open_slots")
    return MetricSample.from_values(np.arange(len(slots)), slots)


GROUP_METRICS: tuple[GroupMetric, ...] = (
    GroupMetric("candidates", "client", "mean", "therapists", "Therapists who can be offered",
           "Mean number of therapists who pass every rule for a client.",
           "A wish called a must, a rare language or a payer few accept leaves fewer; so does a cell nobody filled in.",
           _sample_from_lists(lambda lists: lists.n_candidates)),
    GroupMetric("nobody", "client", "share", "percent", "Nobody can be offered",
           "Clients for whom no therapist on the roster passes every rule.",
           "It depends on who is on the roster today, and on what rules make of an unknown cell.",
           _sample_from_lists(lambda lists: (lists.n_candidates == 0).astype(float))),
    GroupMetric("few", "client", "share", "percent", "Fewer than a shortlist",
           "Clients for whom fewer can be offered than a shortlist shows, those with nobody among them.",
           "A short list is no fault of a list whose first place suits.",
           _sample_short_lists),
    GroupMetric("wishes", "client", "share", "percent", "Wishes honoured at the first place",
           "Of the wishes a client states, the share that the first place is known to honour, averaged over clients "
           "with a wish. Where nobody can be offered, none is.",
           "A must or a never is a rule, and so is always honoured where anybody can be offered. What the roster does "
           "not say is not honoured.",
           _sample_from_lists(lambda lists: np.where(lists.n_wishes_stated > 0, lists.n_wishes_honoured / np.maximum(lists.n_wishes_stated, 1), np.nan))),
    GroupMetric("expected", "client", "mean", "points", "Expected early alliance of the first place",
           "What the model expects of the first place, where anybody can be offered.",
           "Most of it is what the intake says about any therapist, which no list can change: a group that expects "
           "less of therapy has less here whoever is offered.",
           _sample_expected),
    GroupMetric("pair", "client", "mean", "points", "Of it, what the choice brings",
           "The same without the client's baseline: effects of the pair, trees, and the therapist's own part.",
           "It is what the model expects, and not more certain than its verdict.",
           lambda seen: MetricSample.from_values(seen.lists.rows, seen.lists.score_above_baseline * seen.desk.points_per_pomp)),
    GroupMetric("rated", "client", "mean", "points", "Early alliance as rated",
           "Ratings in the outcomes, by clients who met somebody. Clients of one therapist vary together, and the "
           "interval knows it.",
           "Only those who came and filled in a form; who met whom was no lottery.",
           _sample_ratings),
    GroupMetric("missed", "client", "mean", "points", "Rated less expected",
           "How far ratings lie above what the live model, made without them, expected of these pairs. Above zero the "
           "model expects too little of a group, below zero too much.",
           "How the model is made was chosen on the same records, which flatters it a little.",
           _sample_residuals),
    GroupMetric("waited", "client", "mean", "days", "Days waited so far",
           "From referral to the day the tables speak of, for those who wait.",
           "Who left without being seen is not in the tables.",
           _sample_days_waited),
    GroupMetric("until_met", "client", "mean", "days", "Days from referral to the first rating",
           "For those who met somebody and have a dated rating.",
           "A first rating may come after the first session.",
           _sample_days_to_first_rating),
    GroupMetric("exposure", "therapist", "mean", "times", "Exposure beside a draw by lot",
           "Attention a group's places get, as a multiple of what it would get if each client's candidates were drawn "
           "by lot; 1 is the same. The first place counts 1, the second .63, the fifth .39, none beyond the shortlist.",
           "Lists go by expected alliance and wishes: a difference is not by itself unfair, and an equal share not by "
           "itself fair. Averaged over whose turn it is inside bands.",
           _sample_exposure, is_fixed=True),
    GroupMetric("met", "therapist", "mean", "clients", "Clients met",
           "Different clients in the outcomes.",
           "Not adjusted for hours worked or years here.",
           _sample_clients_met),
    GroupMetric("open_slots", "therapist", "mean", "clients", "Open slots",
           "How many more clients can start now, as the roster says.",
           "Roster rows may be old.",
           _sample_open_slots),
)  # fmt: skip
