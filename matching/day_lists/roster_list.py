"""The roster as records: openings, offers, age and limits of each row. Never a score of a therapist."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from attune_fit.matching.day_lists.client_states import OpenOffer

RosterState = Literal["open", "full", "unknown", "stale", "set aside"]

ROSTER_STATES: dict[RosterState, str] = {  # what each means, for a person who filters the roster
    "open": "The therapist has an opening.",
    "full": "The therapist has no opening left.",
    "unknown": "The number of openings is not known.",
    "stale": "The row was checked too long ago: the therapist is on no list until it is checked again.",
    "set aside": "A cell that restricts the therapist cannot be read: on no list until it is corrected.",
}


@dataclass(frozen=True)
class RosterLimits:
    """What limits the clients of a therapist, as codes; an empty tuple means no limit, or an unknown cell.

    Attributes
    ----------
    age_groups, problems_not_taken, formats, availability : tuple of str
    """

    age_groups: tuple[str, ...]
    problems_not_taken: tuple[str, ...]
    formats: tuple[str, ...]
    availability: tuple[str, ...]


@dataclass(frozen=True)
class RosterRow:
    """One therapist of the roster.

    Attributes
    ----------
    therapist_id : str
    state : str
        One of :data:`ROSTER_STATES`; the last that applies, in their order.
    openings : int or None
        Further clients who can start now: ``open_slots`` less starts since the check, less offers. None where unknown.
    open_slots : int or None
        The number at the last check; None where unknown.
    offers : tuple of OpenOffer
        Open and accepted offers, each of which holds an opening.
    caseload : int or None
        Clients in therapy with the therapist, see :func:`list_current_pairs`; None where the clinic has no records.
    checked_on : date or None
        Day of the last check of the row; None where unknown.
    age_days : int or None
        Days since then, >= 0; None where unknown.
    is_stale : bool or None
        Whether that is more than ``settings.roster_stale_days``; None where unknown.
    limits : RosterLimits
    version : int
        Number of the last event of the journal about the therapist; 0 without one.
    """

    therapist_id: str
    state: RosterState
    openings: int | None
    open_slots: int | None
    offers: tuple[OpenOffer, ...]
    caseload: int | None
    checked_on: dt.date | None
    age_days: int | None
    is_stale: bool | None
    limits: RosterLimits
    version: int


@dataclass(frozen=True)
class RosterList:
    """The therapists that were asked for, and how many there are in all.

    Attributes
    ----------
    as_of : date
        Day of the tables.
    therapists : tuple of RosterRow
        By id.
    total : int
        All therapists, whatever was asked for.
    states : mapping of str to int
        Number of all therapists by state, zeros included.
    openings : int
        Openings left of all therapists in the state ``open``.
    """

    as_of: dt.date
    therapists: tuple[RosterRow, ...]
    total: int
    states: Mapping[str, int]
    openings: int

    def to_dict(self) -> dict[str, Any]:
        """Return the roster in the types of JSON; days stay dates."""
        return asdict(self)
