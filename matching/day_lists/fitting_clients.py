"""Waiting clients who have one therapist on their list, by priority, then by wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from attune_fit.matching.day_lists.client_states import WaitingState


@dataclass(frozen=True)
class FittingClient:
    """One waiting client who has the therapist on the list.

    Attributes
    ----------
    client_id : str
    priority, days_waited, state, problems
        As in :class:`WaitingClient`.
    rank, band : int
        Place and band of the therapist on the client's list, from 1.
    candidates : int
        Therapists on the client's list.
    wishes_met, wishes_stated : int
        Wishes that the therapist is known to meet, and wishes that the client states.
    """

    client_id: str
    priority: str | None
    days_waited: int | None
    state: WaitingState
    problems: tuple[str, ...]
    rank: int
    band: int
    candidates: int
    wishes_met: int
    wishes_stated: int


@dataclass(frozen=True)
class FittingClients:
    """The waiting clients for one therapist.

    Attributes
    ----------
    as_of : date
        Day of the tables.
    therapist_id : str
    openings : int or None
        Further clients who can start now with the therapist; None where unknown.
    clients : tuple of FittingClient
        The first ones, by priority, then by wait.
    matching : int
        All waiting clients who have the therapist on their list.
    total : int
        All clients who wait.
    exclusion_counts : tuple of (str, int)
        For how many of the others each rule excludes the therapist, by short text, the most frequent first. One client
        counts under every rule that excludes the pair.
    """

    as_of: dt.date
    therapist_id: str
    openings: int | None
    clients: tuple[FittingClient, ...]
    matching: int
    total: int
    exclusion_counts: tuple[tuple[str, int], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON; days stay dates."""
        return asdict(self)
