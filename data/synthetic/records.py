"""What a synthetic clinic has on paper: ids, dates, unanswered questions, the outcomes of the first sessions."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.instruments import WAI_SR
from data.synthetic.alliance import Truth
from data.synthetic.course import first_sessions
from data.synthetic.missing import leave_out
from data.synthetic.people import People, Rows
from data.synthetic.wishes import wish_table
from data.tables import Tables, complete, in_canonical_order

Dates = npt.NDArray[np.datetime64]

CONFLICTS = 0.02  # share of clients who know one of the therapists from elsewhere: assumed
STALE = 0.1  # share of roster rows nobody has checked for long: assumed


def ids_of(people: People) -> pd.Index:
    """``c0001`` or ``t01`` and so on, in the order of the people: neutral."""
    letter, least = ("c", 4) if "wishes" in people.columns else ("t", 2)
    width = max(least, len(str(len(people))))
    return pd.Index([f"{letter}{number:0{width}d}" for number in range(1, len(people) + 1)])


def records(
    course: np.random.Generator, desk: np.random.Generator, truth: Truth, given: Rows, as_of: dt.date
) -> Tables:
    """Put on paper what a clinic would know.

    Parameters
    ----------
    course, desk : numpy Generator
        Chance in sessions, and at the desk.
    truth : Truth
        Of people in the order of their ids.
    given : array of shape (clients,)
        Row of the therapist each client met or, still waiting, would be given.
    as_of : date

    Returns
    -------
    Tables
        In canonical order, which is another than that of ``truth``.
    """
    ids = ids_of(truth.clients), ids_of(truth.therapists)
    referred = _referred(desk, len(ids[0]), len(truth.met), as_of)
    clients = leave_out(desk, "clients", truth.clients.frame("clients"), truth.world.missing)
    therapists = leave_out(desk, "therapists", truth.therapists.frame("therapists"), truth.world.missing)
    outcomes = _outcomes(course, truth, ids, referred)
    tables = Tables(
        clients=complete("clients", clients.assign(client_id=ids[0], referred_on=referred)),
        therapists=complete(
            "therapists", therapists.assign(therapist_id=ids[1], updated_on=_checked(desk, len(ids[1]), as_of))
        ),
        preferences=complete("preferences", wish_table(truth.clients, ids[0].to_numpy())),
        outcomes=complete("outcomes", outcomes),
        conflicts=complete("conflicts", _conflicts(desk, ids, given)),
        as_of=as_of,
        met=frozenset(outcomes["client_id"]),
    )
    return in_canonical_order(tables)


def _outcomes(rng: np.random.Generator, truth: Truth, ids: tuple[pd.Index, pd.Index], referred: Dates) -> pd.DataFrame:
    """The ``outcomes`` of those who met: weekly sessions, the first after two to six weeks of waiting."""
    client, therapist = (truth.met[f"{side}_row"].to_numpy() for side in ("client", "therapist"))
    rows = first_sessions(rng, truth.world, sum(truth.parts(client, therapist), np.zeros(1)))
    episode = rows.pop("episode").to_numpy()
    start = referred[client] + rng.integers(14, 43, len(client))
    return rows.assign(
        client_id=ids[0][client[episode]],
        therapist_id=ids[1][therapist[episode]],
        measured_on=start[episode] + 7 * (rows["session"].to_numpy(int) - 1),
        instrument=WAI_SR.name,
        rater="client",
    )


def _referred(rng: np.random.Generator, clients: int, known: int, as_of: dt.date) -> Dates:
    """Days of referral: those who met within two years, long enough ago for three sessions; the others lately."""
    days = np.where(np.arange(clients) < known, rng.integers(70, 730, clients), rng.integers(1, 60, clients))
    return np.datetime64(as_of, "D") - days


def _checked(rng: np.random.Generator, therapists: int, as_of: dt.date) -> Dates:
    """Days on which the roster rows were checked; a few long ago."""
    stale = rng.random(therapists) < STALE
    return np.datetime64(as_of, "D") - np.where(
        stale, rng.integers(200, 600, therapists), rng.integers(0, 90, therapists)
    )


def _conflicts(rng: np.random.Generator, ids: tuple[pd.Index, pd.Index], therapist: Rows) -> pd.DataFrame:
    """A few clients know a therapist from elsewhere, never the one they were given."""
    others = len(ids[1]) - 1
    client = np.flatnonzero((rng.random(len(therapist)) < CONFLICTS) & (others > 0))
    another = (therapist[client] + 1 + rng.integers(0, max(1, others), len(client))) % len(ids[1])
    return pd.DataFrame({"client_id": ids[0][client], "therapist_id": ids[1][another], "reason": "known privately"})
