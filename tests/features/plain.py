"""Slow twin of the pair arrays: plain Python, one pair at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.number_ranges import parse_range

Row = dict[str, Any]
WISH = ("client_id", "attribute", "value", "strength")


def each_pair(tables: Tables, function: Callable[[Row, Row], float]) -> Floats:
    """Apply ``function`` to every client with every therapist, shape (clients, therapists)."""
    clients, therapists = rows(tables.clients), rows(tables.therapists)
    values = [[function(client, therapist) for therapist in therapists] for client in clients]
    return np.array(values, dtype=np.float64).reshape(len(clients), len(therapists))


def rows(frame: pd.DataFrame) -> list[Row]:
    """Rows as dicts; an unknown cell is None."""
    cells = frame.astype(object).where(frame.notna(), None)
    return [{str(name): cell for name, cell in row.items()} for row in cells.to_dict("records")]


def codes(cell: str | None) -> list[str] | None:
    """The codes of a cell in order; None where unknown."""
    return None if cell is None else cell.split("|")


def answer(value: str, cell: Any) -> str:
    """Whether a therapist's cell meets a wish: met, unmet or unknown."""
    if cell is None:
        return "unknown"
    if isinstance(cell, str):
        return "met" if value in cell.split("|") else "unmet"
    low, high = parse_range(value)
    return "met" if low <= cell <= high else "unmet"


class Wishes:
    """The wishes of every client, answered one pair at a time."""

    def __init__(self, tables: Tables) -> None:
        self.wishes = {tuple(wish[name] for name in WISH) for wish in rows(tables.preferences)}

    def answers(self, client: Row, therapist: Row, strength: str, attribute: str | None = None) -> list[str]:
        """The therapist's answers to the client's distinct wishes of that strength."""
        return [
            answer(value, therapist[name])
            for owner, name, value, stated in self.wishes
            if owner == client["client_id"] and stated == strength and attribute in (None, name)
        ]
