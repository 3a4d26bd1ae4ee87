"""The state of each client who has no therapist yet: exactly one, with the day on which it began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import pandas as pd

from attune_fit.data.cell_parsing import is_one_of
from attune_fit.data.clinic.pair_states import Offer, Pair
from attune_fit.data.clinic.waiting_clients import find_waiting_clients, list_offers_instead_of_waiting

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.matching.day_lists.latest_events import LatestEvents

UNREADABLE_NOTE = "a cell that restricts the client cannot be read"
_Record = TypeVar("_Record", Offer, Pair)
WaitingState = Literal["waiting", "offered", "accepted", "offer expired", "declined", "set aside"]

WAITING_STATES: dict[WaitingState, str] = {  # what each means, for a person who filters the list
    "waiting": "The client waits for a first offer.",
    "offered": "The client has an open offer.",
    "accepted": "The client accepted an offer and has not started.",
    "offer expired": "The last offer expired without an answer. The client waits again.",
    "declined": "The last offer was declined. The client waits again.",
    "set aside": "A cell that restricts the client cannot be read. The client is on no list until it is corrected.",
}


@dataclass(frozen=True)
class OpenOffer:
    """An open or accepted offer, which holds one opening of the therapist.

    Attributes
    ----------
    client_id, therapist_id : str
    state : {"offered", "accepted"}
    until : date or None
        Last day on which the client can accept; None once accepted.
    """

    client_id: str
    therapist_id: str
    state: str
    until: dt.date | None

    @classmethod
    def from_offer(cls, offer: Offer) -> OpenOffer:
        """Build the record of an offer in the tables."""
        return cls(*offer)


@dataclass(frozen=True)
class ClientStatus:
    """The state of one client who has no therapist yet.

    Attributes
    ----------
    row : int
        Row in the table `clients`.
    client_id : str
    state : str
        One of :data:`WAITING_STATES`.
    waits_from : date or None
        Day of the referral, or of the end of an earlier therapy; None where unknown.
    since, until : date or None
        The day on which the state began, and the last day of the offer that is open or has expired; None where unknown
        or without one.
    therapist_id : str or None
        The therapist of the offer behind the state; None without one.
    offers : tuple of OpenOffer
    note : str
        What to know about the state; empty for nothing.
    """

    row: int
    client_id: str
    state: WaitingState
    waits_from: dt.date | None
    since: dt.date | None
    until: dt.date | None = None
    therapist_id: str | None = None
    offers: tuple[OpenOffer, ...] = ()
    note: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether the client has no open or accepted offer."""
        return self.state not in ("offered", "accepted")


@dataclass(frozen=True)
class StateFinder:
    """Finds the state of clients in tables with the events of the journal."""

    tables: Tables
    latest: LatestEvents
    referred_on: pd.Series
    ended_on: dict[str, dt.date]
    offers: dict[str, list[Offer]]
    expired: dict[str, list[Offer]]
    declined: dict[str, list[Pair]]
    set_aside: frozenset[str]

    @classmethod
    def from_tables(cls, tables: Tables, latest: LatestEvents) -> StateFinder:
        """Group the states of pairs by client."""
        states = tables.pair_states
        return cls(
            tables, latest, tables.clients["referred_on"], latest.find_ends_before_offers(),
            _group_by_client(states.offers), _group_by_client(states.expired), _group_by_client(states.declined),
            tables.list_set_aside("clients"),
        )  # fmt: skip

    def find_state(self, row: int, client_id: str) -> ClientStatus:
        """Find the state of one client: an offer first, then an unreadable cell, then the last answer."""
        day = self.referred_on.iloc[row]
        waits_from = self.ended_on.get(client_id, None if pd.isna(day) else day.date())
        note = UNREADABLE_NOTE if client_id in self.set_aside else ""
        status = ClientStatus(row, client_id, "set aside" if note else "waiting", waits_from, waits_from, note=note)
        if own := self.offers.get(client_id):
            return self._describe_offers(status, own)
        return status if note else self._describe_last_answer(status)

    def _describe_offers(self, status: ClientStatus, own: list[Offer]) -> ClientStatus:
        """An accepted offer counts more than an open one; of several open ones, the one that ends first."""
        offer = min(own, key=lambda one: (one.state != "accepted", one.until or dt.date.max, one.therapist_id))
        since = self.latest.find_day(offer.state, offer.client_id, offer.therapist_id)
        return replace(status, state=offer.state, since=since, until=offer.until, therapist_id=offer.therapist_id,
                       offers=tuple(map(OpenOffer.from_offer, own)))  # fmt: skip

    def _describe_last_answer(self, status: ClientStatus) -> ClientStatus:
        """Return the later of the last decline and the last offer that expired; the client waits without either."""
        offers = self.expired.get(status.client_id, ())
        expired = max(offers, key=lambda one: (one.until or dt.date.min, one.therapist_id), default=None)
        decline = self._find_last_decline(status.client_id)
        if decline is not None and (expired is None or decline.on >= (expired.until or dt.date.min)):
            note = f"{decline.fields.get('by')} declined: {decline.fields.get('reason')}"
            return replace(status, state="declined", since=decline.on, therapist_id=decline.therapist_id, note=note)
        if expired is None:
            return status
        until = expired.until
        return replace(status, state="offer expired", since=until, until=until, therapist_id=expired.therapist_id)

    def _find_last_decline(self, client_id: str) -> JournalEvent | None:
        events = (self.latest.of_pairs.get(("declined", pair)) for pair in self.declined.get(client_id, ()))
        return max((event for event in events if event), key=lambda event: event.number, default=None)


def list_client_states(clinic: Clinic, tables: Tables, latest: LatestEvents) -> list[ClientStatus]:
    """List the state of each client without a therapist, in the order of the table `clients`.

    They are the clients of :func:`find_waiting_clients`, those of :func:`list_offers_instead_of_waiting`, and those
    whose therapy ended and who got an offer since.

    Raises
    ------
    DataFault
        As :func:`find_waiting_clients`.
    """
    finder, ids = StateFinder.from_tables(tables, latest), tables.clients["client_id"].to_numpy(object)
    offered = [offer.client_id for offer in list_offers_instead_of_waiting(clinic, tables)]
    others = {*offered, *finder.ended_on.keys() - tables.pair_states.withdrawn}
    rows = np.flatnonzero(is_one_of(tables.clients["client_id"], others))
    rows = np.union1d(find_waiting_clients(clinic, tables), rows)
    return [finder.find_state(row, ids[row]) for row in rows.tolist()]


def _group_by_client(pairs: Iterable[_Record]) -> dict[str, list[_Record]]:
    groups: dict[str, list[_Record]] = {}
    for pair in sorted(pairs, key=lambda one: one[:2]):
        groups.setdefault(pair[0], []).append(pair)
    return groups
