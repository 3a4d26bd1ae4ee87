"""Settlement of one cell: what the export has, what the journal's events set, and which of the two holds.

An export and the journal are two histories of one cell, so this is a three-way merge. An event keeps the digest of the
cell that it replaced. An export that still has that cell is older than the event, and the event applies. An export with
the event's own value agrees with it. Any other export was changed since, and the export holds.

Where several events set one cell, they form a chain. The export can have been made at any point of it: before, between
and after the events. All later events then apply, so the value is that of the last one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal, NamedTuple

import pandas as pd

DIGEST_BYTES = 8  # two different values of one cell have equal digests with a probability of 2^-64
ROSTER_CELL = "roster"  # `open_slots` and `updated_on` of a therapist are one cell: neither has a meaning alone

CHECK_DATE_CELL = "therapists.updated_on"  # in a start: whether the row had a date then
NOT_UPDATED = "export-not-updated"
WISH_PREFIX = "wish "  # of the name of a cell that holds the strength of a wish
THERAPIST_WISH = "therapist_id"  # attribute of a wish about a therapist

_encode_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: there is one call for each changed cell

CellValue = float | str | None | tuple[float | str | None, ...]
Taken = Literal["export", "journal", "neither"]


@dataclass(frozen=True, order=True)
class SettledEvent:
    """An event that the export contradicts, and how Attune settled it. It holds no cell of a table.

    Attributes
    ----------
    number : int
        Of the event.
    cell : str
        Name of the cell as :func:`format_cell_name` gives it, or of what the event is about, such as ``offer``.
    taken : {"export", "journal", "neither"}
        Which of the two holds.
    why : str
        A code of :data:`SETTLEMENT_REASONS`.
    """

    number: int
    cell: str
    taken: Taken
    why: str


SETTLEMENT_REASONS: dict[str, str] = {
    NOT_UPDATED: "The export still has what was there before the event.",
    "export-changed": "The export has changed this cell since the event was recorded.",
    "export-checked-later": "The export has a later check of this roster row, with another number of openings.",
    "export-checked-same-day": "The export has a check of this roster row on the same day, with another number.",
    "export-has-score": "The export has another score of this pair, instrument and rater on that day or session.",
    "export-has-start": "The export has records of this client from after the offer: therapy started.",
    "person-gone": "The export no longer has this client or therapist.",
    "person-forgotten": "This client or therapist was removed from the journal.",
    "column-gone": "The tables no longer have this column.",
    "column-of-another-kind": "The column holds another kind of cells than when the event was recorded.",
}


class CellChange(NamedTuple):
    """One event's change of one cell.

    Attributes
    ----------
    number : int
        Of the event.
    value : CellValue
        What the event sets, as from :func:`normalize_cell`.
    replaced : str or None
        Digest of the cell when the event was recorded; None where the event does not have it.
    is_undone : bool, default False
        An undone event sets nothing. What it replaced was in the export once, or was set by an event before it.
    """

    number: int
    value: CellValue
    replaced: str | None
    is_undone: bool = False


def find_last_number(changes: Sequence[CellChange]) -> int:
    """Return the number of the last change that is not undone; there is one."""
    return next(change.number for change in reversed(changes) if not change.is_undone)


class SettledCell(NamedTuple):
    """The value of a cell after settlement, and the events that the export contradicts.

    Attributes
    ----------
    value : CellValue
    overruled : tuple of int
        Numbers of events; empty where the export contradicts none.
    """

    value: CellValue
    overruled: tuple[int, ...] = ()


class RosterCheck(NamedTuple):
    """One event's check of a roster row.

    Attributes
    ----------
    number : int
        Of the event.
    on : str
        Day of the check, ISO.
    openings : float or None
        Number of openings on that day; None where it is not known.
    replaced : str or None
        Digest of the joint cell when the event was recorded.
    is_undone : bool, default False
    """

    number: int
    on: str
    openings: float | None
    replaced: str | None
    is_undone: bool = False

    @property
    def row(self) -> tuple[float | None, str]:
        """The joint cell that the event sets."""
        return self.openings, self.on


class SettledRoster(NamedTuple):
    """The joint cell of a roster row after settlement.

    Attributes
    ----------
    open_slots : float or None
    updated_on : str or None
        Day of the last check, ISO.
    number : int or None
        The event that it is from; None for the export.
    overruled : tuple of (int, str)
        Number of an event that the export contradicts, and the code of the reason.
    """

    open_slots: float | None
    updated_on: str | None
    number: int | None
    overruled: tuple[tuple[int, str], ...] = ()


def format_cell_name(table: str, column: str) -> str:
    """Return the name of a cell of a client or therapist, without the id: ``clients.age``."""
    return f"{table}.{column}"


def find_cell_table(name: str) -> str:
    """Return the table of a cell by its name.

    >>> find_cell_table("clients.age"), find_cell_table("wish gender=woman"), find_cell_table(ROSTER_CELL)
    ('clients', 'preferences', 'therapists')
    """
    if name == ROSTER_CELL:
        return "therapists"
    return "preferences" if name.startswith(WISH_PREFIX) else name.partition(".")[0]


def format_wish_name(attribute: str, value: object) -> str:
    """Return the name of the cell that holds the strength of a wish: ``wish gender=woman``.

    The name of a wish about a therapist is without the id.
    """
    return f"{WISH_PREFIX}{attribute}" if attribute == THERAPIST_WISH else f"{WISH_PREFIX}{attribute}={value}"


def find_wished_value(fields: Mapping[str, Any], therapist_id: str | None) -> str | None:
    """Return the value of a wish from the fields of its event; None where it has none.

    A wish about a therapist has no such field: the therapist is that of the event, so that no id is sealed.
    """
    value = fields.get("value")
    if value is None and fields.get("attribute") == THERAPIST_WISH:
        return therapist_id
    return None if value is None else str(value)


def normalize_cell(value: object) -> CellValue:
    """Return a cell as a number, a text or None, however a table or an event holds it.

    A date is its ISO day, a joint cell is a tuple, and every way to write an unknown cell is None.

    >>> normalize_cell(pd.Timestamp("2026-06-01")), normalize_cell(3), normalize_cell(float("nan"))
    ('2026-06-01', 3.0, None)
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, tuple):
        return tuple(_normalize_part(part) for part in value)
    return _normalize_part(value)


