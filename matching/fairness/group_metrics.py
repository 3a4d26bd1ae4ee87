"""The metrics compared between groups: one row for each metric of clients or of therapists."""

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
    from attune_fit.features.sides import Side

MetricUnit = Literal["percent", "therapists", "points", "days", "times", "clients"]


@dataclass(frozen=True)
class HeldOutResiduals:
    """Residuals of the active model on held-out records; arrays of one length.

    Attributes
    ----------
    client_rows, therapist_rows : arrays of int
        Rows of the tables.
    residuals : array
        Rated minus expected early alliance, in POMP. The model that gives the expectation did not see the record.
    """

    client_rows: Indices
    therapist_rows: Indices
    residuals: Floats


@dataclass(frozen=True)
class AuditInputs:
    """The inputs of every metric.

    Attributes
    ----------
    scorer : RosterScorer
    lists : ListMetrics
        Of the ranked clients.
    waiting_rows : array of int
        Rows of the waiting clients.
    early_alliance : DataFrame
        From :func:`compute_early_alliance`.
    held_out : HeldOutResiduals or None
        None if the active model has no held-out records.
    """

    scorer: RosterScorer
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
        Whether groups of clients or of therapists are compared.
    kind : {"share", "mean"}
        Selects the interval; see :func:`estimate_group`.
    unit : str
    title : str
        The name as a heading.
    description : str
        What the metric measures.
    caution : str
        What it does not measure, or other possible causes of a difference.
    function : callable
        Takes :class:`AuditInputs`, returns a :class:`MetricSample`; an empty sample where nothing was measured.
    is_fixed : bool
        Whether the metric of all people together is fixed by construction, so that it has no interval.
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
    return lambda inputs: MetricSample.from_values(inputs.lists.rows, values(inputs.lists))


def _compute_wish_share(lists: ListMetrics) -> Floats:
    """Return the share of each client's wishes that the first candidate meets; NaN for clients without wishes."""
    share = lists.n_wishes_honoured / np.maximum(lists.n_wishes_stated, 1)
    return np.where(lists.n_wishes_stated > 0, share, np.nan)


def _sample_short_lists(inputs: AuditInputs) -> MetricSample:
    shortlist = inputs.scorer.clinic.config.settings.shortlist
    return MetricSample.from_values(inputs.lists.rows, (inputs.lists.n_candidates < shortlist).astype(float))


def _sample_expected(inputs: AuditInputs) -> MetricSample:
    points = np.asarray(inputs.scorer.instrument.to_points(inputs.lists.expected_score), dtype=float)
    return MetricSample.from_values(inputs.lists.rows, points)


def _sample_pair_part(inputs: AuditInputs) -> MetricSample:
    points = inputs.lists.score_above_baseline * inputs.scorer.points_per_pomp
    return MetricSample.from_values(inputs.lists.rows, points)


def _sample_ratings(inputs: AuditInputs) -> MetricSample:
    points = np.asarray(
        inputs.scorer.main_instrument.to_points(inputs.early_alliance["pomp"].to_numpy(float)), dtype=float
    )
    client, therapist = (inputs.early_alliance[f"{side}_row"].to_numpy(np.intp) for side in ("client", "therapist"))
    return MetricSample.from_values(client, points, cluster=therapist)


def _sample_residuals(inputs: AuditInputs) -> MetricSample:
    if inputs.held_out is None:
        return MetricSample.from_values(np.empty(0, dtype=np.intp), np.empty(0))
    held_out = inputs.held_out
    return MetricSample.from_values(
        held_out.client_rows, held_out.residuals * inputs.scorer.points_per_pomp, cluster=held_out.therapist_rows
    )


def _sample_days_waited(inputs: AuditInputs) -> MetricSample:
    clients = inputs.scorer.tables.clients
    days = (pd.Timestamp(inputs.scorer.tables.as_of) - clients["referred_on"]).dt.days.to_numpy(float)[
        inputs.waiting_rows
    ]
    return MetricSample.from_values(inputs.waiting_rows, np.where(days >= 0, days, np.nan))


def _sample_days_to_first_rating(inputs: AuditInputs) -> MetricSample:
    tables = inputs.scorer.tables
    first_rating_on = tables.outcomes.groupby("client_id")["measured_on"].min()
    first_rating_on = first_rating_on.reindex(tables.clients["client_id"]).reset_index(drop=True)
    days = (first_rating_on - tables.clients["referred_on"]).dt.days.to_numpy(float)
    return MetricSample.from_values(np.arange(len(days)), np.where(days >= 0, days, np.nan))


