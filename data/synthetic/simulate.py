"""A synthetic clinic: tables as a clinic would have them, and the truth beside them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.assignment_policy import draw_episodes, has_eligible_therapist
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.effect_draws import draw_effects
from attune_fit.data.synthetic.observed_tables import build_ids, build_observed_tables, draw_referral_days
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.truth_files import write_truth
from attune_fit.data.synthetic.world import World
from attune_fit.data.writing.atomic_write import write_atomically
from attune_fit.data.writing.canonical_export import write_tables

AS_OF = dt.date(2026, 1, 5)
RANDOM_STREAMS = ("effects", "sites", "people", "truth", "meetings", "course", "desk")  # of chance, each its own
SYNTHETIC_NOTICE = "# No real person is in this clinic: it was drawn by Attune's simulator."


@dataclass(frozen=True)
class SimulatedClinic:
    """What :func:`simulate` made.

    Attributes
    ----------
    tables : Tables
        All that a clinic, and so any training, may see.
    truth : Truth
        Expected alliance of every pair, for rows of ``tables``.
    """

    tables: Tables
    truth: Truth


def simulate(
    clients: int,
    therapists: int,
    seed: int,
    world: World | None = None,
    waiting: int | None = None,
    as_of: dt.date = AS_OF,
    *,
    items: bool = False,
) -> SimulatedClinic:
    """Make a clinic and its first sessions.

    Parameters
    ----------
    clients, therapists : int
        How many, at least 1.
    seed : int
        At least 0. The same seed gives the same tables.
    world : World, optional
        What is true; the published figures when left out.
    waiting : int, optional
        How many of the clients, the last by id, have met nobody yet. A tenth, but at least one, when left out.
    as_of : date
        The day the tables speak of.
    items : bool
        Whether ``outcomes`` holds the twelve answers of each form too, as columns ``item_1`` and so on.

    Returns
    -------
    Simulated
        Everybody can be seen by at least one therapist of the roster, openings aside: a clinic takes on nobody else.

    Raises
    ------
    ValueError
        If a number is too small, or more clients wait than there are.

    Examples
    --------
    >>> clinic = simulate(40, 5, seed=1)
    >>> len(clinic.tables.clients), clinic.tables.outcomes["client_id"].nunique()
    (40, 36)
    """
    world = world or World()
    waiting = max(1, round(clients / 10)) if waiting is None else waiting
    _check(clients, therapists, seed, waiting, world)
    rng = dict(zip(RANDOM_STREAMS, np.random.default_rng(seed).spawn(len(RANDOM_STREAMS)), strict=True))
    world = draw_effects(world, rng["effects"])
    roster = _assign_sites(rng["sites"], draw_therapists(rng["people"], therapists, world), world)
    everybody = _draw_eligible_clients(rng["people"], clients, roster)
    known = clients - waiting
    days = draw_referral_days(rng["desk"], clients, known, world)
    truth = Truth.draw(world, everybody.assign(days_ago=days), roster, rng["truth"])
    truth = truth.with_episodes(draw_episodes(rng["meetings"], truth, np.arange(known)))
    tables = build_observed_tables(rng["course"], rng["desk"], truth, as_of, items=items)
    client_order = build_ids(everybody).get_indexer(pd.Index(tables.clients["client_id"]))
    therapist_order = build_ids(roster).get_indexer(pd.Index(tables.therapists["therapist_id"]))
    return SimulatedClinic(tables, truth.take(client_order, therapist_order))


def write_clinic(
    simulated: SimulatedClinic, folder: Path, name: str = "A synthetic clinic", truth: bool = True
) -> None:
    """Write a clinic folder: canonical CSV files, ``clinic.toml``, and the truth in ``truth/`` beside them.

    Parameters
    ----------
    simulated : Simulated
    folder : Path
        Made where it is not there; files of the same names are replaced.
    name : str
        Name of the clinic.
    truth : bool
        Whether to write ``truth/``, which nothing but a measurement may read: see :mod:`truth_files`.
    """
    write_tables(simulated.tables, folder)
    said = [
        SYNTHETIC_NOTICE,
        "[clinic]",
        f"name = {json.dumps(name)}",
        f"as_of = {simulated.tables.as_of.isoformat()}",
        "",
    ]
    if simulated.truth.world.sites > 1:
        said += ["[settings]", 'site_column = "site"', ""]
    write_atomically(folder / "clinic.toml", "\n".join(said))
    if truth:
        write_truth(simulated.tables, simulated.truth, folder / "truth")


def write_sample(folder: Path) -> None:
    """Write the sample clinic that ships with Attune: its tables, without the truth."""
    write_clinic(simulate(80, 16, seed=1, waiting=20), folder, name="Sample clinic", truth=False)


def _check(clients: int, therapists: int, seed: int, waiting: int, world: World) -> None:
    """Refuse numbers no clinic can have."""
    if clients < 1 or therapists < 1:
        raise ValueError("a clinic needs at least 1 client and 1 therapist")
    if seed < 0:
        raise ValueError("the seed must be 0 or larger")
    if not 0 <= waiting <= clients:
        raise ValueError(f"waiting must be from 0 to the number of clients ({clients})")
    if therapists < world.sites:
        raise ValueError(f"{world.sites} sites need at least as many therapists, not {therapists}")


def _assign_sites(rng: np.random.Generator, roster: People, world: World) -> People:
    """Therapists shared out over the sites, in turn, so that none stands empty."""
    return roster.assign(site=rng.permutation(np.arange(len(roster)) % world.sites))


def _draw_eligible_clients(rng: np.random.Generator, clients: int, roster: People) -> People:
    """Clients whom somebody on the roster may see; a site takes on clients as it has therapists."""
    groups, found, asked = [], 0, 0
    while found < clients:
        count = 20 + int((clients - found) * min(10.0, 1.1 * (asked + 1) / (found + 1)))
        asking = draw_clients(rng, count)
        if roster["site"].any():
            asking = asking.assign(site=rng.choice(roster["site"], count))
        groups.append(asking.take(has_eligible_therapist(asking, roster)))
        found, asked = found + len(groups[-1]), asked + count
    return People.concatenate(groups).take(np.arange(clients))
