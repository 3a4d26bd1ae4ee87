"""The state of each client who has no therapist yet: exactly one, with the day on which it began."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

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