def _normalize_part(value: object) -> float | str | None:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, Real):
        number = float(value)
        return None if number != number else number + 0.0  # adding 0 makes -0.0 into 0.0
    if isinstance(value, dt.datetime):  # a Timestamp is one too
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else unicodedata.normalize("NFC", str(value))


def compute_cell_digest(value: object) -> str:
    """Return the digest of a cell: 16 hex digits, equal for equal cells whatever form they have.

    Parameters
    ----------
    value : object
        A cell of a table, a field of an event, or a tuple of them for a joint cell.

    Examples
    --------
    >>> compute_cell_digest(float("nan")) == compute_cell_digest(None) != compute_cell_digest("")
    True
    """
    content = _encode_json(normalize_cell(value))
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()


def settle_cell(cell: CellValue, changes: Sequence[CellChange]) -> SettledCell:
    """Return the value of a cell of the export after the journal's changes.

    Parameters
    ----------
    cell : CellValue
        What the export has, as from :func:`normalize_cell`.
    changes : sequence of CellChange
        All events that set this cell, in the order of their numbers, undone ones too.

    Returns
    -------
    SettledCell
        The value of the last event that is not undone, or the export's. It is the event's if the export has a value
        of such an event, or what any event of the chain replaced.
    """
    applied = [change for change in changes if not change.is_undone]
    if not applied:
        return SettledCell(cell)
    digest = compute_cell_digest(cell)
    if any(change.value == cell for change in applied) or any(change.replaced == digest for change in changes):
        return SettledCell(applied[-1].value)
    return SettledCell(cell, tuple(change.number for change in applied))


def settle_roster(open_slots: float | None, updated_on: str | None, checks: Sequence[RosterCheck]) -> SettledRoster:
    """Return the openings and the day of the last check of a roster row after the journal's checks.

    Dates decide first. The journal's check is the one of the latest day; among those of one day, the last recorded.
    On the same day, or where the export has no date, the row is settled as any other cell. An export without a number
    contradicts no number, and a check without one counts only where no number is known.

    Parameters
    ----------
    open_slots : float or None
        Of the export; None where it is missing.
    updated_on : str or None
        Of the export, ISO; None where it is missing.
    checks : sequence of RosterCheck
        All events that check this row, in the order of their numbers, undone ones too.
    """
    numbered = [check for check in checks if not check.is_undone and check.openings is not None]
    applied = numbered or [check for check in checks if not check.is_undone and open_slots is None]
    if not applied:
        return SettledRoster(open_slots, updated_on, None)
    last = max(applied, key=lambda check: (check.on, check.number))
    journal = SettledRoster(last.openings, last.on, last.number)
    if open_slots is None:
        return journal
    if updated_on is None or updated_on == last.on:
        digest = compute_cell_digest((open_slots, updated_on))
        values = {check.openings if updated_on is None else check.row for check in applied}
        cell = open_slots if updated_on is None else (open_slots, updated_on)
        if cell in values or any(check.replaced == digest for check in checks):
            return journal
        why = "export-changed" if updated_on is None else "export-checked-same-day"
        return SettledRoster(open_slots, updated_on, None, ((last.number, why),))
    if updated_on < last.on:
        return journal
    overruled = () if open_slots == last.openings else ((last.number, "export-checked-later"),)
    return SettledRoster(open_slots, updated_on, None, overruled)