def _sample_exposure(inputs: AuditInputs) -> MetricSample:
    weight = inputs.scorer.clinic.config.settings.newcomer_weight
    exposure, expected = inputs.lists.exposure_by_weight[weight], inputs.lists.random_exposure
    rows = np.flatnonzero(expected > 0)
    return MetricSample.from_values(rows, exposure[rows] / expected[rows], weight=expected[rows])


def _sample_clients_met(inputs: AuditInputs) -> MetricSample:
    tables = inputs.scorer.tables
    met = tables.outcomes.groupby("therapist_id")["client_id"].nunique()
    counts = met.reindex(tables.therapists["therapist_id"], fill_value=0 if len(met) else np.nan)
    return MetricSample.from_values(np.arange(len(counts)), np.asarray(counts, dtype=np.float64))


def _sample_open_slots(inputs: AuditInputs) -> MetricSample:
    slots = inputs.scorer.sides.count_openings()
    return MetricSample.from_values(np.arange(len(slots)), slots)


GROUP_METRICS: tuple[GroupMetric, ...] = (
    GroupMetric("candidates", "client", "mean", "therapists", "Available therapists",
           "Mean number of therapists who pass every rule for a client.",
           "A must wish, a rare language, or a payer that few therapists accept reduces it; so does an empty cell.",
           _sample_from_lists(lambda lists: lists.n_candidates)),
    GroupMetric("no_candidate", "client", "share", "percent", "No therapist available",
           "Share of clients for whom no therapist on the roster passes every rule.",
           "It depends on today's roster, and on what the rules do with empty cells.",
           _sample_from_lists(lambda lists: (lists.n_candidates == 0).astype(float))),
    GroupMetric("few", "client", "share", "percent", "Fewer than a shortlist",
           "Share of clients with fewer available therapists than a shortlist shows, including those with none.",
           "A short list can still have a good first therapist.",
           _sample_short_lists),
    GroupMetric("wishes", "client", "share", "percent", "Wishes met by the first therapist",
           "Share of a client's wishes that the first therapist on the list is known to meet, averaged over clients "
           "with a wish. It is 0 for a client without an available therapist.",
           "Every must and never wish is a rule, so an available therapist always meets it. If the roster has no "
           "value, the wish counts as not met.",
           _sample_from_lists(_compute_wish_share)),
    GroupMetric("expected", "client", "mean", "points", "Expected early alliance with the first therapist",
           "What the model expects for the first therapist on the list, for clients with an available therapist.",
           "Most of it comes from the client's intake and is the same for every therapist, so no list can change it. A "
           "group that expects less of therapy has a lower value with any therapist.",
           _sample_expected),
    GroupMetric("pair", "client", "mean", "points", "Part of it that depends on the therapist",
           "The same without the client's baseline: effects of the pair, of the trees, and of the therapist.",
           "It is an expectation of the model, and only as certain as the model's verdict.",
           _sample_pair_part),
    GroupMetric("rated", "client", "mean", "points", "Early alliance as rated",
           "Ratings in the outcomes. The interval takes into account that clients of one therapist vary together.",
           "Only clients who came and completed a form have a rating, and clients were not assigned at random.",
           _sample_ratings),
    GroupMetric("missed", "client", "mean", "points", "Rated minus expected",
           "How far ratings are above what the model expects for these pairs, on records that the model did not see. "
           "Above 0 the model expects too little for a group, below 0 too much.",
           "The training method was chosen on the same records, so the errors look a little too small.",
           _sample_residuals),
    GroupMetric("waited", "client", "mean", "days", "Days waited so far",
           "Days from referral to the date of the tables, for waiting clients.",
           "Clients who left before a first session are not in the tables.",
           _sample_days_waited),
    GroupMetric("until_met", "client", "mean", "days", "Days from referral to the first rating",
           "For clients with a dated rating.",
           "The first rating is sometimes later than the first session.",
           _sample_days_to_first_rating),
    GroupMetric("exposure", "therapist", "mean", "times", "Exposure relative to random order",
           "Attention that lists give to a group, as a multiple of what it would get if each client's candidates were "
           "in random order; 1 is the same. Rank 1 counts 1, rank 2 counts .63, rank 3 counts .39, ranks beyond the "
           "shortlist count 0.",
           "Lists are ordered by expected alliance and wishes. A difference is not unfair by itself, and an equal "
           "share is not fair by itself. The value is the mean over random tie-breaks inside bands.",
           _sample_exposure, is_fixed=True),
    GroupMetric("met", "therapist", "mean", "clients", "Clients met",
           "Number of different clients in the outcomes.",
           "Not adjusted for hours worked or years at the clinic.",
           _sample_clients_met),
    GroupMetric("open_slots", "therapist", "mean", "clients", "Open slots",
           "How many more clients the therapist can take now, by the roster.",
           "Roster rows might be out of date.",
           _sample_open_slots),
)  # fmt: skip
