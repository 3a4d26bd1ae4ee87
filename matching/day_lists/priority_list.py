"""The waiting list as records: by priority, then by wait, with the first candidate of each client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from attune_fit.matching.day_lists.client_states import OpenOffer, WaitingState

SORT_ORDERS = ("priority", "wait", "client_id", "state")


@dataclass(frozen=True)
class WaitingClient:
    """One client who has no therapist yet.

    Attributes
    ----------
    client_id : str
    priority : {"urgent", "soon", "routine"} or None
        None where the clinic states none; sorted with "routine".
    days_waited : int or None
        Days from ``clients.referred_on`` to the day of the tables, >= 0; after an earlier therapy, from its end. None
        where unknown.
    state : str
        One of :data:`WAITING_STATES`.
    since : date or None
        The day on which the state began: of the referral, the offer, its answer, or its last day. None where unknown.
    due_on : date or None
        The last day of an open offer; for a client without one, the day on which the wait is longer than
        ``assign.overdue_weeks``. None where unknown, and once an offer is accepted.
    problems : tuple of str
        Presenting problems, the main one first; empty where unknown.
    candidates : int
        Therapists on the client's list; after an earlier therapy, without those whom the client has met.
    first : str or None
        Id of the first candidate; None without a candidate.
    first_wishes_met, first_wishes_stated : int or None
        Wishes that the first candidate is known to meet, and wishes that the client states. The first is None without a
        candidate.
    offers : tuple of OpenOffer
        Open and accepted offers of the client.
    note : str
        What to know about the state, such as who declined; empty for nothing.
    """

    client_id: str
    priority: str | None
    days_waited: int | None
    state: WaitingState
    since: dt.date | None
    due_on: dt.date | None
    problems: tuple[str, ...]
    candidates: int
    first: str | None
    first_wishes_met: int | None
    first_wishes_stated: int
    offers: tuple[OpenOffer, ...]
    note: str


@dataclass(frozen=True)
class PriorityList:
    """The clients without a therapist that were asked for, and how many there are in all.

    Attributes
    ----------
    as_of : date
        Day of the tables.
    clients : tuple of WaitingClient
        In the order of ``sort``.
    total : int
        All clients without a therapist, whatever was asked for.
    matching : int
        Those of the state and the priority asked for, before ``start`` and ``most``.
    states, priorities : mapping of str to int
        Number of all clients by state and by priority, zeros included. Clients without a priority count under "".
    start : int
        How many matching clients come before the first one listed.
    """

    as_of: dt.date
    clients: tuple[WaitingClient, ...]
    total: int
    matching: int
    states: Mapping[str, int]
    priorities: Mapping[str, int]
    start: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON; days stay dates."""
        return asdict(self)
