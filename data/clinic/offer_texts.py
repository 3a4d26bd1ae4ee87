"""Texts about offers: who has one, what it holds and until when. They hold ids and days, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.clinic.pair_states import Offer
from attune_fit.data.clinic.waiting_clients import list_offers_instead_of_waiting

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

MAX_OFFERS_NAMED = 5  # offers named in a note; the others are counted


def describe_offer(offer: Offer) -> str:
    """Return an open or accepted offer as a sentence without a full stop.

    >>> import datetime as dt
    >>> describe_offer(Offer("c7", "t03", "offered", dt.date(2026, 12, 6)))
    'c7 has an open offer from t03 until 2026-12-06'
    """
    client_id, therapist_id, state, until = offer
    if state == "accepted":
        return f"{client_id} has accepted the offer from {therapist_id}"
    return f"{client_id} has an open offer from {therapist_id}{_format_until(until)}"


def describe_hold(offer: Offer) -> str:
    """Return for whom an offer holds an opening, and until when, to follow the opening.

    >>> import datetime as dt
    >>> describe_hold(Offer("c7", "t03", "offered", dt.date(2026, 12, 6)))
    'held for c7 until 2026-12-06'
    >>> describe_hold(Offer("c7", "t03", "accepted", None))
    'held for c7, who has accepted'
    """
    if offer.state == "accepted":
        return f"held for {offer.client_id}, who has accepted"
    return f"held for {offer.client_id}{_format_until(offer.until)}"


def describe_offered_therapist(offer: Offer) -> str:
    """Return the therapist of an offer and its last day, in a few words.

    >>> import datetime as dt
    >>> describe_offered_therapist(Offer("c7", "t03", "offered", dt.date(2026, 12, 6)))
    't03 until 2026-12-06'
    """
    return f"{offer.therapist_id}{' (accepted)' if offer.state == 'accepted' else _format_until(offer.until)}"


def list_client_notes(tables: Tables, client_id: str) -> tuple[str, ...]:
    """Return a sentence for each open, accepted or expired offer of one client; empty without any."""
    states = tables.pair_states
    held = [f"{describe_offer(offer)}." for offer in states.offers if offer.client_id == client_id]
    expired = [
        f"The offer from {offer.therapist_id} to {client_id} expired on {offer.until} without an answer."
        for offer in states.expired
        if offer.client_id == client_id
    ]
    return (*held, *expired)


def list_waiting_notes(clinic: Clinic, tables: Tables) -> tuple[str, ...]:
    """Return the sentence about clients who are not listed, because they have an offer; empty where there is none.

    The first :data:`MAX_OFFERS_NAMED` offers are named; a client with two offers counts once.

    Raises
    ------
    DataFault
        As :func:`find_waiting_clients`.
    """
    offers = list_offers_instead_of_waiting(clinic, tables)
    if not offers:
        return ()
    n_clients, n_more = len({offer.client_id for offer in offers}), len(offers) - MAX_OFFERS_NAMED
    who = "1 client has an offer and is" if n_clients == 1 else f"{n_clients:,} clients have an offer and are"
    named = "; ".join(describe_offer(offer) for offer in offers[:MAX_OFFERS_NAMED])
    return (f"{who} not listed ({named}{f'; {n_more:,} more' if n_more > 0 else ''}).",)


def _format_until(until: object) -> str:
    return f" until {until}" if until else ""
