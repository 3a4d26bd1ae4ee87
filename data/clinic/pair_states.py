"""States of pairs that no table can hold: offers, declines, ends, and starts on the day of a roster check.

It comes from the journal, see :mod:`data.journal`. Without a journal it is empty.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Literal, NamedTuple

OfferState = Literal["offered", "accepted"]


class Pair(NamedTuple):
    """A client and a therapist, by id."""

    client_id: str
    therapist_id: str


class Offer(NamedTuple):
    """An offer that holds one opening of the therapist until it is answered, expires or leads to a start.

    Attributes
    ----------
    client_id, therapist_id : str
    state : {"offered", "accepted"}
    until : date or None
        Last day on which the client can accept; None once accepted.
    """

    client_id: str
    therapist_id: str
    state: OfferState
    until: dt.date | None


@dataclass(frozen=True)
class PairStates:
    """The states of pairs on the day of the tables.

    Attributes
    ----------
    offers : tuple of Offer
        Open and accepted offers, sorted. A client with one of them does not wait.
    expired : tuple of Offer
        Offers whose last day is before the day of the tables, without an answer; sorted.
    declined : frozenset of Pair
        Pairs whose last offer was declined by the client or the therapist. No conflict: a new offer lifts it.
    ended : frozenset of Pair
        Pairs that started and ended.
    withdrawn : frozenset of str
        Ids of clients who no longer seek therapy here, as their last decline has it; they do not wait. A later offer or
        start of the client lifts it.
    starts_since_check : frozenset of Pair
        Pairs that started after the last check of the therapist's row, although the dates do not show it: both were on
        one day, or the row has no date. Each uses an opening.
    """

    offers: tuple[Offer, ...] = ()
    expired: tuple[Offer, ...] = ()
    declined: frozenset[Pair] = frozenset()
    ended: frozenset[Pair] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    starts_since_check: frozenset[Pair] = frozenset()

    def serialize(self) -> bytes:
        """Return the states as bytes for a digest; empty where there are none. Equal states have equal bytes."""
        states = {
            "offers": [[*offer[:3], offer.until.isoformat() if offer.until else None] for offer in self.offers],
            "declined": sorted(self.declined),
            "ended": sorted(self.ended),
            "withdrawn": sorted(self.withdrawn),
            "starts_since_check": sorted(self.starts_since_check),
        }  # not the expired offers: they change nothing
        return json.dumps(states, sort_keys=True).encode() if any(states.values()) else b""
