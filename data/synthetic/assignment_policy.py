"""Eligibility and assignment policy: which pairs can meet, and with which known probability (propensity)."""

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

REQUIRED_OVERLAPS = {  # client column -> therapist column: a pair needs at least one code in common
    "region": "licensed_regions",
    "payer": "payers",
    "languages": "languages",
    "formats": "formats",
    "availability": "availability",
}
MUST, NEVER = 1, 4  # codes in the wishes matrix: 1 + position in STRENGTHS
MAX_PAIRS_IN_BLOCK = 1_000_000  # pairs in memory at one time


def is_eligible(clients: People, therapists: People) -> Bools:
    """Return whether each therapist is eligible for each client, by their true values, shape (clients, therapists).

    The hard rules: a common code in each column of :data:`REQUIRED_OVERLAPS`, the same site, every must wish met, and
    no never wish broken. The therapist must also take the client's age and problems. Openings do not count: they
    describe today, and the meetings are in the past.
    """
    c, t = build_cross_rows(clients, therapists)
    has = has_wished_attributes(therapists)
    violations = compute_overlap(clients["wishes"] == MUST, ~has, c, t) + compute_overlap(
        clients["wishes"] == NEVER, has, c, t
    )
    violations += compute_overlap(clients["presenting_problems"], therapists["problems_not_taken"], c, t)
    eligible = (violations == 0) & (clients["site"][c] == therapists["site"][t])
    for ours, theirs in REQUIRED_OVERLAPS.items():
        eligible &= compute_overlap(clients[ours], therapists[theirs], c, t) > 0
    has_age_limit = therapists["age_groups"].any(axis=1)
    takes_age = compute_overlap(clients["age_group"], therapists["age_groups"], c, t) > 0
    return np.asarray(eligible & (takes_age | ~has_age_limit))


def has_eligible_therapist(clients: People, therapists: People) -> Bools:
    """Return whether the roster has an eligible therapist for each client, shape (clients,); works block by block."""
    blocks = [
        is_eligible(clients.take(rows), therapists).any(axis=1)
        for rows in iterate_blocks(len(clients), len(therapists))
    ]
    return np.concatenate(blocks)


def compute_propensities(truth: Truth, rows: Indices) -> Floats:
    """Return the propensities: the probability that each client meets each therapist first, shape (rows, therapists).

    The policy of the world decides: see :data:`POLICY_WEIGHTS`. Each row adds up to 1. A row is all 0 if no therapist
    is eligible for the client.
    """
    world, clients, therapists = truth.world, truth.clients.take(rows), truth.therapists
    weight = is_eligible(clients, therapists) * POLICY_WEIGHTS[world.meetings](world, clients, therapists)
    if world.confounding:
        client_level, therapist_level = (_standardize(part) for part in (truth.client, truth.therapist))
        weight = weight * np.exp(-world.confounding * client_level[rows][:, None] * therapist_level)
    if world.insight:
        parts = truth.compute_parts(rows[:, None], np.arange(len(therapists))[None, :])
        weight = weight * np.exp(world.insight * (parts.fit + parts.chemistry) / max(np.sqrt(world.dyad), 1e-9))
    total = weight.sum(axis=1, keepdims=True)
    return np.asarray(weight / np.where(total > 0, total, 1.0))


def weigh_by_availability(_: World, clients: People, therapists: People) -> Floats:
    """Return weights in proportion to common weekly slots and to the therapist's caseload."""
    slots = compute_overlap(clients["availability"], therapists["availability"], *build_cross_rows(clients, therapists))
    return np.asarray(slots * therapists["caseload"])


def weigh_by_coordinator(world: World, clients: People, therapists: People) -> Floats:
    """Return availability weights, raised for a focus on the main problem and for honoured wishes."""
    focus = therapists["specialties"][:, clients["main"]].T
    preference = np.exp(world.coordinator * (focus + _compute_wish_balance(clients, therapists)))
    return weigh_by_availability(world, clients, therapists) * preference


def weigh_by_wishes(world: World, clients: People, therapists: People) -> Floats:
    """Return weights of self-selection: clients choose from the whole list by their wishes."""
    return np.asarray(np.exp(world.self_selection * _compute_wish_balance(clients, therapists)))


def weigh_equally(_: World, clients: People, therapists: People) -> Floats:
    """Return equal weights (random assignment)."""
    return np.ones((len(clients), len(therapists)))


POLICY_WEIGHTS = {
    "availability": weigh_by_availability,
    "coordinator": weigh_by_coordinator,
    "wishes": weigh_by_wishes,
    "random": weigh_equally,
}


def draw_episodes(rng: np.random.Generator, truth: Truth, rows: Indices) -> pd.DataFrame:
    """Assign therapists to each of these clients at random, by propensity and without replacement.

    Returns
    -------
    DataFrame
        In the columns of ``Truth.episodes``. A client meets ``therapists_each`` therapists, or fewer if fewer are
        eligible.
    """
    turns, therapists = truth.world.therapists_each, len(truth.therapists)
    uniform = rng.random((len(rows), turns))
    episodes = []
    for block in iterate_blocks(len(rows), therapists):
        chance = compute_propensities(truth, rows[block])
        for turn in range(turns):
            cumulative = chance.cumsum(axis=1)
            has_choice = cumulative[:, -1] > 1e-12
            row = np.minimum(
                (uniform[block, turn, None] * cumulative[:, -1:] >= cumulative).sum(axis=1), therapists - 1
            )
            probability = chance[np.arange(len(block)), row] / np.where(has_choice, cumulative[:, -1], 1.0)
            episodes.append(
                (rows[block][has_choice], row[has_choice], np.full(has_choice.sum(), turn), probability[has_choice])
            )
            chance[np.arange(len(block)), row] = 0.0  # without replacement: no client meets a therapist twice
    if not episodes:
        return build_episodes(*(np.arange(0),) * 3, np.zeros(0))
    return build_episodes(*(np.concatenate(column) for column in zip(*episodes, strict=True)))


def iterate_blocks(clients: int, therapists: int) -> Iterator[Indices]:
    """Yield the row indices of clients in blocks, so that memory never holds all pairs at once."""
    step = max(1, MAX_PAIRS_IN_BLOCK // therapists)
    for start in range(0, clients, step):
        yield np.arange(start, min(start + step, clients))


def _compute_wish_balance(clients: People, therapists: People) -> Floats:
    """Compute honoured wishes minus broken wishes, weighted by strength, clipped to -1..1."""
    c, t = build_cross_rows(clients, therapists)
    has = has_wished_attributes(therapists)
    balance = compute_overlap(compute_wish_weights(clients, good=True), has, c, t) - compute_overlap(
        compute_wish_weights(clients, good=False), has, c, t
    )
    return np.clip(balance, -1, 1)


def _standardize(part: Floats) -> Floats:
    """Return standard scores; all 0 if the values do not vary."""
    return np.asarray((part - part.mean()) / (part.std() or 1.0))
