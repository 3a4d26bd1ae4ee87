"""The state of each client who has no therapist yet: exactly one, with the day on which it began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import pandas as pd

from attune_fit.data.cell_parsing import is_one_of
from attune_fit.data.clinic.pair_states import Offer, Pair
from attune_fit.data.clinic.waiting_clients import find_waiting_clients, list_offers_instead_of_waiting

if TYPE_CHECKING:
    from attune_fit.data.arrays import Indices
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.matching.day_lists.latest_events import LatestEvents

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
    offers: dict[str, list[Offer]]
    expired: dict[str, list[Offer]]
    declined: dict[str, list[Pair]]
    set_aside: frozenset[str]

    @classmethod
    def from_tables(cls, tables: Tables, latest: LatestEvents) -> StateFinder:
        """Group the states of pairs by client."""
        states = tables.pair_states
        return cls(
            tables, latest, tables.clients["referred_on"], _group_by_client(states.offers),
            _group_by_client(states.expired), _group_by_client(states.declined), tables.list_set_aside("clients"),
        )  # fmt: skip

    def find_state(self, row: int, client_id: str) -> ClientStatus:
        """Find the state of one client: an offer first, then an unreadable cell, then the last answer."""
        if own := self.offers.get(client_id):
            return self._describe_offers(row, client_id, own)
        referred_on = self.referred_on.iloc[row]
        since = None if pd.isna(referred_on) else referred_on.date()
        if client_id in self.set_aside:
            note = "a cell that restricts the client cannot be read"
            return ClientStatus(row, client_id, "set aside", since, note=note)
        return self._find_last_answer(row, client_id) or ClientStatus(row, client_id, "waiting", since)

    def _describe_offers(self, row: int, client_id: str, own: list[Offer]) -> ClientStatus:
        """An accepted offer counts more than an open one; of several open ones, the one that ends first."""
        offer = min(own, key=lambda one: (one.state != "accepted", one.until or dt.date.max, one.therapist_id))
        pair = Pair(client_id, offer.therapist_id)
        since = self.latest.find_day(offer.state, pair)
        records = tuple(map(OpenOffer.from_offer, own))
        is_set_aside = client_id in self.set_aside
        note = "a cell that restricts the client cannot be read" if is_set_aside else ""
        return ClientStatus(row, client_id, offer.state, since, offer.until, offer.therapist_id, records, note)

    def _find_last_answer(self, row: int, client_id: str) -> ClientStatus | None:
        """Return the later of the last decline and the last offer that expired; None without either."""
        expired = max(self.expired.get(client_id, ()), key=lambda one: (one.until, one.therapist_id), default=None)
        decline = self._find_last_decline(client_id)
        if decline is not None and (expired is None or expired.until is None or decline.on >= expired.until):
            note = f"{decline.fields.get('by')} declined: {decline.fields.get('reason')}"
            return ClientStatus(row, client_id, "declined", decline.on, therapist_id=decline.therapist_id, note=note)
        if expired is None:
            return None
        until = expired.until
        return ClientStatus(row, client_id, "offer expired", until, until, expired.therapist_id)

    def _find_last_decline(self, client_id: str) -> JournalEvent | None:
        events = (self.latest.of_pairs.get(("declined", pair)) for pair in self.declined.get(client_id, ()))
        return max((event for event in events if event), key=lambda event: event.number, default=None)


def list_client_states(clinic: Clinic, tables: Tables, latest: LatestEvents) -> list[ClientStatus]:
    """List the state of each client without a therapist, in the order of the table `clients`.

    They are the clients of :func:`find_waiting_clients`, and those of :func:`list_offers_instead_of_waiting`.

    Raises
    ------
    DataFault
        As :func:`find_waiting_clients`.
    """
    finder, ids = StateFinder.from_tables(tables, latest), tables.clients["client_id"].to_numpy(object)
    return [finder.find_state(row, ids[row]) for row in _find_rows(clinic, tables).tolist()]


def _find_rows(clinic: Clinic, tables: Tables) -> Indices:
    waiting = find_waiting_clients(clinic, tables)
    offered = [offer.client_id for offer in list_offers_instead_of_waiting(clinic, tables)]
    rows = np.flatnonzero(is_one_of(tables.clients["client_id"], offered)) if offered else waiting[:0]
    return np.union1d(waiting, rows).astype(np.intp)


def _group_by_client(pairs: Iterable[_Record]) -> dict[str, list[_Record]]:
    groups: dict[str, list[_Record]] = {}
    for pair in sorted(pairs, key=lambda one: one[:2]):
        groups.setdefault(pair[0], []).append(pair)
    return groups
