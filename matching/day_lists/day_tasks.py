"""Find the tasks of a coordinator's day: one function for each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.clinic.pair_states import Pair
from attune_fit.data.journal.events.reason_codes import DROPPED_OUT
from attune_fit.matching.day_lists.client_states import ClientStatus, WaitingState, list_client_states
from attune_fit.matching.day_lists.current_pairs import CurrentPairs, list_current_pairs
from attune_fit.matching.day_lists.day_list import DAYS_OF_WEEK, DayTask, Due
from attune_fit.matching.day_lists.fitting_clients_builder import check_therapists
from attune_fit.matching.day_lists.freed_openings import find_freed_openings
from attune_fit.matching.day_lists.latest_events import LatestEvents
from attune_fit.matching.day_lists.priority_list_builder import find_first_candidates
from attune_fit.matching.day_lists.roster_list_builder import build_roster_list
from attune_fit.matching.follow_up.alliance_flags import FLAGS
from attune_fit.matching.follow_up.follow_up import FollowUpPair, follow_up

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_state import JournalState
    from attune_fit.matching.day_lists.roster_list import RosterList
    from attune_fit.matching.ranking.scored_roster import RosterScorer

ACTIONS = {flag.name: f"{flag.description}. To do: {flag.action}" for flag in FLAGS}


@dataclass(frozen=True)
class ClinicDay:
    """The state of a clinic on one day, as the tasks need it; each part is computed once.

    Attributes
    ----------
    scorer : RosterScorer
    journal : JournalState
        Of the same tables.
    exported : Tables
        The tables without the journal.
    """

    scorer: RosterScorer
    journal: JournalState
    exported: Tables

    @property
    def config(self) -> Config:
        """The settings of the clinic."""
        return self.scorer.clinic.config

    @property
    def today(self) -> dt.date:
        """The day of the tables."""
        return self.scorer.tables.as_of

    @property
    def end_of_week(self) -> dt.date:
        """The last day of the week that begins today."""
        return self.today + dt.timedelta(days=DAYS_OF_WEEK - 1)

    @cached_property
    def latest(self) -> LatestEvents:
        """The latest events about each person and pair."""
        return LatestEvents.from_journal(self.journal)

    @cached_property
    def statuses(self) -> list[ClientStatus]:
        """The states of the clients without a therapist."""
        return list_client_states(self.scorer.clinic, self.scorer.tables, self.latest)

    @cached_property
    def roster(self) -> RosterList:
        """The whole roster."""
        return build_roster_list(self.scorer.clinic, self.scorer.sides, self.latest)

    @cached_property
    def current_pairs(self) -> CurrentPairs:
        """The pairs in therapy now."""
        return list_current_pairs(self.scorer.clinic, self.scorer.tables, self.latest)

    @cached_property
    def follow_up_pairs(self) -> tuple[FollowUpPair, ...]:
        """The pairs that a follow-up flags, the most urgent first."""
        return follow_up(self.scorer.clinic, self.scorer.tables).pairs

    def choose_due(self, day: dt.date) -> Due | None:
        """Return whether a day is past, today, or within the next days; None for a later day."""
        days = (day - self.today).days
        if days < 0:
            return "overdue"
        return "today" if not days else "this week" if days < DAYS_OF_WEEK else None

    def find_next_therapists(self, state: WaitingState) -> Iterator[tuple[ClientStatus, str | None]]:
        """Yield each client in a state, with the id of the first candidate; None without one."""
        some = [status for status in self.statuses if status.state == state]
        rows = find_first_candidates(self.scorer, np.array([one.row for one in some], dtype=np.intp)).therapist_rows
        for status, row in zip(some, rows.tolist(), strict=True):
            yield status, None if row < 0 else str(self.scorer.therapist_ids[row])


def find_weak_pairs(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each pair with a weak early alliance."""
    yield from _find_flagged(day, "weak", "weak-alliance")


