"""Build the table of each list of a coordinator's day: one row for each client, task, therapist or move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.priority_list import WaitingClient

JOINT = "; "  # between several values in one cell


def build_waiting_frame(clients: Iterable[WaitingClient]) -> pd.DataFrame:
    """Build one row for each client, in the order of the list; problems and offers are joined by ``; ``."""
    from attune_fit.matching.day_lists.priority_list import WaitingClient

    rows = [
        {
            **vars(client),
            "problems": JOINT.join(client.problems),
            "offers": JOINT.join(offer.therapist_id for offer in client.offers),
        }
        for client in clients
    ]
    frame = pd.DataFrame(rows, columns=list(WaitingClient.__annotations__))
    return frame.astype({"days_waited": "Int64", "first_wishes_met": "Int64"})
