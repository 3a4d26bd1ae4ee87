"""How much of clients' attention the lists give each therapist, averaged over whose turn it is inside bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Floats

Keys = Sequence[npt.NDArray[Any]]

N_DRAWS = 20  # over many lists at once: their average hardly moves with more
ALWAYS_FIRST = np.inf  # lots: whoever has so many is always first among equals


def compute_exposure(order_by: Keys, eligible: Bools, shown: int) -> Floats:
    """Attention each place of a list is worth, :math:`1 / log_2(1 + rank)` [1]_, expected over draws.

    Parameters
    ----------
    order_by : sequence of arrays, shape (clients, therapists)
        What the order goes by, the first before the second, the smallest first. Candidates alike in all of them share
        their places: each has all of them equally often. Nothing to go by is a draw by lot.
    eligible : array of bool, same shape
        Who may be offered.
    shown : int
        Places of a shortlist, at least 1; beyond it nobody looks.

    Returns
    -------
    array of shape (clients, therapists)
        From 0 to 1, the first place being worth 1.

    References
    ----------
    .. [1] Singh & Joachims (2018), Fairness of exposure in rankings, KDD, 2219-2228, doi:10.1145/3219819.3220088.

    Examples
    --------
    >>> compute_exposure([np.array([[1, 2, 2]])], np.ones((1, 3), dtype=bool), 5).round(3)
    array([[1.   , 0.565, 0.565]])
    """
    if not eligible.size:
        return np.zeros(eligible.shape)
    keys = [~eligible, *order_by]
    order = np.lexsort(keys[::-1], axis=1)
    fresh = np.zeros(eligible.shape, dtype=bool)
    fresh[:, 0] = True
    for key in keys:
        fresh[:, 1:] |= np.diff(np.take_along_axis(key.astype(float), order, axis=1), axis=1) != 0
    rank = np.arange(1, eligible.shape[1] + 1)
    worth = np.broadcast_to(np.where(rank <= shown, 1 / np.log2(1 + rank), 0.0), eligible.shape)
    starts = np.flatnonzero(fresh)
    sizes = np.diff(np.append(starts, eligible.size))
    each = np.repeat(np.add.reduceat(worth.ravel(), starts) / sizes, sizes).reshape(eligible.shape)
    found = np.empty_like(each)
    np.put_along_axis(found, order, each, axis=1)
    return np.where(eligible, found, 0.0)


def compute_weighted_exposure(order_by: Keys, eligible: Bools, shown: int, lots: Floats) -> Floats:
    """:func:`compute_exposure` where some have more lots in the draw than others; see :func:`weight_tie_break_keys`.

    Parameters
    ----------
    lots : array of shape (therapists,)
        At least 1; :data:`ALWAYS_FIRST` before everybody who is alike otherwise. Where they differ and are no :data:`ALWAYS_FIRST`,
        the average of :data:`N_DRAWS` draws.
    """
    if len(np.unique(lots)) < 2 or np.isinf(lots).any():
        return compute_exposure([*order_by, np.broadcast_to(~np.isinf(lots), eligible.shape)], eligible, shown)
    rng = np.random.default_rng(0)
    total = np.zeros(eligible.shape)
    for _ in range(N_DRAWS):
        total += compute_exposure([*order_by, rng.exponential(size=eligible.shape) / lots], eligible, shown)
    return total / N_DRAWS


def compute_gini(got: Floats, due: Floats) -> float:
    """How unevenly something is spread beside what was due: 0 evenly, 1 all to one.

    The Gini coefficient of ``got / due``, each weighted with what was due, shape (therapists,); ``due`` is above 0.

    >>> compute_gini(np.array([1.0, 1.0]), np.array([1.0, 1.0])), compute_gini(np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    (0.0, 0.5)
    """
    share, held = compute_lorenz(got, due)
    return float(1 - (np.diff(share) * (held[1:] + held[:-1])).sum())


def compute_lorenz(got: Floats, due: Floats) -> tuple[Floats, Floats]:
    """Shares of what was due and of what was got, added up from whoever got least of it; both from 0 to 1."""
    order = np.argsort(got / due, kind="stable")
    share, held = (np.concatenate([[0.0], np.cumsum(one[order]) / one.sum()]) for one in (due, got))
    return share, held