def find_early_leavers(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each client who left early; not where the pair ended later for another reason."""
    ended = day.scorer.tables.pair_states.ended
    for task in _find_flagged(day, "dropped_out", "left-early"):
        pair = Pair(str(task.client_id), str(task.therapist_id))
        if pair not in ended or day.latest.of_pairs[("ended", pair)].fields["reason"] == DROPPED_OUT:
            yield task


def _find_flagged(day: ClinicDay, flag: str, kind: str) -> Iterator[DayTask]:
    for pair in day.follow_up_pairs:
        if flag in pair.flags:
            action = f"{pair.client_id} with {pair.therapist_id}: {ACTIONS[flag]}."
            since = _find_start(day, pair)
            yield DayTask("today", day.today, kind, pair.client_id, pair.therapist_id, since, action)


def find_due_checks(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each check of early alliance that is overdue, or due within the week."""
    for pair in day.follow_up_pairs:
        flag = next((name for name in ("missing", "due") if name in pair.flags), None)
        if flag is None:
            continue
        since = _find_start(day, pair)
        due_on = None if since is None else since + dt.timedelta(days=day.config.follow_up.days)
        if flag == "missing":
            due: Due | None = "overdue"
            due_on = None if due_on is None else min(due_on, day.today)  # the session can come before the day
        else:
            due = "this week" if due_on is None else day.choose_due(due_on)
        if due is not None:
            action = f"{pair.client_id} with {pair.therapist_id}: {ACTIONS[flag]}."
            yield DayTask(due, due_on, "check-due", pair.client_id, pair.therapist_id, since, action)


def _find_start(day: ClinicDay, pair: FollowUpPair) -> dt.date | None:
    """Return the day on which a pair began; None where unknown."""
    return None if pair.days is None else day.today - dt.timedelta(days=pair.days)


def find_due_rematches(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each client whose therapy ended so that another therapist is needed, until there is an offer."""
    ends = day.latest.list_ends_without_offer()
    current = {pair.client_id for pair in day.current_pairs.current} if ends else set()
    gone = day.scorer.tables.pair_states.withdrawn | current
    known = day.scorer.rows_of_clients
    for end in ends:
        client, therapist = str(end.client_id), str(end.therapist_id)
        if client in known and client not in gone:
            action = f"{client} needs another therapist: the therapy with {therapist} ended on {end.on}."
            yield DayTask("today", day.today, "rematch-due", client, therapist, end.on, action)


def find_ending_offers(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each open offer that ends within the week."""
    for offer in day.scorer.tables.pair_states.offers:
        due = None if offer.state != "offered" or offer.until is None else day.choose_due(offer.until)
        if due is not None:
            client, therapist, state, until = offer
            action = f"The offer of {therapist} to {client} ends on {until}. Ask {client} for an answer."
            yield DayTask(
                due, until, "offer-ends", client, therapist, day.latest.find_day(state, client, therapist), action
            )


def find_expired_offers(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each client whose last offer expired without an answer."""
    for status, therapist_id in day.find_next_therapists("offer expired"):
        client = status.client_id
        again = f"Ask {client}, and offer again. First on the list: {therapist_id}."
        none = f"No therapist is available for {client} now."
        action = f"The offer of {status.therapist_id} to {client} expired after {status.until}."
        action = f"{action} {again if therapist_id else none}"
        yield DayTask("overdue", status.until, "offer-expired", client, status.therapist_id, status.since, action,
                      therapist_id)  # fmt: skip


def find_declined_clients(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each client whose last offer was declined: who is next in line."""
    for status, therapist_id in day.find_next_therapists("declined"):
        client = status.client_id
        following = f"Next in line: {therapist_id}." if therapist_id else f"No therapist is available for {client} now."
        action = f"The offer of {status.therapist_id} to {client} was declined. {following}"
        yield DayTask("today", day.today, "client-declined", client, status.therapist_id, status.since, action,
                      therapist_id)  # fmt: skip


def find_missing_starts(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each accepted offer without a start after ``journal.offer_days`` days: it holds an opening."""
    for offer in day.scorer.tables.pair_states.offers:
        since = day.latest.find_day("accepted", *offer[:2]) if offer.state == "accepted" else None
        if since is None:
            continue
        due_on = since + dt.timedelta(days=day.config.journal.offer_days)
        if due_on < day.today:
            client, therapist = offer.client_id, offer.therapist_id
            action = f"{client} accepted {therapist} on {since}. Record the start, or the decline."
            yield DayTask("overdue", due_on, "start-missing", client, therapist, since, action)


def find_fitting_openings(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each therapist with an opening that became free lately and fits a waiting client."""
    freed = find_freed_openings(day.journal, day.exported, DAYS_OF_WEEK)
    rows = {row.therapist_id: row for row in day.roster.therapists if row.state == "open" and row.therapist_id in freed}
    places = {therapist_id: place for place, therapist_id in enumerate(day.scorer.therapist_ids)}
    clients = [status.row for status in day.statuses if status.is_waiting]
    therapists = np.array([places[therapist_id] for therapist_id in rows], dtype=np.intp)
    counts = check_therapists(day.scorer, clients, therapists).is_eligible.sum(axis=0)
    for (therapist_id, row), number in zip(rows.items(), counts.tolist(), strict=True):
        if number:
            openings = "1 opening" if row.openings == 1 else f"{row.openings} openings"
            has = "1 waiting client has" if number == 1 else f"{number:,} waiting clients have"
            action = f"{therapist_id} has {openings}. {has} {therapist_id} on the list."
            yield DayTask("today", day.today, "opening-freed", None, therapist_id, freed[therapist_id], action,
                          n_clients=number)  # fmt: skip


def find_old_rows(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each roster row that was checked too long ago; it can wait until the end of the week."""
    for row in day.roster.therapists:
        if row.state == "stale":
            action = f"The row of {row.therapist_id} was checked {row.age_days} days ago. Ask for openings and hours."
            yield DayTask(
                "this week", day.end_of_week, "roster-row-old", None, row.therapist_id, row.checked_on, action
            )


def find_long_waits(day: ClinicDay) -> Iterator[DayTask]:
    """Yield a task for each client without an event for more than ``assign.overdue_weeks``: ask what they want.

    It can wait until the end of the week. Clients whose referral has no day and who have no event are left out: it is
    not known how long they wait.
    """
    limit = dt.timedelta(weeks=day.config.assign.overdue_weeks)
    for status in day.statuses:
        known = [one for one in (status.since, day.latest.days_of_clients.get(status.client_id)) if one is not None]
        if status.state != "waiting" or not known:
            continue
        since = max(known)
        if day.today - since > limit:
            days = (day.today - since).days
            action = f"{status.client_id} waits without news for {days} days. Ask whether therapy is still wanted."
            yield DayTask("this week", day.end_of_week, "still-wanted", status.client_id, None, since, action)


TASK_FINDERS: Mapping[str, Callable[[ClinicDay], Iterator[DayTask]]] = {  # by the kind of the tasks that each yields
    "weak-alliance": find_weak_pairs,
    "left-early": find_early_leavers,
    "rematch-due": find_due_rematches,
    "offer-ends": find_ending_offers,
    "offer-expired": find_expired_offers,
    "client-declined": find_declined_clients,
    "start-missing": find_missing_starts,
    "opening-freed": find_fitting_openings,
    "check-due": find_due_checks,
    "roster-row-old": find_old_rows,
    "still-wanted": find_long_waits,
}


def list_tasks(day: ClinicDay) -> Sequence[DayTask]:
    """List all tasks of the day, in no order."""
    return [task for find in TASK_FINDERS.values() for task in find(day)]
