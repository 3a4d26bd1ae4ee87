"""Lists of a trial: who can take part, the list of each arm, and the allocation, sealed before anyone sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_ends import read_journal_ends
from attune_fit.matching.ranking.rank import find_row, rank, rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking.trial_orders import TRIAL_ORDERS, UNCHANGED_ORDER, change_order
from attune_fit.matching.ranking_log import log_rankings
from attune_fit.training.trials.allocation import draw_list_seed
from attune_fit.training.trials.trial_records import check_plan_columns, find_client_stratum
from attune_fit.training.trials.trial_registry import append_allocation, check_can_allocate, read_trials

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession
    from attune_fit.matching.ranking.ranking_result import Candidate, Ranking
    from attune_fit.training.trials.sealed_trial import Allocation, Trial
    from attune_fit.training.trials.trial_plan import TrialPlan

MIN_THERAPISTS = 2  # that the arms can put in different orders
MAX_CLIENTS = 200  # waiting clients from whose lists the model's own expectation is computed


@dataclass(frozen=True)
class AllocatedList:
    """The list of an allocated client.

    Attributes
    ----------
    trial : Trial
    allocation : Allocation
        It holds the arm, which no command prints: the coordinator offers without knowing it.
    ranking : Ranking
        The list in the order of the arm, on the tables of now.
    is_new : bool
        False if the client was allocated before: the arm is the same, and nothing was added.
    """

    trial: Trial
    allocation: Allocation
    ranking: Ranking
    is_new: bool

    @property
    def shown(self) -> Sequence[Candidate]:
        """The candidates to show, in the order of the arm."""
        return self.ranking.candidates[: self.ranking.shortlist]

    @property
    def summary(self) -> str:
        """The list in one line."""
        state = "allocated" if self.is_new else f"allocated before, on {self.allocation.when[:10]}"
        first = self.ranking.arrays.therapist_ids[0]
        return f"{self.allocation.client_id} in {self.trial.plan.name}: {state}; offer {first} first"

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON, without the arm, the order and the scores, which show the arm."""
        return {
            "trial": self.trial.plan.name,
            "client_id": self.allocation.client_id,
            "is_new": self.is_new,
            "when": self.allocation.when,
            "therapists": [
                {"position": one.position, "therapist_id": one.therapist_id,
                 "wishes": [asdict(wish) for wish in one.wishes],
                 "caution": format_caution(one) or None}
                for one in self.shown
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class ExpectedDifference:
    """What the model itself expects of a trial, on the lists of the clients who wait now.

    Attributes
    ----------
    points : float
        Expected alliance with the first place, first arm minus second, mean over clients; points of the instrument.
    sd : float
        The same in SD of the clinic's outcomes; NaN where they are too few.
    n_clients, n_waiting : int
        Clients who could take part, of those looked at.
    """

    points: float
    sd: float
    n_clients: int
    n_waiting: int


def format_caution(candidate: Candidate) -> str:
    """Return the caution of a candidate as a sentence; empty without one."""
    return str(vars(candidate.caution)["says"]) if candidate.caution else ""


def allocate_client(session: ClinicSession, trial: Trial, client_id: str) -> tuple[AllocatedList, tuple[str, ...]]:
    """Allocate a waiting client, seal the allocation, log the list; return the list and the notes.

    A client who was allocated before keeps the arm. The list is then that of the tables of now: a therapist who is
    ruled out since then is no longer on it.

    Raises
    ------
    DataFault
        If the client cannot take part; see :func:`rank_arms`. Or if a column of the plan was removed. Nothing is
        written then.
    OSError
        If the allocation cannot be sealed. Nothing is shown then.
    """
    clinic, tables = session.clinic, session.tables
    check_plan_columns(trial.plan, tables)  # a column can have been removed since the plan was sealed
    known = trial.find_allocation(client_id)
    if known is None:
        check_can_allocate(read_trials(clinic.artifacts), trial, client_id)
    rankings = rank_arms(session, trial, client_id, is_allocated=known is not None)
    ends = read_journal_ends(clinic)  # before the allocation: a journal that cannot be read stops it
    trial, allocation, is_new = append_allocation(
        clinic.artifacts, trial.plan.name, client_id, find_client_stratum(trial.plan, trial.seed, tables, client_id),
        lambda arm: _describe_list(rankings[arm], tables.last_event), ends,
    )  # fmt: skip
    ranking = rankings[[arm.name for arm in trial.plan.arms].index(allocation.arm)]
    kind = "rank" if allocation.order == UNCHANGED_ORDER else allocation.order
    note = log_rankings(clinic, [ranking], kind=kind, events=tables.last_event)
    return AllocatedList(trial, allocation, ranking, is_new), (note,) if note else ()


def rank_arms(session: ClinicSession, trial: Trial, client_id: str, *, is_allocated: bool) -> list[Ranking]:
    """Rank for a client once, and return the list of each arm.

    Raises
    ------
    DataFault
        If no client has the id, the client is set aside, does not wait, or has too few therapists for the orders to
        differ. The last is no fault for a client who is allocated already and has one therapist left.
    """
    row = find_row(session.tables, "clients", client_id)
    session.check_not_set_aside(client_id)
    name = trial.plan.name
    if row not in session.snapshot.waiting_rows:
        message = f"client {client_id} does not wait: there is an offer, a therapist, or no wish for therapy here"
        fix = "Only clients who wait are allocated. See: attune waiting CLINIC."
        raise DataFault.error("trial-client-not-waiting", "clients", "client_id", message, fix=fix)
    seed = draw_list_seed(trial.seed, client_id)
    ranking = rank(build_seeded_scorer(session, seed), client_id)
    least = 1 if is_allocated else MIN_THERAPISTS
    if count_comparable(ranking, trial.plan) < least:
        where = "in the first band" if trial.plan.compares_first_band else "on the list"
        message = f"client {client_id} cannot take part in `{name}`: fewer than {least} therapists {where}"
        fix = "The arms would show the same list. Use `attune rank`."
        raise DataFault.error("trial-list-too-short", "trials", "", message, fix=fix)
    return [change_order(ranking, arm.order) for arm in trial.plan.arms]


def build_seeded_scorer(session: ClinicSession, seed: int) -> RosterScorer:
    """Return a scorer with a seed of its own, which is not kept: each client of a trial has another one."""
    snapshot = session.snapshot
    return RosterScorer.from_clinic(snapshot.model, snapshot.clinic, snapshot.tables, seed, snapshot.sides)


def count_comparable(ranking: Ranking, plan: TrialPlan) -> int:
    """Count the therapists whose order differs between the arms: those of the first band, or all."""
    return int(np.sum(ranking.arrays.band == 1)) if plan.compares_first_band else len(ranking.arrays.therapist_ids)


def estimate_expected_difference(session: ClinicSession, plan: TrialPlan, sd_pomp: float) -> ExpectedDifference | None:
    """Return the difference of the first places that the model expects; None without a client who could take part.

    Parameters
    ----------
    session : ClinicSession
    plan : TrialPlan
    sd_pomp : float
        SD of the clinic's outcomes, POMP; NaN where unknown.
    """
    ids = session.list_client_ids(waiting_only=True)[:MAX_CLIENTS]
    scorer = session.get_scorer()
    found = [
        [_expect_first_place(ranking, arm.order) for arm in plan.arms]
        for ranking in rank_each(scorer, ids)
        if count_comparable(ranking, plan) >= MIN_THERAPISTS
    ]
    if not found:
        return None
    points = float(np.mean([first - second for first, second in found]))
    return ExpectedDifference(points, points / scorer.points_per_pomp / sd_pomp, len(found), len(ids))


def _expect_first_place(ranking: Ranking, order: str) -> float:
    """Return the expected alliance with the first place of an order, in points; a random order has the mean."""
    points, band = ranking.arrays.points[:, 0], ranking.arrays.band
    if order == "all_at_random":
        return float(points.mean())
    if order == "first_band_at_random":
        return float(points[band == 1].mean())
    return float(points[TRIAL_ORDERS[order](ranking)[0]])


def _describe_list(ranking: Ranking, events: int) -> Mapping[str, Any]:
    """Return the fields of an allocation that depend on the list."""
    return {
        "seed": ranking.seed,
        "shown": ranking.arrays.therapist_ids[: ranking.shortlist],
        "data": ranking.data,
        "bundle": ranking.bundle,
        "policy": ranking.policy,
        "as_of": ranking.as_of,
        "events": events,
    }
