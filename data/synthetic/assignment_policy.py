"""Who may see whom, and who met whom: a policy whose probabilities are known and kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.synthetic.alliance import Truth, build_episodes
from attune_fit.data.synthetic.people import People, build_cross_rows, compute_overlap
from attune_fit.data.synthetic.wishes import compute_wish_weights, has_wished_attributes

if TYPE_CHECKING:
    from attune_fit.data.synthetic.world import World

REQUIRED_OVERLAPS = {  # client column -> therapist column: one code in common, or they cannot meet
    "region": "licensed_regions",
    "payer": "payers",
    "languages": "languages",
    "formats": "formats",
    "availability": "availability",
}
MUST, NEVER = 1, 4
MAX_PAIRS_IN_BLOCK = 1_000_000  # held at a time


def is_eligible(clients: People, therapists: People) -> Bools:
    """Whether each client may see each therapist, by what is true of both, shape (clients, therapists).

    A code of every column in :data:`REQUIRED_OVERLAPS` in common, the same site, every must met, no never, an age and problems
    that the therapist takes. Openings are of today and say nothing about the past.
    """
    c, t = build_cross_rows(clients, therapists)
    has = has_wished_attributes(therapists)
    broken = compute_overlap(clients["wishes"] == MUST, ~has, c, t) + compute_overlap(
        clients["wishes"] == NEVER, has, c, t
    )
    broken += compute_overlap(clients["presenting_problems"], therapists["problems_not_taken"], c, t)
    may = (broken == 0) & (clients["site"][c] == therapists["site"][t])
    for ours, theirs in REQUIRED_OVERLAPS.items():
        may &= compute_overlap(clients[ours], therapists[theirs], c, t) > 0
    limited = therapists["age_groups"].any(axis=1)
    return np.asarray(may & ((compute_overlap(clients["age_group"], therapists["age_groups"], c, t) > 0) | ~limited))


def has_eligible_therapist(clients: People, therapists: People) -> Bools:
    """Whether somebody on the roster may see each client, shape (clients,); never the whole cross product."""
    found = [
        is_eligible(clients.take(rows), therapists).any(axis=1)
        for rows in iterate_blocks(len(clients), len(therapists))
    ]
    return np.concatenate(found)


def compute_propensities(truth: Truth, rows: Indices) -> Floats:
    """Probability that each of these clients is given to each therapist first, shape (rows, therapists).

    By the policy of the world: see :data:`POLICY_WEIGHTS`. A row is all 0 where nobody may see the client.
    """
    world, clients, therapists = truth.world, truth.clients.take(rows), truth.therapists
    weight = is_eligible(clients, therapists) * POLICY_WEIGHTS[world.meetings](world, clients, therapists)
    if world.confounding:
        hard, strong = (_standardize(part) for part in (truth.client, truth.therapist))
        weight = weight * np.exp(-world.confounding * hard[rows][:, None] * strong)
    if world.insight:
        own = truth.compute_parts(rows[:, None], np.arange(len(therapists))[None, :])
        weight = weight * np.exp(world.insight * (own.fit + own.chemistry) / max(np.sqrt(world.dyad), 1e-9))
    total = weight.sum(axis=1, keepdims=True)
    return np.asarray(weight / np.where(total > 0, total, 1.0))


def weigh_by_availability(_: World, clients: People, therapists: People) -> Floats:
    """In proportion to slots in common and to how many clients a therapist takes."""
    slots = compute_overlap(clients["availability"], therapists["availability"], *build_cross_rows(clients, therapists))
    return np.asarray(slots * therapists["caseload"])


def weigh_by_coordinator(world: World, clients: People, therapists: People) -> Floats:
    """By availability, and the coordinator leans towards a focus on the main problem and towards wishes."""
    focus = therapists["specialties"][:, clients["main"]].T
    lean = np.exp(world.coordinator * (focus + _compute_wish_balance(clients, therapists)))
    return weigh_by_availability(world, clients, therapists) * lean


def weigh_by_wishes(world: World, clients: People, therapists: People) -> Floats:
    """Clients choose from the whole list for themselves, by what they wish for."""
    return np.asarray(np.exp(world.self_selection * _compute_wish_balance(clients, therapists)))


def weigh_equally(_: World, clients: People, therapists: People) -> Floats:
    """Everybody who may be seen, alike."""
    return np.ones((len(clients), len(therapists)))


POLICY_WEIGHTS = {
    "availability": weigh_by_availability,
    "coordinator": weigh_by_coordinator,
    "wishes": weigh_by_wishes,
    "random": weigh_equally,
}


def draw_episodes(rng: np.random.Generator, truth: Truth, rows: Indices) -> pd.DataFrame:
    """Give each of these clients as many therapists as the world says, by chance, never one of them twice.

    Returns
    -------
    DataFrame
        As :attr:`Truth.met`. Who can be seen by fewer meets fewer.
    """
    turns, therapists = truth.world.therapists_each, len(truth.therapists)
    luck = rng.random((len(rows), turns))
    found = []
    for block in iterate_blocks(len(rows), therapists):
        chance = compute_propensities(truth, rows[block])
        for turn in range(turns):
            up_to = chance.cumsum(axis=1)
            some = up_to[:, -1] > 1e-12
            row = np.minimum((luck[block, turn, None] * up_to[:, -1:] >= up_to).sum(axis=1), therapists - 1)
            probability = chance[np.arange(len(block)), row] / np.where(some, up_to[:, -1], 1.0)
            found.append((rows[block][some], row[some], np.full(some.sum(), turn), probability[some]))
            chance[np.arange(len(block)), row] = 0.0
    if not found:
        return build_episodes(*(np.arange(0),) * 3, np.zeros(0))
    return build_episodes(*(np.concatenate(each) for each in zip(*found, strict=True)))


def iterate_blocks(clients: int, therapists: int) -> Iterator[Indices]:
    """Indices of clients in blocks, so that their cross product with the roster need never be held whole."""
    step = max(1, MAX_PAIRS_IN_BLOCK // therapists)
    for start in range(0, clients, step):
        yield np.arange(start, min(start + step, clients))


def _compute_wish_balance(clients: People, therapists: People) -> Floats:
    """How far a therapist is what the client wants, less what the client does not, held to -1 to 1."""
    c, t = build_cross_rows(clients, therapists)
    has = has_wished_attributes(therapists)
    wanted = compute_overlap(compute_wish_weights(clients, good=True), has, c, t) - compute_overlap(
        compute_wish_weights(clients, good=False), has, c, t
    )
    return np.clip(wanted, -1, 1)


def _standardize(part: Floats) -> Floats:
    """In SD from its mean; 0 throughout where nothing varies."""
    return np.asarray((part - part.mean()) / (part.std() or 1.0))
