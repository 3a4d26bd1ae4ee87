"""Codes that a client's and a therapist's cell have in common, counted by bits (population count)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attune_fit.data.arrays import BitWords, Bools, Floats, Indices

WORD_BITS = 64


@dataclass(frozen=True)
class SharedCodes:
    """The codes of two columns as bits: bit b of word w is code 64 w + b of those that occur on both sides.

    Attributes
    ----------
    of_clients, of_therapists : arrays of uint64, shapes (words, clients) and (words, therapists)
        Bits set where the cell holds the code; 0 where the cell is unknown.
    """

    of_clients: BitWords
    of_therapists: BitWords

    @classmethod
    def from_codes(
        cls, client_codes: pd.Series, therapist_codes: pd.Series, n_clients: int, n_therapists: int
    ) -> SharedCodes:
        """Encode the codes of both columns, from :func:`explode_codes`."""
        shared = pd.Index(sorted({*client_codes.unique()} & {*therapist_codes.unique()}), dtype="str")
        return cls(encode_bits(client_codes, shared, n_clients), encode_bits(therapist_codes, shared, n_therapists))

    def count(self, client_rows: Indices, therapist_rows: Indices) -> Floats:
        """Count the codes in common, whole numbers >= 0 in the shape to which the two arrays of rows broadcast."""
        counts = np.zeros(np.broadcast_shapes(client_rows.shape, therapist_rows.shape))
        for of_clients, of_therapists in zip(self.of_clients, self.of_therapists, strict=True):
            counts += np.bitwise_count(of_clients[client_rows] & of_therapists[therapist_rows])
        return counts

    def has_any(self, client_rows: Indices, therapist_rows: Indices) -> Bools:
        """Return whether the cells have a code in common, in the shape to which the two arrays of rows broadcast."""
        has = np.zeros(np.broadcast_shapes(client_rows.shape, therapist_rows.shape), dtype=bool)
        for of_clients, of_therapists in zip(self.of_clients, self.of_therapists, strict=True):
            has |= (of_clients[client_rows] & of_therapists[therapist_rows]) != 0
        return has


def encode_bits(codes: pd.Series, columns: pd.Index, rows: int) -> BitWords:
    """Return the codes of each row as bits.

    Parameters
    ----------
    codes : Series
        From :func:`explode_codes`: a code at most once in a row.
    columns : Index
        The codes to look for, in the order of their bits; other codes are ignored.
    rows : int
        Rows of the table.

    Returns
    -------
    array of uint64, shape (words, rows)

    >>> encode_bits(pd.Series(["grief", "stress", "grief"], index=[0, 0, 2]), pd.Index(["grief", "stress"]), 3)
    array([[3, 0, 1]], dtype=uint64)
    """
    words = np.zeros((-(-len(columns) // WORD_BITS), rows), dtype=np.uint64)
    position = columns.get_indexer(pd.Index(codes))
    is_wanted = position >= 0
    word, bit = np.divmod(position[is_wanted], WORD_BITS)
    rows_of_codes = codes.index.to_numpy(np.intp)[is_wanted]
    np.bitwise_or.at(words, (word, rows_of_codes), np.uint64(1) << bit.astype(np.uint64))
    return words
