"""The tasks of a coordinator's day as records, and the kinds of tasks: one row for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from attune_fit.matching.day_lists.priority_list import WaitingClient

Due = Literal["overdue", "today", "this week"]
DUE_ORDER: tuple[Due, ...] = ("overdue", "today", "this week")
DAYS_OF_WEEK = 7  # today is the first one


@dataclass(frozen=True)
class TaskKind:
    """One kind of task.

    Attributes
    ----------
    name : str
        Code of the kind.
    title : str
        Heading of several such tasks.
    """

    name: str
    title: str


TASK_KINDS: tuple[TaskKind, ...] = (  # tasks that are due together are in this order
    TaskKind("weak-alliance", "Early alliance is weak"),
    TaskKind("left-early", "Clients who left early"),
    TaskKind("rematch-due", "Clients who need another therapist"),
    TaskKind("offer-ends", "Offers that end"),
    TaskKind("offer-expired", "Offers that expired without an answer"),
    TaskKind("client-declined", "Declined offers: the next in line"),
    TaskKind("start-missing", "Accepted offers without a start"),
    TaskKind("opening-freed", "Openings that became free"),
    TaskKind("check-due", "Checks of early alliance"),
    TaskKind("roster-row-old", "Roster rows to check again"),
    TaskKind("still-wanted", "Ask whether therapy is still wanted"),
)


@dataclass(frozen=True)
class DayTask:
    """One thing to do.

    Attributes
    ----------
    due : {"overdue", "today", "this week"}
    due_on : date or None
        Day by which it has to be done; None where unknown.
    kind : str
        Name of a row of :data:`TASK_KINDS`.
    client_id, therapist_id : str or None
        Whom it is about; None where it is about no client, or no therapist.
    since : date or None
        Day since which there is something to do; None where unknown.
    action : str
        What to do, as a sentence.
    next_therapist_id : str or None
        The client's first candidate, where another offer is the next step; None without a candidate.
    n_clients : int or None
        For ``opening-freed``: waiting clients who have the therapist on their list.
    """

    due: Due
    due_on: dt.date | None
    kind: str
    client_id: str | None
    therapist_id: str | None
    since: dt.date | None
    action: str
    next_therapist_id: str | None = None
    n_clients: int | None = None


@dataclass(frozen=True)
class DayList:
    """What a coordinator has to do on one day.

    Attributes
    ----------
    as_of : date
        Day of the tables.
    counts : mapping of str to int
        ``waiting``: all clients without a therapist, the ``total`` of the waiting list. ``offers_ending``: tasks
        ``offer-ends``. ``checks_overdue``: tasks ``check-due`` that are overdue. ``weak_alliances``: tasks
        ``weak-alliance``. ``openings``: openings left of all therapists in the roster state ``open``, who are
        ``open_therapists``. ``stale_rows``: tasks ``roster-row-old``, and rows in the roster state ``stale``.
    tasks : tuple of DayTask
        Overdue first, then today, then this week; then by kind, by ``since``, and by ids.
    waiting : tuple of WaitingClient
        The first clients of the waiting list.
    """

    as_of: dt.date
    counts: Mapping[str, int]
    tasks: tuple[DayTask, ...]
    waiting: tuple[WaitingClient, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON; days stay dates."""
        return asdict(self)
