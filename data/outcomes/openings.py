"""Openings: how many more clients each therapist can take, after the starts since the last check and open offers."""

from __future__ import annotations

import weakref
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.cell_parsing import is_one_of
from attune_fit.data.clinic.tables import OPENING_COLUMNS, complete_columns, complete_opening_records

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

DAYS_BETWEEN_SESSIONS = 7  # weekly sessions
OPEN_SLOTS = "open_slots"
UPDATED_ON = "updated_on"
PAIR = ["client_id", "therapist_id"]
FIRST_DAY = pd.Timestamp("1677-09-22")  # before any record
LAST_DAY = pd.Timestamp("2262-04-11")  # after any check


@dataclass(frozen=True)
class OpeningUse:
    """How many openings of one therapist pairs use that started since the roster row was checked, or offers hold.

    Attributes
    ----------
    used : int
        Pairs that started since then, at most ``open_slots``.
    open_slots : int
        The number in the roster, >= ``used`` + ``held``.
    since : str or None
        ``therapists.updated_on``, ISO; empty where that cell cannot be read, so that every start counts. None where it
        is missing: then only starts in the journal count.
    held : int, default 0
        Open and accepted offers, at most the openings that are not used. ``used`` or ``held`` is above 0.
    """

    used: int
    open_slots: int
    since: str | None
    held: int = 0

    def __str__(self) -> str:
        opening = "opening" if self.open_slots == 1 else "openings"
        of = f"of {self.open_slots} {opening}"
        by_offers = "held by an offer" if self.held == 1 else "held by offers"
        if not self.used:
            return f"{self.held} {of} {by_offers}"
        since = f"since {self.since}" if self.since else f"by all starts, because `{UPDATED_ON}` cannot be read"
        if self.since is None:
            since = f"since `{OPEN_SLOTS}` was set"
        return f"{self.used} {of} used {since}" + (f", {self.held} {by_offers}" if self.held else "")


def count_openings(tables: Tables) -> Floats:
    """Return the number of further clients who can start now with each therapist.

    It is ``therapists.open_slots`` minus the pairs that started after ``therapists.updated_on``, see
    :func:`count_starts`, and minus those that hold an offer. A pair that ended since then does not give its opening
    back: only the therapist knows that.

    Returns
    -------
    array of float, shape (therapists,)
        0 or more; NaN where ``open_slots`` is missing.
    """
    open_slots = tables.therapists[OPEN_SLOTS].to_numpy(float)
    return np.maximum(open_slots - count_starts(tables) - count_held_openings(tables), 0.0)


def count_held_openings(tables: Tables) -> Floats:
    """Return the number of open and accepted offers of each therapist, shape (therapists,): each holds an opening."""
    ids = pd.Index(tables.therapists["therapist_id"])
    rows = ids.get_indexer(pd.Index([offer.therapist_id for offer in tables.pair_states.offers], dtype="str"))
    return np.bincount(rows[rows >= 0], minlength=len(ids)).astype(float)


def list_opening_records(
    outcomes: pd.DataFrame, clients: pd.Series, therapists: pd.Series, rows: Collection[int]
) -> pd.DataFrame:
    """Return the rows of outcomes that use openings and are left out later, see ``Tables.opening_records``.

    Parameters
    ----------
    outcomes : DataFrame
        All rows of the file, labelled by spreadsheet row.
    clients, therapists : Series of str
        The known ids. A client who is not among them, such as a former one, still uses an opening.
    rows : collection of int
        The rows whose ``measured_on`` is there and cannot be read.
    """
    records = complete_columns("outcomes", outcomes)
    is_unreadable = outcomes.index.isin(list(rows))
    is_of_others = ~is_one_of(records["client_id"], clients.tolist()) & records["measured_on"].notna()
    is_pair = records["client_id"].notna() & is_one_of(records["therapist_id"], therapists.tolist())
    return complete_opening_records(records[is_pair & (is_unreadable | is_of_others)])


class _CountedStarts(NamedTuple):
    """The starts of some tables, to be found again for tables with the very same rows."""

    frames: tuple[weakref.ref[pd.DataFrame], ...]
    states: tuple[object, ...]
    starts: Floats

    def are_of(self, frames: tuple[pd.DataFrame, ...], states: tuple[object, ...]) -> bool:
        """Return whether these are the tables; equal frames that are no longer the same object are counted again."""
        return all(known() is frame for known, frame in zip(self.frames, frames, strict=True)) and self.states == states


_COUNTED_LAST: dict[str, _CountedStarts] = {}  # a day of offers changes no row, and each of them asks several times


def count_starts(tables: Tables) -> Floats:
    """Return the number of pairs of each therapist that started after the therapist's roster row was checked.

    A pair started on the date of its first record in `outcomes`, minus 7 days for each session before that record:
    sessions count as weekly. Without a session number the first record counts as the start, also where another record
    of that day has one. Clients who are not in `clients` count too, and so do the pairs in
    ``pair_states.starts_since_check``, whatever the dates of their records.

    Returns
    -------
    array of float, shape (therapists,)
        0 or more. 0 for a therapist without ``updated_on``; every start counts where the cell is there and cannot be
        read, because an unreadable restriction restricts. A record without a date does not count; one whose date cannot
        be read is a start, unless the pair has an earlier record.
    """
    frames = tables.therapists, tables.outcomes, tables.opening_records
    states = tables.pair_states.starts_since_check, tables.unreadable
    last = _COUNTED_LAST.get("starts")
    if last is None or not last.are_of(frames, states):
        starts = _count_starts(tables)
        starts.flags.writeable = False
        last = _CountedStarts(tuple(map(weakref.ref, frames)), states, starts)
        _COUNTED_LAST["starts"] = last  # one assignment: other threads see the earlier record or this one
    return last.starts


