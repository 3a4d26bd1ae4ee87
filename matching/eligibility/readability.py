"""The check that no unreadable cell could restrict a pair: what restricts never fails open."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.features.pairs import Pairs

LIMITED_COLUMNS = {  # column of clients -> the limit that therapists can set on it
    client.name: therapist.name
    for client in COLUMNS
    for therapist in COLUMNS
    if client.unreadable == "limited" and therapist.table == "therapists" and therapist.rule == client.rule
}


def check_readable(pairs: Pairs) -> Floats:
    """Check that no cell that could restrict the pair is there and cannot be read. The result is always known."""
    if not pairs.sides.tables.unreadable:
        return pairs.broadcast(1.0)
    is_concerned = pairs.is_set_aside("client") | pairs.is_set_aside("therapist")
    for column, limit in LIMITED_COLUMNS.items():
        is_concerned = is_concerned | (pairs.is_unreadable("client", column) & pairs.is_known("therapist", limit))
    return pairs.broadcast(np.where(is_concerned | _is_wish_unreadable(pairs), 0.0, 1.0))


def _is_wish_unreadable(pairs: Pairs) -> Bools:
    """Return whether a `must` or `never` wish is about a cell of the therapist that cannot be read."""
    columns = {cell.column for cell in pairs.sides.tables.unreadable if cell.table == "therapists" and cell.column}
    result = np.zeros(pairs.shape, dtype=bool)
    for column in sorted(columns):
        n_open = pairs.count_wishes("must", "unknown", column) + pairs.count_wishes("never", "unknown", column)
        n_open = n_open + pairs.count_wishes("never", "unmet", column)  # of a set of which only a part was read
        result |= pairs.is_unreadable("therapist", column) & (n_open > 0)
    return result
