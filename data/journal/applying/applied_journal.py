"""The tables of a clinic with its journal, and the events that the export contradicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.applying.cell_settlement import SettledEvent


@dataclass(frozen=True)
class AppliedJournal:
    """The tables of a clinic with its journal.

    Attributes
    ----------
    tables : Tables
        In canonical order, with the states of pairs and the number of the last event.
    settled : tuple of SettledEvent
        Events that the export contradicts, or that concern people whom it does not have; sorted by number.
    pending : tuple of SettledEvent
        Events that hold although the export has something else: it still has what was there before them. An export that
        was made later can mean that this was changed back, which no digest shows. Sorted by number.
    undone : frozenset of int
        Numbers of the events that were taken back. They have changed nothing.
    unsorted : Tables or None
        The tables before their rows were sorted; None where no event changed them.
    """

    tables: Tables
    settled: tuple[SettledEvent, ...] = ()
    pending: tuple[SettledEvent, ...] = ()
    undone: frozenset[int] = frozenset()
    unsorted: Tables | None = field(default=None, repr=False)
