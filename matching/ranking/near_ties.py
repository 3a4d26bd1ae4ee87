"""Near ties: candidates whose scores differ little share a band; wishes, then a tie-break, order the band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Hashes, Indices

TIE_DECIMALS = 9  # of a score in POMP: a smaller difference is rounding of sums


@dataclass(frozen=True)
class RankPositions:
    """Rank and band of each of k candidates on the list of their client.

    Attributes
    ----------
    rank : array of int, shape (k,)
        Place in the order shown, from 1.
    band : array of int, shape (k,)
        1 is the highest.
    """

    rank: Indices
    band: Indices


def rank_with_near_ties(
    client: Indices,
    score: Floats,
    n_wishes_met: Floats,
    tie_break_keys: Hashes,
    compute_probability_better: Callable[[Indices, Indices], Floats],
    level: float,
) -> RankPositions:
    """Order the candidates of each client: by band, inside a band by wishes met, then by the tie-break key.

    The highest remaining score leads a band. Going down the scores, the next band begins at the first candidate whom
    the leader beats with a probability of at least ``level``. So each leader is better than the next leader with at
    least that probability, and no score in a band is above a score in a higher band.

    Parameters
    ----------
    client : array of int, shape (k,)
        The client of each candidate, as a number from 0; never falling.
    score : array of shape (k,)
        Higher is better.
    n_wishes_met : array of shape (k,)
        How many of the client's wishes the therapist is known to meet.
    tie_break_keys : array of uint64, shape (k,)
        From :meth:`TieBreak.draw_keys`; the lowest comes first.
    compute_probability_better : callable
        Takes two arrays of positions in the list, one pair of candidates of a client at each place. Returns the
        probability that the first is better for the client than the second.
    level : float in [0.5, 1]
        The setting ``band``. At 0.5 only equal scores share a band; at 1 there is one band.

    Returns
    -------
    RankPositions
    """
    by_score = np.lexsort((tie_break_keys, -np.round(score, TIE_DECIMALS), client))
    band = np.empty(len(client), dtype=np.intp)
    band[by_score] = _assign_bands(client, by_score, compute_probability_better, level)
    order = np.lexsort((tie_break_keys, -n_wishes_met, band, client))
    rank = np.empty(len(client), dtype=np.intp)
    rank[order] = np.arange(len(client)) - np.searchsorted(client, client) + 1
    return RankPositions(rank, band)


def _assign_bands(
    client: Indices, by_score: Indices, compute_probability_better: Callable[[Indices, Indices], Floats], level: float
) -> Indices:
    """Assign a band to each place in the order of scores. The loop runs once for each band, not for each client."""
    n_clients = int(client[-1]) + 1 if len(client) else 0
    leader = np.searchsorted(client, np.arange(n_clients))  # of each client's next band: its place in the order
    end = np.searchsorted(client, np.arange(n_clients), side="right")
    band = np.zeros(len(client), dtype=np.intp)
    remaining = np.arange(len(client))  # places that are in no finished band
    while len(remaining):
        band[remaining] += 1
        owner = client[remaining]
        leads = leader[owner]
        is_worse = compute_probability_better(by_score[leads], by_score[remaining]) >= level
        worse = remaining[is_worse & (remaining != leads)][::-1]
        leader = end.copy()
        leader[client[worse]] = worse  # the last one written, so the first place that is clearly worse
        remaining = remaining[remaining >= leader[owner]]
    return band
