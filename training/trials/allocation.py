"""Allocation to arms by permuted blocks inside strata: a fixed sequence for each seed, on every machine.

Each number is drawn from SHA-256, not from a library whose generator can change with its version, so that the
sequence can be checked years later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import count

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.training.trials.trial_plan import N_ARMS

STRATUM_DIGITS = 12  # hex digits; a stratum's label holds no cell
ENCODER = json.JSONEncoder(ensure_ascii=False)  # made once: a sequence needs thousands of numbers
MAX_LIST_SEED = 2**31  # seeds of lists are below it


def draw_arms(seed: int, stratum: str, block_sizes: Sequence[int], n: int) -> list[int]:
    """Draw the arms of the first ``n`` clients of a stratum, 0 or 1; a longer sequence begins with a shorter one.

    Parameters
    ----------
    seed : int >= 0
        Of the trial.
    stratum : str
        Label of the stratum; each has its own sequence.
    block_sizes : sequence of int
        Even; the size of each block is drawn from them.
    n : int >= 0

    Examples
    --------
    >>> arms = draw_arms(1, "", (4,), 8)
    >>> sum(arms[:4]), sum(arms[4:]), draw_arms(1, "", (4,), 5) == arms[:5]
    (2, 2, True)
    """
    arms: list[int] = []
    for block in count():
        if len(arms) >= n:
            break
        size = block_sizes[_draw_number(seed, stratum, "size", block) % len(block_sizes)]
        places = sorted(range(size), key=lambda place: _draw_number(seed, stratum, "place", block, place))
        arms += [place % N_ARMS for place in places]
    return arms[:n]


def list_blocks(seed: int, stratum: str, block_sizes: Sequence[int], n: int) -> list[int]:
    """Return the block of each of the first ``n`` clients of a stratum, from 0."""
    blocks: list[int] = []
    for block in count():
        if len(blocks) >= n:
            break
        blocks += [block] * block_sizes[_draw_number(seed, stratum, "size", block) % len(block_sizes)]
    return blocks[:n]


def draw_list_seed(seed: int, client_id: str) -> int:
    """Draw the seed of the order of a client's list, from the trial's seed and the client's id."""
    return _draw_number(seed, client_id, "list") % MAX_LIST_SEED


def compute_stratum_label(seed: int, codes: Sequence[str | None]) -> str:
    """Return the label of a stratum: a digest of its codes, so that the log holds no cell. Empty without codes.

    A code that is unknown (None) makes a stratum of its own.
    """
    if not codes:
        return ""
    text = json.dumps([seed, "stratum", *codes], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:STRATUM_DIGITS]


def permute_arms(arms: Indices, groups: Indices, n_draws: int, seed: int) -> Indices:
    """Draw other allocations that the design could have given: arms are permuted inside each block.

    Parameters
    ----------
    arms : array of int, shape (n,)
    groups : array of int, shape (n,)
        Block of each client, a number for each stratum and block.
    n_draws : int
    seed : int

    Returns
    -------
    array of int, shape (n_draws, n)
    """
    generator = np.random.default_rng(seed)
    drawn = np.empty((n_draws, len(arms)), dtype=np.intp)
    by_group = np.argsort(groups, kind="stable")
    keys = generator.random((n_draws, len(arms)))
    order = np.lexsort((keys, np.broadcast_to(groups, keys.shape)), axis=-1)
    drawn[:, by_group] = arms[order]
    return drawn


def _draw_number(seed: int, *parts: str | int) -> int:
    """Return a number of 64 bits from a digest of the seed and the parts."""
    text = ENCODER.encode([seed, *parts])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
