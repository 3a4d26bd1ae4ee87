"""Build the roster list: openings, offers, age and limits of each row."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.cell_parsing import split_set
from attune_fit.data.outcomes.openings import OPEN_SLOTS, UPDATED_ON
from attune_fit.matching.day_lists.client_states import OpenOffer
from attune_fit.matching.day_lists.current_pairs import list_current_pairs
from attune_fit.matching.day_lists.priority_list_builder import check_choice
from attune_fit.matching.day_lists.roster_list import ROSTER_STATES, RosterLimits, RosterList, RosterRow, RosterState

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import Config
    from attune_fit.features.sides import Sides
    from attune_fit.matching.day_lists.latest_events import LatestEvents

ROSTER_AGE_RULE = "roster_age"
LIMIT_COLUMNS = ("age_groups", "problems_not_taken", "formats", "availability")


def build_roster_list(clinic: Clinic, sides: Sides, latest: LatestEvents, state: str | None = None) -> RosterList:
    """Build the roster list of a clinic.

    Parameters
    ----------
    clinic : Clinic
    sides : Sides
        Of the tables now.
    latest : LatestEvents
        Of the journal of the same tables.
    state : str, optional
        Only therapists in this state of :data:`ROSTER_STATES`.

    Raises
    ------
    DataFault
        If there is no such state.
    """
    check_choice("state", state, ROSTER_STATES)
    rows = _build_rows(clinic, sides, latest)
    states = Counter(row.state for row in rows)
    return RosterList(
        as_of=sides.tables.as_of,
        therapists=tuple(row for row in rows if state in (None, row.state)),
        total=len(rows),
        states={name: states[name] for name in ROSTER_STATES},
        openings=sum(row.openings or 0 for row in rows if row.state == "open"),
    )


def _build_rows(clinic: Clinic, sides: Sides, latest: LatestEvents) -> list[RosterRow]:
    """Build the rows of all therapists, by id."""
    tables = sides.tables
    roster, set_aside = tables.therapists, tables.list_set_aside("therapists")
    openings, limits = sides.count_openings(), _read_limits(roster)
    caseloads = list_current_pairs(clinic, tables, latest).count_current() if len(tables.outcomes) else None
    offers: dict[str, list[OpenOffer]] = {}
    for offer in tables.pair_states.offers:
        offers.setdefault(offer.therapist_id, []).append(OpenOffer.from_offer(offer))
    rows = []
    columns = roster["therapist_id"], roster[OPEN_SLOTS], roster[UPDATED_ON]
    for place, (therapist_id, open_slots, updated_on) in enumerate(zip(*columns, strict=True)):
        checked_on = None if pd.isna(updated_on) else updated_on.date()
        left = None if np.isnan(openings[place]) else int(openings[place])
        is_stale = is_row_stale(clinic.config, tables.as_of, checked_on)
        row = RosterRow(
            therapist_id=therapist_id,
            state=_find_state(clinic.config, left, is_stale, therapist_id in set_aside),
            openings=left,
            open_slots=None if pd.isna(open_slots) else int(open_slots),
            offers=tuple(offers.get(therapist_id, ())),
            caseload=None if caseloads is None else caseloads.get(therapist_id, 0),
            checked_on=checked_on,
            age_days=None if checked_on is None else max(0, (tables.as_of - checked_on).days),
            is_stale=is_stale,
            limits=limits[place],
            version=latest.numbers_of_therapists.get(therapist_id, 0),
        )
        rows.append(row)
    return sorted(rows, key=lambda row: row.therapist_id)


def is_row_stale(config: Config, as_of: dt.date, checked_on: dt.date | None) -> bool | None:
    """Return whether a roster row was checked more than ``settings.roster_stale_days`` ago; None without a day."""
    return None if checked_on is None else (as_of - checked_on).days > config.settings.roster_stale_days


def _find_state(config: Config, openings: int | None, is_stale: bool | None, is_set_aside: bool) -> RosterState:
    """Return what keeps the therapist off the lists, if anything: first an unreadable cell, then the age of the row."""
    rule = config.rules.get(ROSTER_AGE_RULE)
    if is_set_aside:
        return "set aside"
    if is_stale and (rule is None or rule.on is not False):
        return "stale"
    if openings is None:
        return "unknown"
    return "open" if openings else "full"


def _read_limits(roster: pd.DataFrame) -> list[RosterLimits]:
    """Return the limits of each row, in the order of the roster."""
    cells = [[() if pd.isna(cell) else tuple(split_set(str(cell))) for cell in roster[name]] for name in LIMIT_COLUMNS]
    return [RosterLimits(*limits) for limits in zip(*cells, strict=True)]
