"""Checkable facts of a pair: what a coordinator can look up in the two rows, in plain values and without a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.clinic.columns import COLUMNS, SPECIALTIES
from attune_fit.data.outcomes.openings import OPEN_SLOTS, UPDATED_ON
from attune_fit.features.style_features import PREFERENCE_COLUMNS, STYLE_SCALES, StyleScale
from attune_fit.matching.ranking.compared_fields import read_cell

if TYPE_CHECKING:
    import datetime as dt

    from attune_fit.features.sides import Side, Sides
    from attune_fit.matching.eligibility.eligibility_rule import Rule

Codes = tuple[str, ...]

STYLE_RANGES = {  # lowest and highest point, by the column of the client
    column.name: (column.low, column.high)
    for column in COLUMNS
    if column.low is not None and column.high is not None and column.name in PREFERENCE_COLUMNS
}


@dataclass(frozen=True)
class StyleFact:
    """One scale of style: what the client prefers and how the therapist works, in points of the scale.

    Attributes
    ----------
    name : str
        The scale, such as ``directiveness``.
    client_field, therapist_field : str
        The columns.
    client, therapist : float or None
        The answers; None where unknown.
    low, high : float
        The range of the scale.
    """

    name: str
    client_field: str
    client: float | None
    therapist_field: str
    therapist: float | None
    low: float
    high: float


@dataclass(frozen=True)
class UncheckedRule:
    """A rule that could not be checked for the pair, and does not exclude it.

    Attributes
    ----------
    rule : str
    text : str
        What is not known, as a clause without a full stop.
    is_column_empty : bool
        Whether the clinic has no data at all in a column of the rule. Else a cell of this pair is unknown.
    """

    rule: str
    text: str
    is_column_empty: bool


@dataclass(frozen=True)
class CandidateFacts:
    """What can be checked in the rows of a client and a therapist.

    Attributes
    ----------
    slots_in_common, formats_in_common, languages_in_common : tuple of str or None
        Codes that are in both cells, in the order of the client's. None where a cell is unknown.
    problems_in_common : tuple of str or None
        The client's problems that are specialties of the therapist.
    styles : tuple of StyleFact
        One for each scale, known or not.
    checked_on : str or None
        Date of the last check of the therapist's row, ISO; None where unknown.
    age_days : int or None
        Days from that check to the date of the tables.
    stale_after_days : int
        The setting ``roster_stale_days``: an older row is out of date.
    is_stale : bool or None
        Whether ``age_days`` is above ``stale_after_days``; None where unknown.
    openings : int or None
        Further clients who can start with the therapist, after the starts since the check and the offers; None where
        unknown.
    open_slots : int or None
        The number in the roster.
    unchecked_rules : tuple of UncheckedRule
    """

    slots_in_common: Codes | None
    formats_in_common: Codes | None
    languages_in_common: Codes | None
    problems_in_common: Codes | None
    styles: tuple[StyleFact, ...]
    checked_on: str | None
    age_days: int | None
    stale_after_days: int
    is_stale: bool | None
    openings: int | None
    open_slots: int | None
    unchecked_rules: tuple[UncheckedRule, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the facts in the plain types of JSON."""
        return asdict(self)


def read_facts(
    sides: Sides,
    client_row: int,
    therapist_row: int,
    stale_after_days: int,
    unknown_rules: Sequence[Rule] = (),
    empty_rules: Sequence[Rule] = (),
) -> CandidateFacts:
    """Read the facts of one pair, in the units of the columns.

    Parameters
    ----------
    sides : Sides
    client_row, therapist_row : int
    stale_after_days : int
        The setting ``roster_stale_days``, >= 1.
    unknown_rules : sequence of Rule
        Rules whose result is unknown for the pair and that do not exclude it.
    empty_rules : sequence of Rule
        Rules that were not checked, because a whole column of theirs is empty.
    """

    def find_shared(client: str, therapist: str) -> Codes | None:
        return find_shared_codes(
            read_cell(sides, "client", client, client_row), read_cell(sides, "therapist", therapist, therapist_row)
        )

    checked_on = read_cell(sides, "therapist", UPDATED_ON, therapist_row)
    age_days = None if checked_on is None else _count_days(str(checked_on), sides.tables.as_of)
    return CandidateFacts(
        slots_in_common=find_shared("availability", "availability"),
        formats_in_common=find_shared("formats", "formats"),
        languages_in_common=find_shared("languages", "languages"),
        problems_in_common=find_shared(*SPECIALTIES),
        styles=tuple(_read_style(sides, scale, client_row, therapist_row) for scale in STYLE_SCALES),
        checked_on=None if checked_on is None else str(checked_on),
        age_days=age_days,
        stale_after_days=stale_after_days,
        is_stale=None if age_days is None else age_days > stale_after_days,
        openings=_convert_count(float(sides.count_openings()[therapist_row])),
        open_slots=_convert_count(_read_number(sides, "therapist", OPEN_SLOTS, therapist_row)),
        unchecked_rules=(
            *(UncheckedRule(rule.name, rule.unknown_text, is_column_empty=False) for rule in unknown_rules),
            *(UncheckedRule(rule.name, rule.unknown_text, is_column_empty=True) for rule in empty_rules),
        ),
    )


def find_shared_codes(client: object, therapist: object) -> Codes | None:
    """Return the client's codes that the therapist has too; None where a cell is unknown."""
    if client is None or therapist is None:
        return None
    known = set(_list_codes(therapist))
    return tuple(code for code in _list_codes(client) if code in known)


def _list_codes(cell: object) -> Codes:
    return cell if isinstance(cell, tuple) else (str(cell),)


def _read_style(sides: Sides, scale: StyleScale, client_row: int, therapist_row: int) -> StyleFact:
    return StyleFact(
        scale.name,
        scale.preference_column,
        _convert_number(_read_number(sides, "client", scale.preference_column, client_row)),
        scale.style_column,
        _convert_number(_read_number(sides, "therapist", scale.style_column, therapist_row)),
        *STYLE_RANGES[scale.preference_column],
    )


def _read_number(sides: Sides, side: Side, column: str, row: int) -> float:
    return float(sides.convert_to_numbers(side, column)[row])


def _convert_number(number: float) -> float | None:
    return None if np.isnan(number) else number


def _convert_count(number: float) -> int | None:
    return None if np.isnan(number) else int(number)


def _count_days(day: str, as_of: dt.date) -> int:
    return (as_of - type(as_of).fromisoformat(day)).days
