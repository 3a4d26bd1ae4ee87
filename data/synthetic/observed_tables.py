"""Build the tables of a synthetic clinic from its truth: ids, dates, missing answers and outcomes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.missing_answers import remove_answers
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.sessions import ITEM_COLUMNS, simulate_sessions
from attune_fit.data.synthetic.wishes import build_wish_table
from attune_fit.data.synthetic.world import World

Dates = npt.NDArray[np.datetime64]

CONFLICT_SHARE = 0.02  # share of clients who know one of the therapists privately: assumed
STALE_SHARE = 0.1  # share of roster rows without a recent update: assumed
MIN_WAIT_DAYS, MAX_WAIT_DAYS = 14, 42  # days from referral to the first session: assumed
DAYS_PER_WEEK = 7
DAYS_BETWEEN_THERAPISTS = 14  # days from the last session with one therapist to the first with the next: assumed


def build_ids(people: People) -> pd.Index:
    """Build neutral ids, ``c0001`` or ``t01`` and so on, in the order of the people."""
    letter, min_width = ("c", 4) if "wishes" in people.columns else ("t", 2)
    width = max(min_width, len(str(len(people))))
    return pd.Index([f"{letter}{number:0{width}d}" for number in range(1, len(people) + 1)])


def build_observed_tables(
    session_rng: np.random.Generator,
    record_rng: np.random.Generator,
    truth: Truth,
    as_of: dt.date,
    *,
    items: bool = False,
) -> Tables:
    """Build the tables that the clinic would have: observed answers, wishes, outcomes and conflicts.

    Parameters
    ----------
    session_rng, record_rng : numpy Generator
        Random streams of the sessions, and of the clinic's records (missing answers, dates, conflicts).
    truth : Truth
        People in the order of their ids.
    as_of : date
        The day on which the tables are exported.
    items : bool
        Whether ``outcomes`` also holds the twelve answers of each form, as columns ``item_1`` to ``item_12``.

    Returns
    -------
    Tables
        In canonical order, which differs from the order of ``truth``.
    """
    ids = build_ids(truth.clients), build_ids(truth.therapists)
    referred = np.datetime64(as_of, "D") - truth.clients["days_ago"].astype(int)
    clients, therapists = (
        remove_answers(record_rng, table, people.to_frame(table), truth.world.missing).assign(
            **_build_site_column(people, truth.world)
        )
        for table, people in (("clients", truth.clients), ("therapists", truth.therapists))
    )
    outcomes = _build_outcomes(session_rng, truth, ids, referred)
    tables = Tables(
        clients=complete_columns("clients", clients.assign(client_id=ids[0], referred_on=referred)),
        therapists=complete_columns(
            "therapists",
            therapists.assign(therapist_id=ids[1], updated_on=_draw_update_dates(record_rng, len(ids[1]), as_of)),
        ),
        preferences=complete_columns("preferences", build_wish_table(truth.clients, ids[0].to_numpy())),
        outcomes=complete_columns("outcomes", outcomes if items else outcomes.drop(columns=list(ITEM_COLUMNS))),
        conflicts=complete_columns("conflicts", _draw_conflicts(record_rng, ids, truth.episodes)),
        as_of=as_of,
        met_client_ids=frozenset(outcomes["client_id"]),
    )
    return sort_canonically(tables)


def draw_referral_days(rng: np.random.Generator, clients: int, treated: int, world: World) -> Floats:
    """Draw how many days ago each client was referred, shape (clients,).

    The first ``treated`` clients were referred within two years, early enough for all their sessions. The others wait:
    they were referred less than 60 days ago.
    """
    count = world.therapists_each
    min_days = (
        MAX_WAIT_DAYS + count * DAYS_PER_WEEK * world.sessions + (count - 1) * DAYS_BETWEEN_THERAPISTS + DAYS_PER_WEEK
    )
    days = np.where(
        np.arange(clients) < treated,
        rng.integers(min_days, max(730, min_days + 365), clients),
        rng.integers(1, 60, clients),
    )
    return days.astype(float)


def _build_outcomes(
    rng: np.random.Generator, truth: Truth, ids: tuple[pd.Index, pd.Index], referred: Dates
) -> pd.DataFrame:
    """Build ``outcomes`` of all episodes: weekly sessions, the first one two to six weeks after referral."""
    client, therapist, turn = (truth.episodes[name].to_numpy() for name in ("client_row", "therapist_row", "turn"))
    rows = simulate_sessions(rng, truth.world, sum(truth.compute_parts(client, therapist), np.zeros(1)), therapist)
    episode = rows.pop("episode").to_numpy()
    wait = rng.integers(MIN_WAIT_DAYS, MAX_WAIT_DAYS + 1, len(referred))[client]
    start = referred[client] + wait + turn * (DAYS_PER_WEEK * truth.world.sessions + DAYS_BETWEEN_THERAPISTS)
    return rows.assign(
        client_id=ids[0][client[episode]],
        therapist_id=ids[1][therapist[episode]],
        measured_on=start[episode] + DAYS_PER_WEEK * (rows["session"].to_numpy(int) - 1),
        instrument=WAI_SR.name,
    )


def _build_site_column(people: People, world: World) -> dict[str, list[str]]:
    """Build the column ``site`` if the world has several sites; otherwise return no column."""
    return {"site": [f"site {number + 1}" for number in people["site"]]} if world.sites > 1 else {}


def _draw_update_dates(rng: np.random.Generator, therapists: int, as_of: dt.date) -> Dates:
    """Draw the day of the last update of each roster row; a few are stale."""
    stale = rng.random(therapists) < STALE_SHARE
    return np.datetime64(as_of, "D") - np.where(
        stale, rng.integers(200, 600, therapists), rng.integers(0, 90, therapists)
    )


def _draw_conflicts(rng: np.random.Generator, ids: tuple[pd.Index, pd.Index], episodes: pd.DataFrame) -> pd.DataFrame:
    """Draw conflicts: a few clients know a therapist privately, but never one they met in this clinic."""
    client = np.flatnonzero(rng.random(len(ids[0])) < CONFLICT_SHARE)
    acquainted = pd.MultiIndex.from_arrays([client, rng.integers(0, len(ids[1]), len(client))])
    treated = pd.MultiIndex.from_frame(episodes[["client_row", "therapist_row"]])
    client, therapist = (acquainted[~acquainted.isin(treated)].get_level_values(side).to_numpy(int) for side in (0, 1))
    return pd.DataFrame({"client_id": ids[0][client], "therapist_id": ids[1][therapist], "reason": "known privately"})
