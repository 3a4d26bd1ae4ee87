"""The coded fields of events: one row for each, with its option on the command line. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from attune_fit.data.journal.events.reason_codes import (
    CONFLICT_REASONS,
    DECLINE_REASONS,
    END_REASONS,
    OVERRIDE_REASONS,
    SIDES,
    UNDO_REASONS,
    ReasonCode,
)

FieldKind = Literal["cells", "name", "text", "code", "whole", "number", "day"]


@dataclass(frozen=True)
class EventField:
    """One field of an event.

    Attributes
    ----------
    name : str
        Key in the stored event, and keyword of ``clinic.record``.
    kind : {"cells", "name", "text", "code", "whole", "number", "day"}
        ``cells`` is a mapping of column to value; ``name`` a column of ``therapists``; ``text`` a code of the clinic or
        a range of numbers; ``code`` one of a closed list; ``whole`` a whole number; ``day`` an ISO date.
    option : str
        Option of ``attune record``; empty for the number that comes after the event.
    metavar : str
        What the option takes, in its help.
    description : str
        Its meaning, with its unit.
    low, high : float or None
        Smallest and largest number; None where the instrument gives them.
    codes : tuple of str
        The closed list, where it is the same for every event; empty for ``reason``, see :data:`REASONS`.
    """

    name: str
    kind: FieldKind
    option: str
    metavar: str
    description: str
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()


EVENT_FIELDS: tuple[EventField, ...] = (
    EventField("cells", "cells", "--set", "COLUMN=VALUE", "A cell of the client or therapist. An empty value means "
               "unknown. Repeat it for several columns."),
    EventField("attribute", "name", "--attribute", "COLUMN", "The column of `therapists` that the wish is about."),
    EventField("value", "text", "--value", "CODE", "The code that the client wishes for; for a number `40-60`, `>=10` "
               "or `<=45`."),
    EventField("strength", "code", "--strength", "STRENGTH", "Strength of the wish.",
               codes=("must", "prefer", "avoid", "never")),
    EventField("until", "day", "--until", "DAY", "Last day on which the client can accept."),
    EventField("rank", "whole", "--rank", "PLACE", "Place of the therapist on the list that was seen; 1 is the first.",
               1),
    EventField("band", "whole", "--band", "BAND", "Band of that place; 1 is the first band.", 1),
    EventField("line", "whole", "--line", "LINE", "Line of that list in the log of rankings.", 1),
    EventField("override", "code", "--override", "CODE", "Why this therapist and not the first one, as a code.",
               codes=tuple(reason.code for reason in OVERRIDE_REASONS)),
    EventField("by", "code", "--by", "SIDE", "Who declined.", codes=SIDES),
    EventField("reason", "code", "--reason", "CODE", "Why, as a code."),
    EventField("openings", "whole", "--openings", "NUMBER", "Number of further clients who can start.", 0, 500),
    EventField("session", "whole", "--session", "NUMBER", "Session number; the first session is 1.", 1, 1000),
    EventField("instrument", "code", "--instrument", "NAME", "Name of an instrument, such as `WAI-SR`."),
    EventField("rater", "code", "--rater", "RATER", "Who gave the rating.", codes=("client", "therapist", "observer")),
    EventField("score", "number", "--score", "POINTS", "Total score, in the instrument's points."),
    EventField("goal", "number", "--goal", "POINTS", "Goal scale, in the instrument's points."),
    EventField("task", "number", "--task", "POINTS", "Task scale, in the instrument's points."),
    EventField("bond", "number", "--bond", "POINTS", "Bond scale, in the instrument's points."),
    EventField("event", "whole", "", "NUMBER", "Number of the event that is taken back.", 1),
    EventField("because", "code", "--because", "CODE", "Why the event is taken back, as a code.",
               codes=tuple(reason.code for reason in UNDO_REASONS)),
)  # fmt: skip

FIELDS: Mapping[str, EventField] = {field.name: field for field in EVENT_FIELDS}

REASONS: Mapping[str, tuple[ReasonCode, ...]] = {  # the list of `reason`, by the type of event
    "declined": DECLINE_REASONS,
    "ended": END_REASONS,
    "conflict_set": CONFLICT_REASONS,
}
