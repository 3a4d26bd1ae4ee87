"""Near ties: candidates whose scores differ little share a band; wishes, then a tie-break, order the band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Floats, Hashes, Indices

FIRST_STRETCH = 8  # places that a leader is compared with at first
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
    is_better: Callable[[Indices, Indices], Bools],
) -> RankPositions:
    """Order the candidates of each client: by band, inside a band by wishes met, then by the tie-break key.

    The highest remaining score leads a band. Going down the scores, the next band begins at the first candidate whom
    the leader beats with a probability of at least the setting ``band``. So each leader is better than the next leader
    with at least that probability, and no score in a band is above a score in a higher band.

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
    is_better : callable
        Takes two arrays of positions in the list, one pair of candidates of a client at each place. Returns whether the
        first is better for the client than the second with that probability, see :meth:`ScoreParts.is_better`. At 0.5
        only equal scores share a band; at 1 there is one band.

    Returns
    -------
    RankPositions
    """
    starts = np.searchsorted(client, np.arange(client[-1] + 2)) if len(client) else np.zeros(1, dtype=np.intp)
    by_score = _sort_by(tie_break_keys, (-np.rint(score * 10.0**TIE_DECIMALS), client))
    band = np.empty(len(client), dtype=np.intp)
    band[by_score] = _assign_bands(client, starts, by_score, is_better)
    order = _sort_by(tie_break_keys, (-n_wishes_met, band, client))
    rank = np.empty(len(client), dtype=np.intp)
    rank[order] = np.arange(1, len(client) + 1) - starts[client]
    return RankPositions(rank, band)


def _sort_by(last: Hashes, columns: Sequence[npt.NDArray[Any]]) -> Indices:
    """Return the order of :func:`np.lexsort` by whole numbers, the last column first, then by ``last``.

    The columns, and as many high bits of ``last`` as have room, are sorted as one number, which is much quicker. Where
    such numbers are equal, the places are sorted again by all.
    """
    code, room = np.zeros(len(last), dtype=np.uint64), 64
    for column in reversed(columns):
        low, high = (column.min(), column.max()) if len(column) else (0, 0)
        width = int(high - low).bit_length() if np.isfinite(high - low) else 64
        room -= width
        if room < 0:
            return np.lexsort((last, *columns))
        code = (code << np.uint64(width)) | (column - low).astype(np.uint64)
    code = (code << np.uint64(room)) | (last >> np.uint64(64 - room)) if 0 < room < 64 else last if room else code
    order = np.argsort(code)
    is_equal = code[order[1:]] == code[order[:-1]]
    if is_equal.any():
        is_tied = np.zeros(len(order), dtype=bool)
        is_tied[1:] |= is_equal
        is_tied[:-1] |= is_equal
        tied = np.sort(order[is_tied])
        order[is_tied] = tied[np.lexsort((last[tied], *(column[tied] for column in columns)))]
    return order


def _assign_bands(
    client: Indices,
    starts: Indices,
    by_score: Indices,
    is_better: Callable[[Indices, Indices], Bools],
) -> Indices:
    """Assign a band to each place in the order of scores.

    A leader is compared with the next few places, then with the next, up to the first one that is clearly worse. That
    place leads the next band. All clients take such a step together; for one client, a plain loop is quicker.
    """
    if len(starts) == 2:
        return _assign_bands_of_one(by_score, is_better)
    leader, end = starts[:-1].copy(), starts[1:]
    follower, width = leader + 1, np.full(len(leader), FIRST_STRETCH)
    is_leader = np.zeros(len(client), dtype=bool)
    is_leader[leader[leader < end]] = True
    active = np.flatnonzero(follower < end)
    while len(active):
        n = np.minimum(width[active], end[active] - follower[active])
        first = np.cumsum(n) - n  # where the stretch of each client begins in the arrays below
        place = np.arange(n.sum()) + np.repeat(follower[active] - first, n)
        leads = np.repeat(leader[active], n)
        worse = np.flatnonzero(is_better(by_score[leads], by_score[place]))
        owner = client[place[worse]]
        is_nearest = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
        owner, nearest = owner[is_nearest], place[worse[is_nearest]]
        follower[active] += n
        width[active] *= 2
        leader[owner] = nearest
        follower[owner], width[owner] = leader[owner] + 1, FIRST_STRETCH
        is_leader[leader[owner]] = True
        active = active[follower[active] < end[active]]
    n_leaders = np.cumsum(is_leader)
    n_before = np.zeros(len(end), dtype=np.intp)  # leaders on the lists of earlier clients
    has_list = starts[:-1] < end
    n_before[has_list] = n_leaders[starts[:-1][has_list]] - 1
    return n_leaders - n_before[client]


def _assign_bands_of_one(by_score: Indices, is_better: Callable[[Indices, Indices], Bools]) -> Indices:
    """Assign a band to each place in the order of the scores of one client."""
    band, leader, number = np.empty(len(by_score), dtype=np.intp), 0, 0
    while leader < len(by_score):
        worse = np.flatnonzero(is_better(by_score[leader : leader + 1], by_score[leader + 1 :]))
        end = leader + 1 + int(worse[0]) if len(worse) else len(by_score)
        number += 1
        band[leader:end] = number
        leader = end
    return band
