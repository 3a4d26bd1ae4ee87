"""Texts about offers: who has one, what it holds and until when. They hold ids and days, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from attune_fit.data.clinic.pair_states import Offer

MAX_OFFERS_NAMED = 5  # offers named in a note; the others are counted


def describe_offer(offer: Offer) -> str:
    """Return an open or accepted offer as a sentence without a full stop.

    >>> import datetime as dt
    >>> describe_offer(Offer("c7", "t03", "offered", dt.date(2026, 12, 6)))
    'c7 has an open offer from t03 until 2026-12-06'
    >>> describe_offer(Offer("c7", "t03", "accepted", None))
    'c7 has accepted the offer from t03'
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


def describe_unlisted_clients(offers: Sequence[Offer]) -> str:
    """Return the sentence about clients who are not listed, because an offer holds an opening for each of them.

    Parameters
    ----------
    offers : sequence of Offer
        At least one. The first :data:`MAX_OFFERS_NAMED` are named; a client with two counts once.
    """
    n_clients, n_more = len({offer.client_id for offer in offers}), len(offers) - MAX_OFFERS_NAMED
    who = "1 client has an offer and is" if n_clients == 1 else f"{n_clients:,} clients have an offer and are"
    named = "; ".join(describe_offer(offer) for offer in offers[:MAX_OFFERS_NAMED])
    return f"{who} not listed ({named}{f'; {n_more:,} more' if n_more > 0 else ''})."


def _format_until(until: object) -> str:
    return f" until {until}" if until else ""
