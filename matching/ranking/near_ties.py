"""Near ties: therapists who cannot be told apart share a band, and take turns inside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Hashes, Indices
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.tables import Tables, hash_row_content
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
from attune_fit.features.feature import Feature

TIE_DECIMALS = 9  # decimals of a POMP point: a difference below is rounding of sums, not an opinion
LOW_BIT_COUNT = 16
LOW_BIT_MASK = np.uint64(2**LOW_BIT_COUNT - 1)  # of a key: they only decide where all others are the same


@dataclass(frozen=True)
class RankPositions:
    """Where the candidates of some clients stand.

    Attributes
    ----------
    order : array of int, shape (clients, therapists)
        Columns in the order shown: candidates first, then those left out.
    band : array of int, shape (clients, therapists)
        1 is the highest; 0 for those left out.
    """

    order: Indices
    band: Indices

    @property
    def rank(self) -> Indices:
        """Place of each therapist in the order shown, 1 is first; 0 for those left out."""
        places = np.empty_like(self.order)
        np.put_along_axis(places, self.order, np.arange(1, self.order.shape[1] + 1)[None, :], axis=1)
        return np.where(self.band > 0, places, 0)


def rank_with_near_ties(
    score: Floats, eligible: Bools, honoured: Floats, turns: Hashes, better: Callable[[Indices], Floats], level: float
) -> RankPositions:
    """Order the candidates: by band, in a band by wishes honoured, then by turn.

    A band begins with the highest score left; the next begins at the first, down the scores, whom that one beats with
    a probability of ``level`` or more. So the best of a band is better than the best of the next with at least that
    probability, and no score in a band is above one in a higher band.

    Parameters
    ----------
    score : array of shape (clients, therapists)
        Higher is better.
    eligible : array of bool, same shape
        Who is a candidate.
    honoured : array, same shape
        How many of the client's wishes the therapist honours.
    turns : array of uint64, same shape
        From :func:`draw_tie_break_keys`.
    better : callable
        Given one column for each client, shape (clients,), returns the probability that this therapist is better than
        each other, shape (clients, therapists).
    level : float in [0.5, 1]
        ``settings.band``; 0.5 leaves only equal scores together, 1 leaves one band.

    Returns
    -------
    Places
    """
    shown = np.where(eligible, np.round(score, TIE_DECIMALS), -np.inf)
    down = np.lexsort((turns, -shown), axis=1)
    band = np.take_along_axis(_assign_bands(down, eligible, better, level), np.argsort(down, axis=1), axis=1)
    last = np.where(eligible, band, np.iinfo(np.intp).max)
    return RankPositions(np.lexsort((turns, -honoured, last), axis=1), band)


def _assign_bands(down: Indices, eligible: Bools, better: Callable[[Indices], Floats], level: float) -> Indices:
    """Band of each place down the scores; the loop runs once for each band, not for each client."""
    clients, therapists = down.shape
    place = np.arange(therapists)[None, :]
    end = eligible.sum(axis=1)
    start, band = np.zeros(clients, dtype=np.intp), np.zeros(down.shape, dtype=np.intp)
    while (going := start < end).any():
        leader = down[np.arange(clients), np.minimum(start, therapists - 1)]
        clear = np.take_along_axis(better(leader) >= level, down, axis=1) & (place > start[:, None])
        following = np.minimum(np.where(clear.any(axis=1), clear.argmax(axis=1), therapists), end)
        band += going[:, None] & (place >= start[:, None]) & (place < end[:, None])
        start = np.where(going, following, start)
    return band


def draw_tie_break_keys(tables: Tables, features: Sequence[Feature], client_rows: Indices, seed: int) -> Hashes:
    """Whose turn it is inside a band: a fixed shuffle for each client, another for each seed.

    Drawn from what the rows say, never from ids or the order of rows, so that no name is ever in favour. Only columns
    that mean something to Attune count (canonical ones, and those ``features`` read): a name kept as an extra column
    does not. Nor do those declared not to be used (:data:`EXCLUDED_INPUTS`): of a client they never count, of
    therapists only between rows that are otherwise alike, who would else never change places. Two therapists whose rows
    say the same take the same key and keep the canonical order.

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


def weight_tie_break_keys(keys: Hashes, lots: Floats) -> Hashes:
    r"""The same turns where some have more lots in the draw than others.

    A key :math:`u` in (0, 1) becomes :math:`1 - (1 - u)^{1 / lots}`: of those who take turns, each comes first with a
    probability in proportion to its lots [1]_. Who has one lot keeps the key.

    Parameters
    ----------
    keys : array of uint64, shape (clients, therapists)
        From :func:`draw_tie_break_keys`.
    lots : array of shape (therapists,)
        At least 1.

    References
    ----------
    .. [1] Efraimidis & Spirakis (2006), Inf. Process. Lett. 97, 181-185, doi:10.1016/j.ipl.2005.11.003.
    """
    if (lots == 1).all():
        return keys
    whole = 2.0 ** (64 - LOW_BIT_COUNT)  # in the bits above the last a float is exact
    share = ((keys >> np.uint64(LOW_BIT_COUNT)).astype(float) + 0.5) / whole
    sooner = (-np.expm1(np.log1p(-share) / lots) * whole).astype(np.uint64) << np.uint64(LOW_BIT_COUNT)
    return np.where(lots == 1, keys, sooner | (keys & LOW_BIT_MASK))


def _select_known_columns(frame: pd.DataFrame, table: str, read: list[tuple[str, ...]]) -> pd.DataFrame:
    """Canonical columns and those some feature reads."""
    wanted = {*list_columns(table), *(column for columns in read for column in columns)}
    return frame[[column for column in frame.columns if column in wanted]]


def _drop_unused_columns(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The columns that no row of ``NON_USE`` holds."""
    return frame[[name for name in frame.columns if not any(one.has_column(table, name) for one in EXCLUDED_INPUTS)]]


def _mix_bits(keys: Hashes) -> Hashes:
    """Every bit of a key spread over all bits: the finaliser of splitmix64 (Steele, Lea & Flood 2014, OOPSLA)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
