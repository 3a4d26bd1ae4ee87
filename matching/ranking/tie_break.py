"""The tie-break: a fixed random order of the therapists for each client and seed, which no name can influence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Hashes, Indices
from attune_fit.data.clinic.columns import PRIORITY, list_columns
from attune_fit.data.clinic.row_hashing import hash_row_content
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
from attune_fit.features.feature import Feature

LOW_BIT_COUNT = 16
LOW_BIT_MASK = np.uint64(2**LOW_BIT_COUNT - 1)  # of a key; they decide only where all higher bits are equal


@dataclass(frozen=True)
class TieBreak:
    """Hashes of the rows of both tables, from which the key of any pair follows.

    Keys are hashes of the content of rows, never of ids or of the order of rows, so no name has an advantage. Only
    columns that Attune reads count: the canonical ones and those that the features read. A name in an extra column
    does not count. Excluded inputs (:data:`EXCLUDED_INPUTS`) of clients never count. Those of therapists count only
    between rows that are otherwise alike, which would otherwise always keep the same order. Therapists with equal
    rows get equal keys and keep the canonical order.

    Attributes
    ----------
    clients : array of uint64, shape (clients,)
        Of each client's row and the seed.
    therapists : array of uint64, shape (therapists,)
        Of each therapist's row without the excluded inputs.
    whole_therapists : array of uint64, shape (therapists,)
        Of each therapist's row with them.
    """

    clients: Hashes
    therapists: Hashes
    whole_therapists: Hashes

    @classmethod
    def from_tables(cls, tables: Tables, features: Sequence[Feature], seed: int) -> TieBreak:
        """Hash the rows of both tables, over the canonical columns and those that ``features`` read."""
        clients = _select_known_columns(tables.clients, "clients", [f.client for f in features])
        therapists = _select_known_columns(tables.therapists, "therapists", [f.therapist for f in features])
        start = int.from_bytes(hashlib.blake2b(f"turns {seed}".encode(), digest_size=8).digest(), "little")
        return cls(
            _mix_bits(hash_row_content(_drop_unused_columns(clients, "clients")) ^ np.uint64(start)),
            hash_row_content(_drop_unused_columns(therapists, "therapists")),
            hash_row_content(therapists),
        )

    def draw_keys(self, client_rows: Indices, therapist_rows: Indices) -> Hashes:
        """Return the key of each pair; the rows broadcast to the pairs, such as (n, 1) and (m,). Lower comes first."""
        client = self.clients[client_rows]
        first = _mix_bits(client ^ self.therapists[therapist_rows])
        alike = _mix_bits(client ^ self.whole_therapists[therapist_rows])
        return (first & ~LOW_BIT_MASK) | (alike & LOW_BIT_MASK)


def weight_tie_break_keys(keys: Hashes, weights: Floats) -> Hashes:
    r"""Weight the random tie-break: therapists with a larger weight come first more often.

    A key :math:`u` in (0, 1) becomes :math:`1 - (1 - u)^{1 / weight}`. Among tied therapists, each then comes first
    with a probability in proportion to its weight (weighted random sampling [1]_). A weight of 1 keeps the key.

    Parameters
    ----------
    keys : array of uint64
        From :meth:`TieBreak.draw_keys`.
    weights : array that broadcasts to the keys
        The weight of each key's therapist, at least 1.

    Returns
    -------
    array of uint64, shape of the keys
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
    """Select the canonical columns and those that a feature reads; the priority of a client orders no therapists."""
    wanted = {*list_columns(table)} - {PRIORITY} | {column for columns in read for column in columns}
    return frame[[column for column in frame.columns if column in wanted]]


def _drop_unused_columns(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Drop the columns that a row of :data:`EXCLUDED_INPUTS` names."""
    return frame[[name for name in frame.columns if not any(one.has_column(table, name) for one in EXCLUDED_INPUTS)]]


def _mix_bits(keys: Hashes) -> Hashes:
    """Spread every bit of a key over all bits: the finaliser of splitmix64 (Steele, Lea & Flood 2014, OOPSLA)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
