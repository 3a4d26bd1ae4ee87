"""How far a trial is: clients allocated, offered, started and with an outcome, and the next look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.training.trials.trial_analysis import find_due_look

if TYPE_CHECKING:
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.training.trials.sealed_trial import Look, Trial
    from attune_fit.training.trials.trial_records import TrialRecords

OPEN_FIELDS = ("look", "n_first", "n_second", "boundary", "decision", "when")  # known while the trial goes on
ENDED, DUE, RUNNING = "ended", "look due", "running"


@dataclass(frozen=True)
class TrialStatus:
    """How far a trial is. No outcome is compared here, so that only planned looks compare the arms.

    Attributes
    ----------
    name, claim, planned_on : str
    state : str
        ``running``, ``look due`` or ``ended``.
    n_allocated : int
    allocated_by_arm : dict of str to int
        Empty while the trial goes on: two counts, before and after an allocation, would show the arm.
    n_offered, n_first_place : int
        Clients with an offer after the allocation, and of these, whose first offer was the first place of the list.
    n_started, n_outcomes : int
        Clients with a therapist, and with an outcome.
    next_look_at : int
        Outcomes at the next planned look; 0 if there is none.
    looks : tuple of Look
        The planned looks that were made.
    n_unplanned_looks : int
    """

    name: str
    claim: str
    planned_on: str
    state: str
    n_allocated: int
    allocated_by_arm: Mapping[str, int]
    n_offered: int
    n_first_place: int
    n_started: int
    n_outcomes: int
    next_look_at: int
    looks: tuple[Look, ...]
    n_unplanned_looks: int

    def to_dict(self) -> dict[str, Any]:
        """Return the status in the types of JSON; a look after which the trial goes on has no estimate."""
        looks = [asdict(look) if look.ends_trial else {name: vars(look)[name] for name in OPEN_FIELDS}
                 for look in self.looks]  # fmt: skip
        return {**vars(self), "looks": looks}


def build_trial_status(trial: Trial, records: TrialRecords, events: Iterable[JournalEvent]) -> TrialStatus:
    """Build the status of a trial.

    Parameters
    ----------
    trial : Trial
    records : TrialRecords
    events : iterable of JournalEvent
        Offers that were not taken back, in the order of their numbers.
    """
    due = find_due_look(trial, records.n_outcomes)
    offers = find_first_offers(trial, events)
    firsts = {one.client_id: one.shown[0] for one in trial.allocations if one.shown}
    arms = [one.arm for one in trial.allocations]
    state = ENDED if trial.has_ended else DUE if due.number else RUNNING
    return TrialStatus(
        trial.plan.name,
        trial.plan.claim,
        trial.when[:10],
        state,
        len(arms),
        {arm.name: arms.count(arm.name) for arm in trial.plan.arms} if trial.has_ended else {},
        len(offers),
        sum(firsts.get(client) == therapist for client, therapist in offers.items()),
        sum(one is not None for one in records.therapist_ids),
        records.n_outcomes,
        trial.plan.all_looks[due.number - 1] if due.number else due.next_at,
        trial.planned_looks,
        len(trial.looks) - len(trial.planned_looks),
    )


def find_first_offers(trial: Trial, events: Iterable[JournalEvent]) -> dict[str, str]:
    """Return the therapist of each client's first offer after the allocation, by client id."""
    since = {one.client_id: one.events for one in trial.allocations}
    offers: dict[str, str] = {}
    for event in events:
        client_id, therapist_id = event.client_id, event.therapist_id
        if client_id in since and therapist_id is not None and event.number > since[client_id]:
            offers.setdefault(client_id, therapist_id)
    return offers


def compute_adherence(trial: Trial, records: TrialRecords) -> dict[str, float | None]:
    """Return the share of clients who started with the first place of their list, by arm; None under 10 clients."""
    shares: dict[str, float | None] = {}
    for arm in trial.plan.arms:
        pairs = [
            (therapist, one.shown[0])
            for one, therapist in zip(trial.allocations, records.therapist_ids, strict=True)
            if one.arm == arm.name and therapist is not None and one.shown
        ]
        same = sum(therapist == first for therapist, first in pairs)
        shares[arm.name] = same / len(pairs) if len(pairs) >= MIN_GROUP_SIZE else None
    return shares


def count_without_outcome(trial: Trial, records: TrialRecords) -> dict[str, int]:
    """Return the allocated clients without an outcome, by arm."""
    is_missing = ~records.has_outcome
    return {arm.name: int(is_missing[records.arm == number].sum()) for number, arm in enumerate(trial.plan.arms)}
