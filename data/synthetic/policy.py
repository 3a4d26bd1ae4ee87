"""Who may see whom, and who met whom, with probabilities that are kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.synthetic.people import Bools, Floats, People, Rows, everyone, shared
from data.synthetic.wishes import meets, weights
from data.synthetic.world import World

MUST_SHARE = {  # client column -> therapist column: one code in common, or they cannot meet
    "region": "licensed_regions",
    "payer": "payers",
    "languages": "languages",
    "formats": "formats",
    "availability": "availability",
}
MUST, NEVER = 1, 4
PAIRS = 1_000_000  # held at a time


def eligible(clients: People, therapists: People) -> Bools:
    """Whether each client may see each therapist, by what is true of both, shape (clients, therapists).

    A code of every column in :data:`MUST_SHARE` in common, every must met, no never, an age and problems that the
    therapist takes. Openings are of today and say nothing about the past.
    """
    c, t = everyone(clients, therapists)
    has = meets(therapists)
    broken = shared(clients["wishes"] == MUST, ~has, c, t) + shared(clients["wishes"] == NEVER, has, c, t)
    broken += shared(clients["presenting_problems"], therapists["problems_not_taken"], c, t)
    may = broken == 0
    for ours, theirs in MUST_SHARE.items():
        may &= shared(clients[ours], therapists[theirs], c, t) > 0
    limited = therapists["age_groups"].any(axis=1)
    return np.asarray(may & ((shared(clients["age_group"], therapists["age_groups"], c, t) > 0) | ~limited))


def chances(world: World, clients: People, therapists: People) -> Floats:
    """Probability that each client is given to each therapist, shape (clients, therapists).

    In proportion to slots in common and to how many clients a therapist takes; the coordinator leans towards a focus
    on the main problem and towards wishes. A row is all 0 where nobody may see the client.
    """
    c, t = everyone(clients, therapists)
    has = meets(therapists)
    wanted = shared(weights(clients, good=True), has, c, t) - shared(weights(clients, good=False), has, c, t)
    focus = therapists["specialties"][:, clients["main"]].T
    lean = np.exp(world.coordinator * (focus + np.clip(wanted, -1, 1)))
    slots = shared(clients["availability"], therapists["availability"], c, t)
    weight = eligible(clients, therapists) * slots * lean * therapists["caseload"]
    total = weight.sum(axis=1, keepdims=True)
    return np.asarray(weight / np.where(total > 0, total, 1.0))


def meet(rng: np.random.Generator, world: World, clients: People, therapists: People) -> tuple[Rows, Floats]:
    """Give each client a therapist by chance.

    Returns
    -------
    therapist_rows, probability : arrays of shape (clients,)
        -1 and 0 where nobody may see the client.
    """
    luck = rng.random(len(clients))
    rows, probability = np.full(len(clients), -1), np.zeros(len(clients))
    for block in blocks(len(clients), len(therapists)):
        each = chances(world, clients.take(block), therapists)
        up_to = each.cumsum(axis=1)
        found = up_to[:, -1] > 0
        row = (luck[block, None] * up_to[:, -1:] >= up_to).sum(axis=1)
        rows[block] = np.where(found, np.minimum(row, len(therapists) - 1), -1)
        probability[block] = np.where(found, each[np.arange(len(block)), rows[block]], 0.0)
    return rows, probability


def blocks(clients: int, therapists: int) -> Iterator[Rows]:
    """Rows of clients in blocks, so that their cross product with the roster need never be held whole."""
    step = max(1, PAIRS // therapists)
    for start in range(0, clients, step):
        yield np.arange(start, min(start + step, clients))
