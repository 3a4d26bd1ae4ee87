"""The types of events: one row for each. Imports nothing heavy.

The checks of each type are rows of :data:`event_checks.EVENT_CHECKS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Person = Literal["client", "therapist"]

CLIENT: tuple[Person, ...] = ("client",)
THERAPIST: tuple[Person, ...] = ("therapist",)
BOTH: tuple[Person, ...] = ("client", "therapist")
UNDONE = "undone"


@dataclass(frozen=True)
class EventType:
    """One type of event.

    Attributes
    ----------
    name : str
        As it is recorded and typed.
    description : str
        What it means, for a person who chooses among the types.
    people : tuple of {"client", "therapist"}
        Whom it is about. Empty for ``undone``: it is about the people of the event that it takes back.
    fields : tuple of str
        Names of rows of :data:`EVENT_FIELDS` that are required.
    optional : tuple of str
        Names of those that are not.
    needs : tuple of str
        Types of earlier events without which this event would not be possible. Of each of these types, the last one
        about the same people cannot be undone before this event; ``client_added`` is about the client alone.
    """

    name: str
    description: str
    people: tuple[Person, ...]
    fields: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def all_fields(self) -> tuple[str, ...]:
        """The required fields, then the optional ones."""
        return self.fields + self.optional


EVENT_TYPES: tuple[EventType, ...] = (
    EventType("client_added", "A client whom the export does not have yet.", CLIENT, (), ("cells",)),
    EventType("client_changed", "Cells of a client changed, or became unknown.", CLIENT, ("cells",), (),
              ("client_added",)),
    EventType("wish_set", "A wish of a client, new or with another strength.", CLIENT,
              ("attribute", "value", "strength"), (), ("client_added",)),
    EventType("wish_withdrawn", "A client no longer has a wish, or any wish about the attribute.", CLIENT,
              ("attribute",), ("value",), ("client_added",)),
    EventType("offered", "The therapist was offered to the client. It holds one opening.", BOTH, (),
              ("until", "rank", "band", "line", "override"), ("client_added", "declined", "ended")),
    EventType("accepted", "The client accepted the offer. It holds the opening until the start.", BOTH, (), (),
              ("client_added", "offered")),
    EventType("declined", "The client or the therapist declined. Attune rules the pair out until a new offer.", BOTH,
              ("by", "reason"), (), ("client_added",)),
    EventType("started", "Client and therapist started. It uses an opening; the client no longer waits.", BOTH, (), (),
              ("client_added", "ended")),
    EventType("ended", "Client and therapist ended. It does not give the opening back.", BOTH, ("reason",), (),
              ("client_added", "started")),
    EventType("opening_set", "The number of further clients who can start with a therapist, offers included.",
              THERAPIST, ("openings",)),
    EventType("roster_checked", "A therapist's row was checked on this day; with the number of openings or new cells.",
              THERAPIST, (), ("openings", "cells")),
    EventType("conflict_set", "Client and therapist must not meet.", BOTH, ("reason",), (), ("client_added",)),
    EventType("score_recorded", "An alliance rating came in.", BOTH, ("session", "score"),
              ("instrument", "rater", "goal", "task", "bond"), ("client_added", "started")),
    EventType(UNDONE, "An earlier event is taken back, as if it had never been recorded.", (), ("event", "because")),
)  # fmt: skip

TYPES: Mapping[str, EventType] = {row.name: row for row in EVENT_TYPES}