def _count_starts(tables: Tables) -> Floats:
    checked_on = _read_check_dates(tables)
    records = _list_dated_records(tables, checked_on)
    is_since = records["measured_on"].to_numpy() > checked_on[records["therapist_row"]]
    pair = records["pair"].to_numpy()
    is_of_new_pair = is_since & ~np.isin(pair, pair[~is_since])  # an earlier record is an earlier start
    order = ["measured_on", "session"]  # a record without a session, such as a start in the journal, dates the start
    first = records[is_of_new_pair].sort_values(order, kind="stable", na_position="first").drop_duplicates("pair")
    days_before = DAYS_BETWEEN_SESSIONS * (first["session"].fillna(1) - 1)
    started_on = (first["measured_on"] - pd.to_timedelta(days_before, unit="D")).to_numpy()
    rows = first["therapist_row"].to_numpy()
    started = first[started_on > checked_on[rows]]
    starts = np.bincount(started["therapist_row"], minlength=len(checked_on)).astype(float)
    return starts + _count_other_starts(tables, started) if tables.pair_states.starts_since_check else starts


def _count_other_starts(tables: Tables, started: pd.DataFrame) -> Floats:
    """Return the number of pairs of each therapist whose start only the journal shows."""
    ids = pd.Index(tables.therapists["therapist_id"])
    counted = set(zip(started["client_id"], ids[started["therapist_row"]], strict=True))
    others = [one.therapist_id for one in tables.pair_states.starts_since_check if one not in counted]
    rows = ids.get_indexer(pd.Index(others, dtype="str"))
    return np.bincount(rows[rows >= 0], minlength=len(ids)).astype(float)


def _read_check_dates(tables: Tables) -> npt.NDArray[np.datetime64]:
    """Return the day on which each roster row was checked; the first of all days where the cell cannot be read."""
    roster = tables.therapists
    is_unreadable = roster["therapist_id"].isin(tables.list_unreadable_ids("therapists", UPDATED_ON))
    return roster[UPDATED_ON].mask(is_unreadable, FIRST_DAY).to_numpy()


def _list_dated_records(tables: Tables, checked_on: npt.NDArray[np.datetime64]) -> pd.DataFrame:
    """Return the dated records of therapists whose row has a date, with the row, and a number for each pair."""
    others = tables.opening_records.fillna({"measured_on": LAST_DAY})
    outcomes = (
        pd.concat([tables.outcomes[OPENING_COLUMNS], others], ignore_index=True) if len(others) else tables.outcomes
    )
    roster = tables.therapists
    rows = pd.Index(roster["therapist_id"]).get_indexer(pd.Index(outcomes["therapist_id"])).astype(np.int64)
    clients = pd.factorize(outcomes["client_id"])[0].astype(np.int64)
    records = outcomes[["client_id", "session", "measured_on"]].assign(
        therapist_row=rows, pair=clients * len(roster) + rows
    )
    is_dated = np.append(~np.isnat(checked_on), False)[rows]  # -1, no row of the roster, is the last
    dated: pd.DataFrame = records[is_dated & outcomes["measured_on"].notna().to_numpy()]
    return dated


def list_opening_uses(tables: Tables) -> dict[str, OpeningUse]:
    """Return the openings that are used or held, by therapist id; only therapists with at least one."""
    roster = tables.therapists
    open_slots = roster[OPEN_SLOTS].to_numpy(float)
    used = np.minimum(count_starts(tables), open_slots)  # NaN where the number of openings is missing
    held = np.minimum(count_held_openings(tables), open_slots - used)
    unreadable = tables.list_unreadable_ids("therapists", UPDATED_ON)
    uses = {}
    for row in np.flatnonzero((used > 0) | (held > 0)):
        therapist_id, day = str(roster["therapist_id"].iloc[row]), roster[UPDATED_ON].iloc[row]
        since = "" if therapist_id in unreadable else None if pd.isna(day) else day.date().isoformat()
        uses[therapist_id] = OpeningUse(int(used[row]), int(open_slots[row]), since, int(held[row]))
    return uses


def list_met_therapists(tables: Tables) -> dict[str, tuple[str, ...]]:
    """Return the ids of the therapists whom each client has met, by client id; the latest first record comes last.

    Therapists without a dated record come last, by id. Clients who met no therapist of the roster are left out.
    """
    rows = tables.outcomes[is_one_of(tables.outcomes["therapist_id"], tables.therapists["therapist_id"].tolist())]
    first = rows.sort_values("measured_on", kind="stable").drop_duplicates(PAIR)
    first = first.sort_values(["measured_on", "therapist_id"])
    met: dict[str, list[str]] = {}
    for client_id, therapist_id in zip(first["client_id"], first["therapist_id"], strict=True):
        met.setdefault(str(client_id), []).append(str(therapist_id))
    return {client_id: tuple(ids) for client_id, ids in met.items()}
