"""Row keys: a hash of the known cells of a row, the same on every machine and with every version of pandas.

A row's key is the sum, modulo 2^64, of one hash for each known cell; an unknown cell adds nothing. So a column that is
empty changes no key, whether it is there or not. An earlier Attune hashed whole rows with the hash of pandas: one more
optional column, empty for every client, gave every row another key, and other clients another first place.

The hash of a cell is BLAKE2b of the column's name and of the cell in one canonical form, see :func:`encode_cells`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from numbers import Real

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Hashes, Indices
from attune_fit.data.clinic.columns import ID_COLUMNS

HASH_BYTES = 8
MIDNIGHT = "T00:00:00"


def hash_row_content(frame: pd.DataFrame) -> Hashes:
    """Hash each row without its ids, shape (rows,); neither the order of columns nor an unknown cell matters."""
    return hash_columns(frame, set(frame.columns) - ID_COLUMNS)


def hash_columns(frame: pd.DataFrame, columns: Iterable[str]) -> Hashes:
    """Sum the hashes of each row's cells in distinct columns, shape (rows,); 0 where every cell is unknown."""
    total = np.zeros(len(frame), dtype=np.uint64)
    for column in columns:
        total += hash_cells(frame[column], column)  # unsigned integers wrap around: the sum modulo 2^64
    return total


def hash_cells(cells: pd.Series, column: str) -> Hashes:
    """Hash each cell of one column, shape (cells,); an unknown cell has the hash 0.

    Each distinct cell is hashed once, so the cost grows with the distinct cells and not with the rows.

    Parameters
    ----------
    cells : Series
        Of any type; what matters is the value, not how pandas keeps it. See :func:`encode_cells`.
    column : str
        Name of the column: the same cell has another hash in another column.

    Examples
    --------
    >>> hash_cells(pd.Series([34.0, None, 34.0]), "age")
    array([12632398004267406081,                    0, 12632398004267406081],
          dtype=uint64)
    """
    codes, encoded = encode_cells(cells)
    prefix = format_sized(_encode_text(column))
    hashes = [
        int.from_bytes(hashlib.blake2b(prefix + cell, digest_size=HASH_BYTES).digest(), "little") for cell in encoded
    ]
    return np.array([*hashes, 0], dtype=np.uint64)[codes]  # an unknown cell has code -1: the last hash


def encode_cells(cells: pd.Series) -> tuple[Indices, list[bytes]]:
    """Encode the distinct known cells of a column, each as a letter for its type and its value.

    ``n`` and the eight bytes of a number as a little-endian float64 (-0.0 as 0.0); ``d`` and a date as ISO day, with
    its time of day only where it has one; ``t`` and any other cell as text, in UTF-8 and Unicode's NFC form. Cells with
    the same value therefore have the same code, whichever dtype of pandas holds them.

    Returns
    -------
    codes : array of int, shape (cells,)
        Which of ``encoded`` each cell is; -1 where it is unknown.
    encoded : list of bytes
        Distinct, in the order in which they first appear.

    Examples
    --------
    >>> encode_cells(pd.Series(["b", None, "a", "b"]))
    (array([ 0, -1,  1,  0]), [b'tb', b'ta'])
    """
    codes, values = pd.factorize(cells)
    places: dict[bytes, int] = {}
    code_of = [places.setdefault(_encode_cell(value), len(places)) for value in values.tolist()]
    return np.array([*code_of, -1], dtype=np.intp)[codes], list(places)


def format_sized(content: bytes) -> bytes:
    """Return bytes after their length in eight bytes, so that no two sequences of them join into the same bytes.

    >>> format_sized(b"ab").hex(" ")
    '02 00 00 00 00 00 00 00 61 62'
    """
    return struct.pack("<Q", len(content)) + content


def _encode_cell(value: object) -> bytes:
    if type(value) is str:  # nearly all cells are texts or numbers; the checks below take longer than the rest
        return b"t" + _encode_text(value)
    if type(value) is float:
        return b"n" + struct.pack("<d", value + 0.0)
    if isinstance(value, Real | Decimal | np.bool_):
        return b"n" + struct.pack("<d", float(value) + 0.0)  # adding 0 makes -0.0 into 0.0
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, dt.date):  # a datetime and a Timestamp are dates too
        return b"d" + value.isoformat().removesuffix(MIDNIGHT).encode()
    return b"t" + _encode_text(str(value))


def _encode_text(text: str) -> bytes:
    if text.isascii():  # NFC already
        return text.encode()
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
