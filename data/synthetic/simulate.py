"""Simulate a clinic: the tables that a clinic would have, and the ground truth of every pair."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.storage.atomic_write import Content
from attune_fit.data.storage.folder_write import write_folder_atomically
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.assignment_policy import draw_episodes, has_eligible_therapist
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.effect_draws import draw_effects
from attune_fit.data.synthetic.observed_tables import build_ids, build_observed_tables, draw_referral_days
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.truth_files import build_truth_files
from attune_fit.data.synthetic.world import World
from attune_fit.data.writing.canonical_export import build_table_files

AS_OF = dt.date(2026, 1, 5)
# Independent random streams, one for each step. Their order is fixed: a change would change every clinic.
RANDOM_STREAMS = ("effects", "sites", "people", "truth", "meetings", "sessions", "records")
TRUTH_FOLDER = "truth"  # of the ground truth, in the clinic folder
SYNTHETIC_NOTICE = "# No real person is in this clinic: it was drawn by Attune's simulator."


@dataclass(frozen=True)
class SimulatedClinic:
    """The tables and the ground truth of one clinic: the result of :func:`simulate`.

    Attributes
    ----------
    tables : Tables
        All that a clinic and any training are allowed to read.
    truth : Truth
        Expected alliance of every pair, for the rows of ``tables``.
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
    """Simulate a clinic and its first sessions, and return its tables and its ground truth.

    Parameters
    ----------
    clients, therapists : int
        Number of people, at least 1 each. A world with several sites needs at least one therapist for each site.
    seed : int
        At least 0. The same seed gives the same tables.
    world : World, optional
        Parameters of the clinic. Default: the published figures.
    waiting : int, optional
        Number of clients, the last by id, who wait and have not met any therapist. Default: a tenth, but at least 1.
    as_of : date
        The day on which the tables are exported.
    items : bool
        Whether ``outcomes`` also holds the twelve answers of each form, as columns ``item_1`` to ``item_12``.

    Returns
    -------
    SimulatedClinic
        Each client is eligible for at least one therapist of the roster, regardless of openings: the simulated clinic
        admits no other clients.

    Raises
    ------
    ValueError
        If a number is too small, or if more clients wait than there are.

    Examples
    --------
    >>> clinic = simulate(40, 5, seed=1)
    >>> len(clinic.tables.clients), clinic.tables.outcomes["client_id"].nunique()
    (40, 36)
    """
    world = world or World()
    waiting = max(1, round(clients / 10)) if waiting is None else waiting
    _check_sizes(clients, therapists, seed, waiting, world)
    rng = dict(zip(RANDOM_STREAMS, np.random.default_rng(seed).spawn(len(RANDOM_STREAMS)), strict=True))
    world = draw_effects(world, rng["effects"])
    roster = _assign_sites(rng["sites"], draw_therapists(rng["people"], therapists, world), world)
    people = _draw_eligible_clients(rng["people"], clients, roster)
    treated = clients - waiting
    days = draw_referral_days(rng["records"], clients, treated, world)
    truth = Truth.draw(world, people.assign(days_ago=days), roster, rng["truth"])
    truth = truth.with_episodes(draw_episodes(rng["meetings"], truth, np.arange(treated)))
    tables = build_observed_tables(rng["sessions"], rng["records"], truth, as_of, items=items)
    client_order = build_ids(people).get_indexer(pd.Index(tables.clients["client_id"]))
    therapist_order = build_ids(roster).get_indexer(pd.Index(tables.therapists["therapist_id"]))
    return SimulatedClinic(tables, truth.take(client_order, therapist_order))


def write_clinic(
    simulated: SimulatedClinic,
    folder: Path,
    name: str = "A synthetic clinic",
    truth: bool = True,
    others: Mapping[str, Content] | None = None,
) -> None:
    """Write a clinic folder: canonical CSV files, ``clinic.toml``, and the ground truth in the folder ``truth/``.

    All files are written, or none.

    Parameters
    ----------
    simulated : SimulatedClinic
    folder : Path
        Created if it does not exist. Files of the same names are replaced.
    name : str
        Name of the clinic.
    truth : bool
        Whether to write ``truth/``. Only measurements are allowed to read it: see :mod:`truth_files`.
    others : mapping, optional
        Content of other files of the folder, by name.
    """
    config = [
        SYNTHETIC_NOTICE,
        "[clinic]",
        f"name = {json.dumps(name)}",
        f"as_of = {simulated.tables.as_of.isoformat()}",
        "",
    ]
    if simulated.truth.world.sites > 1:
        config += ["[settings]", 'site_column = "site"', ""]
    files: dict[str, Content] = {**build_table_files(simulated.tables), "clinic.toml": "\n".join(config)}
    if truth:
        truth_files = build_truth_files(simulated.tables, simulated.truth)
        files |= {f"{TRUTH_FOLDER}/{file}": content for file, content in truth_files.items()}
    write_folder_atomically(folder, {**files, **(others or {})})


def write_sample(folder: Path) -> None:
    """Write the sample clinic that is part of Attune: its tables, without the ground truth."""
    write_clinic(simulate(80, 16, seed=1, waiting=20), folder, name="Sample clinic", truth=False)


def _check_sizes(clients: int, therapists: int, seed: int, waiting: int, world: World) -> None:
    """Raise ValueError if a number is impossible for a clinic."""
    if clients < 1 or therapists < 1:
        raise ValueError("a clinic needs at least 1 client and 1 therapist")
    if seed < 0:
        raise ValueError("the seed must be 0 or larger")
    if not 0 <= waiting <= clients:
        raise ValueError(f"waiting must be from 0 to the number of clients ({clients})")
    if therapists < world.sites:
        raise ValueError(f"{world.sites} sites need at least as many therapists, not {therapists}")


def _assign_sites(rng: np.random.Generator, roster: People, world: World) -> People:
    """Assign the therapists to the sites in rotation, so that no site is empty."""
    return roster.assign(site=rng.permutation(np.arange(len(roster)) % world.sites))


def _draw_eligible_clients(rng: np.random.Generator, clients: int, roster: People) -> People:
    """Draw clients with an eligible therapist (rejection sampling); sites get clients in proportion to therapists."""
    groups, accepted, drawn = [], 0, 0
    while accepted < clients:
        count = 20 + int((clients - accepted) * min(10.0, 1.1 * (drawn + 1) / (accepted + 1)))
        applicants = draw_clients(rng, count)
        if roster["site"].any():
            applicants = applicants.assign(site=rng.choice(roster["site"], count))
        groups.append(applicants.take(has_eligible_therapist(applicants, roster)))
        accepted, drawn = accepted + len(groups[-1]), drawn + count
    return People.concatenate(groups).take(np.arange(clients))
