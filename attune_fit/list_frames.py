"""Build the table of each list of a coordinator's day: one row for each client, task, therapist or move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.day_list import DayTask
    from attune_fit.matching.day_lists.fitting_clients import FittingClient
    from attune_fit.matching.day_lists.leaving_plan import LeavingMove
    from attune_fit.matching.day_lists.priority_list import WaitingClient
    from attune_fit.matching.day_lists.roster_list import RosterRow

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
    return _build_frame(rows, WaitingClient, "days_waited", "first_wishes_met")


def build_tasks_frame(tasks: Iterable[DayTask]) -> pd.DataFrame:
    """Build one row for each task, in the order of the day."""
    from attune_fit.matching.day_lists.day_list import DayTask

    return _build_frame([vars(task) for task in tasks], DayTask, "n_clients")


def build_roster_frame(therapists: Iterable[RosterRow]) -> pd.DataFrame:
    """Build one row for each therapist, by id; the clients of offers, and codes, are joined by ``; ``."""
    from attune_fit.matching.day_lists.roster_list import RosterLimits, RosterRow

    rows = [
        {
            **vars(row),
            "offers": JOINT.join(offer.client_id for offer in row.offers),
            **{name: JOINT.join(codes) for name, codes in vars(row.limits).items()},
        }
        for row in therapists
    ]
    frame = _build_frame(rows, RosterRow, "openings", "open_slots", "caseload", "age_days", others=RosterLimits)
    return frame.drop(columns="limits").astype({"is_stale": "boolean"})


def build_fitting_frame(clients: Iterable[FittingClient]) -> pd.DataFrame:
    """Build one row for each client, in the order of the list; problems are joined by ``; ``."""
    from attune_fit.matching.day_lists.fitting_clients import FittingClient

    rows = [{**vars(client), "problems": JOINT.join(client.problems)} for client in clients]
    return _build_frame(rows, FittingClient, "days_waited")


def build_moves_frame(moves: Iterable[LeavingMove]) -> pd.DataFrame:
    """Build one row for each client of a therapist who leaves."""
    from attune_fit.matching.day_lists.leaving_plan import LeavingMove

    return _build_frame([vars(move) for move in moves], LeavingMove, "rank")


def _build_frame(rows: list[dict[str, Any]], record: type, *whole: str, others: type | None = None) -> pd.DataFrame:
    """Build a frame with the attributes of a record as columns; ``whole`` are numbers that can be missing."""
    columns = [*record.__annotations__, *(others.__annotations__ if others else ())]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(whole, "Int64"))
