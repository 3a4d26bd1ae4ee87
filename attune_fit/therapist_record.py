"""One therapist of the roster as a page or a notebook edits it: the cells that an event can set, and the clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from attune_fit.matching.day_lists.roster_list import RosterRow
from attune_fit.person_cells import Cell


@dataclass(frozen=True)
class TherapistRecord:
    """One therapist of the roster.

    Attributes
    ----------
    row : RosterRow
        Openings, offers, age and limits.
    cells : mapping of str to cell
        By column that an event can set: text, number, day, codes of a set, or None where unknown.
    clients : tuple of str
        Ids of the clients in therapy with the therapist, by id.
    unclear : tuple of str
        Ids of clients whose last record with the therapist is old or has no day, by id: they can have ended.
    """

    row: RosterRow
    cells: Mapping[str, Cell]
    clients: tuple[str, ...]
    unclear: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the record in the types of JSON; days stay dates."""
        return {**asdict(self.row), "cells": dict(self.cells), "clients": self.clients, "unclear": self.unclear}
