"""Near ties: candidates whose scores differ little share a band; wishes, then a tie-break, order the band."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Hashes, Indices
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.row_hashing import hash_row_content
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
from attune_fit.features.feature import Feature

TIE_DECIMALS = 9  # of a score in POMP: a smaller difference is rounding of sums
LOW_BIT_COUNT = 16
LOW_BIT_MASK = np.uint64(2**LOW_BIT_COUNT - 1)  # of a key; they decide only where all higher bits are equal


@dataclass(frozen=True)
class RankPositions:
    """Rank and band of every therapist for some clients.

    Attributes
    ----------
    order : array of int, shape (clients, therapists)
        Columns in the order shown: candidates first, then excluded therapists.
    band : array of int, shape (clients, therapists)
        1 is the highest; 0 for excluded therapists.
    """

    order: Indices
    band: Indices

    @property
    def rank(self) -> Indices:
        """Rank of each therapist in the order shown, from 1; 0 for excluded therapists. Shape (clients, therapists)."""
        ranks = np.empty_like(self.order)
        np.put_along_axis(ranks, self.order, np.arange(1, self.order.shape[1] + 1)[None, :], axis=1)
        return np.where(self.band > 0, ranks, 0)


def rank_with_near_ties(
    score: Floats,
    eligible: Bools,
    n_wishes_met: Floats,
    tie_break_keys: Hashes,
    compute_probability_better: Callable[[Indices], Floats],
    level: float,
) -> RankPositions:
    """Order the candidates: by band, inside a band by wishes met, then by the tie-break key.

    The highest remaining score leads a band. Going down the scores, the next band begins at the first candidate whom
    the leader beats with a probability of at least ``level``. So each leader is better than the next leader with at
    least that probability, and no score in a band is above a score in a higher band.

    Parameters
    ----------
    score : array of shape (clients, therapists)
        Higher is better.
    eligible : array of bool, same shape
        Which pairs are candidates.
    n_wishes_met : array, same shape
        How many of the client's wishes the therapist is known to meet.
    tie_break_keys : array of uint64, same shape
        From :func:`draw_tie_break_keys`; the lowest comes first.
    compute_probability_better : callable
        Takes one column for each client, shape (clients,). Returns the probability that this therapist is better for
        the client than each other therapist, shape (clients, therapists).
    level : float in [0.5, 1]
        The setting ``band``. At 0.5 only equal scores share a band; at 1 there is one band.

    Returns
    -------
    RankPositions
    """
    rounded = np.where(eligible, np.round(score, TIE_DECIMALS), -np.inf)
    by_score = np.lexsort((tie_break_keys, -rounded), axis=1)
    sorted_bands = _assign_bands(by_score, eligible, compute_probability_better, level)
    band = np.take_along_axis(sorted_bands, np.argsort(by_score, axis=1), axis=1)
    band_or_last = np.where(eligible, band, np.iinfo(np.intp).max)
    return RankPositions(np.lexsort((tie_break_keys, -n_wishes_met, band_or_last), axis=1), band)


def _assign_bands(
    by_score: Indices, eligible: Bools, compute_probability_better: Callable[[Indices], Floats], level: float
) -> Indices:
    """Assign a band to each position in the order of scores. The loop runs once for each band, not for each client."""
    n_clients, n_therapists = by_score.shape
    position = np.arange(n_therapists)[None, :]
    end = eligible.sum(axis=1)  # candidates come first in the order of scores
    start, band = np.zeros(n_clients, dtype=np.intp), np.zeros(by_score.shape, dtype=np.intp)
    while (is_open := start < end).any():  # clients with candidates left to assign
        leader = by_score[np.arange(n_clients), np.minimum(start, n_therapists - 1)]
        clearly_worse = compute_probability_better(leader) >= level
        clearly_worse = np.take_along_axis(clearly_worse, by_score, axis=1) & (position > start[:, None])
        next_start = np.where(clearly_worse.any(axis=1), clearly_worse.argmax(axis=1), n_therapists)
        band += is_open[:, None] & (position >= start[:, None]) & (position < end[:, None])  # one more band begins
        start = np.where(is_open, np.minimum(next_start, end), start)
    return band


def draw_tie_break_keys(tables: Tables, features: Sequence[Feature], client_rows: Indices, seed: int) -> Hashes:
    """Draw the tie-break of each pair: a fixed random order of the therapists for each client and seed.

    Keys are hashes of the content of rows, never of ids or of the order of rows, so no name has an advantage. Only
    columns that Attune reads count: the canonical ones and those that ``features`` read. A name in an extra column
    does not count. Excluded inputs (:data:`EXCLUDED_INPUTS`) of clients never count. Those of therapists count only
    between rows that are otherwise alike, which would otherwise always keep the same order. Therapists with equal
    rows get equal keys and keep the canonical order.

    Returns
    -------
    array of uint64, shape (clients, therapists)
        Lower comes first.
    """
    clients = _select_known_columns(tables.clients, "clients", [f.client for f in features])
    therapists = _select_known_columns(tables.therapists, "therapists", [f.therapist for f in features])
    start = int.from_bytes(hashlib.blake2b(f"turns {seed}".encode(), digest_size=8).digest(), "little")
    mine = _mix_bits(hash_row_content(_drop_unused_columns(clients, "clients"))[client_rows] ^ np.uint64(start))[
        :, None
    ]
    first = _mix_bits(mine ^ hash_row_content(_drop_unused_columns(therapists, "therapists"))[None, :])
    alike = _mix_bits(mine ^ hash_row_content(therapists)[None, :])
    return (first & ~LOW_BIT_MASK) | (alike & LOW_BIT_MASK)


def weight_tie_break_keys(keys: Hashes, weights: Floats) -> Hashes:
    r"""Weight the random tie-break: therapists with a larger weight come first more often.

    A key :math:`u` in (0, 1) becomes :math:`1 - (1 - u)^{1 / weight}`. Among tied therapists, each then comes first
    with a probability in proportion to its weight (weighted random sampling [1]_). A weight of 1 keeps the key.

    Parameters
    ----------
    keys : array of uint64, shape (clients, therapists)
        From :func:`draw_tie_break_keys`.
    weights : array of shape (therapists,)
        At least 1.

    Returns
    -------
    array of uint64, shape (clients, therapists)
        Lower comes first.

    References
    ----------
    .. [1] Efraimidis & Spirakis (2006), Inf. Process. Lett. 97, 181-185, doi:10.1016/j.ipl.2005.11.003.
    """
    if (weights == 1).all():
        return keys
    scale = 2.0 ** (64 - LOW_BIT_COUNT)  # without the low bits, a key is exact as a float
    uniform = ((keys >> np.uint64(LOW_BIT_COUNT)).astype(float) + 0.5) / scale
    weighted = (-np.expm1(np.log1p(-uniform) / weights) * scale).astype(np.uint64) << np.uint64(LOW_BIT_COUNT)
    return np.where(weights == 1, keys, weighted | (keys & LOW_BIT_MASK))


def _select_known_columns(frame: pd.DataFrame, table: str, read: list[tuple[str, ...]]) -> pd.DataFrame:
    """Select the canonical columns and those that a feature reads."""
    wanted = {*list_columns(table), *(column for columns in read for column in columns)}
    return frame[[column for column in frame.columns if column in wanted]]


def _drop_unused_columns(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Drop the columns that a row of :data:`EXCLUDED_INPUTS` names."""
    return frame[[name for name in frame.columns if not any(one.has_column(table, name) for one in EXCLUDED_INPUTS)]]


def _mix_bits(keys: Hashes) -> Hashes:
    """Spread every bit of a key over all bits: the finaliser of splitmix64 (Steele, Lea & Flood 2014, OOPSLA)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
