"""Openings that became free lately: by an answer, the end of an offer, or a larger number at a check."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.clinic.pair_states import Pair
from attune_fit.data.outcomes.openings import OPEN_SLOTS, count_starts

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.data.journal.journal_state import JournalState

FULL_REASONS = frozenset({"service-not-available", "caseload"})  # of declines after which there is no opening
CHECKS = ("opening_set", "roster_checked")  # events with a number of openings


def find_freed_openings(state: JournalState, exported: Tables, days: int) -> dict[str, dt.date]:
    """Find the therapists with an opening that became free in the last days.

    Parameters
    ----------
    state : JournalState
        The tables and the journal now.
    exported : Tables
        The tables without the journal: from which number of openings the first check in the journal differs.
    days : int
        How many days an opening counts as free lately, today included; >= 1.

    Returns
    -------
    dict of str to date
        The latest day, by therapist id. Whether the opening is still free is not checked here.
    """
    today = state.tables.as_of
    freed = [(offer.therapist_id, offer.until + dt.timedelta(days=1)) for offer in state.tables.pair_states.expired
             if offer.until is not None]  # fmt: skip
    latest: dict[str, dt.date] = {}
    for therapist_id, day in (*freed, *_list_freeing_events(state, exported)):
        if today - dt.timedelta(days=days) < day <= today:
            latest[therapist_id] = max(day, latest.get(therapist_id, day))
    return latest


def _list_freeing_events(state: JournalState, exported: Tables) -> list[tuple[str, dt.date]]:
    """List the therapist and the day of each event after which there is one opening more."""
    openings, offers = _count_exported_openings(exported), dict[Pair, str]()
    freed: list[tuple[str, dt.date]] = []
    for event in reversed(list(state.iterate_events(*CHECKS, "offered", "accepted", "declined", "started"))):
        if event.therapist_id is not None and _frees_opening(event, openings, offers):
            freed.append((event.therapist_id, event.on))
    return freed


def _frees_opening(event: JournalEvent, openings: dict[str, float], offers: dict[Pair, str]) -> bool:
    """Return whether there is one opening more after the event; keep the numbers and the offers after it."""
    pair, therapist_id = Pair(str(event.client_id), str(event.therapist_id)), str(event.therapist_id)
    if event.type in CHECKS:
        number, before = event.fields.get("openings"), openings.get(therapist_id, np.nan)
        openings[therapist_id] = before if number is None else float(number)
        return number is not None and bool(number > (0 if np.isnan(before) else before))
    if event.type == "declined":
        held_until = offers.pop(pair, "")
        return held_until >= event.on.isoformat() and event.fields.get("reason") not in FULL_REASONS
    if event.type == "started":
        offers.pop(pair, None)
        openings[therapist_id] = max(0.0, openings.get(therapist_id, np.nan) - 1)
    elif event.type == "accepted":
        offers[pair] = dt.date.max.isoformat()
    else:
        offers[pair] = str(event.fields.get("until"))
    return False


def _count_exported_openings(exported: Tables) -> dict[str, float]:
    """Return the openings of each therapist in the export, those that offers hold included; NaN where unknown."""
    roster = exported.therapists
    left = np.maximum(roster[OPEN_SLOTS].to_numpy(float) - count_starts(exported), 0.0)
    return dict(zip(roster["therapist_id"], left.tolist(), strict=True))
