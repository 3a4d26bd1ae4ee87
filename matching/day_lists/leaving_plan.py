"""The plan for a therapist who leaves: for each of the clients the next therapist, and the events that record it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

MoveKind = Literal["therapy", "offer"]


@dataclass(frozen=True)
class LeavingMove:
    """One client of the therapist, and where the client can go.

    Attributes
    ----------
    client_id : str
    kind : {"therapy", "offer"}
        Whether the client is in therapy with the therapist, or has an open or accepted offer.
    therapist_id : str or None
        The therapist to whom the client can move; None without one.
    rank : int or None
        Place of that therapist on the client's list, from 1; None without one.
    candidates : int
        Therapists whom no rule but that of openings excludes; the therapist who leaves is not counted.
    why : str
        Why there is no therapist, as a sentence; empty where there is one.
    """

    client_id: str
    kind: MoveKind
    therapist_id: str | None
    rank: int | None
    candidates: int
    why: str


@dataclass(frozen=True)
class LeavingPlan:
    """The plan for a therapist who leaves; nothing of it is recorded yet.

    Attributes
    ----------
    as_of : date
        Day of the tables.
    therapist_id : str
        The therapist who leaves.
    moves : tuple of LeavingMove
        By client id: one for each client in therapy and for each open offer.
    unclear : tuple of str
        Ids of clients whose last record with the therapist is older than ``follow_up.recent`` days, by id. It is not
        known whether they are still in therapy, so they are not moved.
    events : tuple of mapping
        Drafts for :meth:`record_all`, in order; the last one sets the therapist's openings to 0. A client in therapy
        without another therapist stays: no event.
    version : int
        Number of the last event of the journal that the plan knows; 0 without one. It is ``expected`` of
        :meth:`record_all`.
    """

    as_of: dt.date
    therapist_id: str
    moves: tuple[LeavingMove, ...]
    unclear: tuple[str, ...]
    events: tuple[Mapping[str, Any], ...]
    version: int

    def to_dict(self) -> dict[str, Any]:
        """Return the plan in the types of JSON; days stay dates."""
        return {**asdict(self), "events": [dict(event) for event in self.events]}
