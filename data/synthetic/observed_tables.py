"""What a synthetic clinic has on paper: ids, dates, unanswered questions, the outcomes of the first sessions."""

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

CONFLICT_SHARE = 0.02  # share of clients who know one of the therapists from elsewhere: assumed
STALE_SHARE = 0.1  # share of roster rows nobody has checked for long: assumed
MIN_WAIT_DAYS, MAX_WAIT_DAYS = 14, 42  # days from referral to the first session: assumed
DAYS_PER_WEEK = 7
DAYS_BETWEEN_THERAPISTS = 14  # days from the last session with one therapist to the first with the next: assumed


def build_ids(people: People) -> pd.Index:
    """``c0001`` or ``t01`` and so on, in the order of the people: neutral."""
    letter, least = ("c", 4) if "wishes" in people.columns else ("t", 2)
    width = max(least, len(str(len(people))))
    return pd.Index([f"{letter}{number:0{width}d}" for number in range(1, len(people) + 1)])


def build_observed_tables(
    course: np.random.Generator, desk: np.random.Generator, truth: Truth, as_of: dt.date, *, items: bool = False
) -> Tables:
    """Put on paper what a clinic would know.

    Parameters
    ----------
    course, desk : numpy Generator
        Chance in sessions, and at the desk.
    truth : Truth
        Of people in the order of their ids.
    as_of : date
    items : bool
        Whether ``outcomes`` holds the twelve answers of each form too, as columns ``item_1`` and so on.

    Returns
    -------
    Tables
        In canonical order, which is another than that of ``truth``.
    """
    ids = build_ids(truth.clients), build_ids(truth.therapists)
    referred = np.datetime64(as_of, "D") - truth.clients["days_ago"].astype(int)
    clients, therapists = (
        remove_answers(desk, table, people.to_frame(table), truth.world.missing).assign(
            **_build_site_column(people, truth.world)
        )
        for table, people in (("clients", truth.clients), ("therapists", truth.therapists))
    )
    outcomes = _build_outcomes(course, truth, ids, referred)
    tables = Tables(
        clients=complete_columns("clients", clients.assign(client_id=ids[0], referred_on=referred)),
        therapists=complete_columns(
            "therapists",
            therapists.assign(therapist_id=ids[1], updated_on=_draw_update_dates(desk, len(ids[1]), as_of)),
        ),
        preferences=complete_columns("preferences", build_wish_table(truth.clients, ids[0].to_numpy())),
        outcomes=complete_columns("outcomes", outcomes if items else outcomes.drop(columns=list(ITEM_COLUMNS))),
        conflicts=complete_columns("conflicts", _draw_conflicts(desk, ids, truth.episodes)),
        as_of=as_of,
        met_client_ids=frozenset(outcomes["client_id"]),
    )
    return sort_canonically(tables)


def draw_referral_days(rng: np.random.Generator, clients: int, known: int, world: World) -> Floats:
    """Draw how many days ago each client was referred, shape (clients,).

    The first ``known`` within two years, yet long enough ago for every session to be held; the others lately.
    """
    each = world.therapists_each
    enough = (
        MAX_WAIT_DAYS + each * DAYS_PER_WEEK * world.sessions + (each - 1) * DAYS_BETWEEN_THERAPISTS + DAYS_PER_WEEK
    )
    days = np.where(
        np.arange(clients) < known,
        rng.integers(enough, max(730, enough + 365), clients),
        rng.integers(1, 60, clients),
    )
    return days.astype(float)


def _build_outcomes(
    rng: np.random.Generator, truth: Truth, ids: tuple[pd.Index, pd.Index], referred: Dates
) -> pd.DataFrame:
    """The ``outcomes`` of those who met: weekly sessions, the first after two to six weeks of waiting."""
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
    """A column with the site of each, where there are several."""
    return {"site": [f"site {number + 1}" for number in people["site"]]} if world.sites > 1 else {}


def _draw_update_dates(rng: np.random.Generator, therapists: int, as_of: dt.date) -> Dates:
    """Days on which the roster rows were checked; a few long ago."""
    stale = rng.random(therapists) < STALE_SHARE
    return np.datetime64(as_of, "D") - np.where(
        stale, rng.integers(200, 600, therapists), rng.integers(0, 90, therapists)
    )


def _draw_conflicts(rng: np.random.Generator, ids: tuple[pd.Index, pd.Index], met: pd.DataFrame) -> pd.DataFrame:
    """A few clients know a therapist from elsewhere, never one they met here."""
    client = np.flatnonzero(rng.random(len(ids[0])) < CONFLICT_SHARE)
    known = pd.MultiIndex.from_arrays([client, rng.integers(0, len(ids[1]), len(client))])
    here = pd.MultiIndex.from_frame(met[["client_row", "therapist_row"]])
    client, therapist = (known[~known.isin(here)].get_level_values(side).to_numpy(int) for side in (0, 1))
    return pd.DataFrame({"client_id": ids[0][client], "therapist_id": ids[1][therapist], "reason": "known privately"})
