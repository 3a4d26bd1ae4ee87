"""Probabilities of the random order inside bands: at which place each therapist of a tied group would be drawn."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from attune_fit.data.arrays import Floats


@lru_cache(maxsize=4_096)
def compute_place_probabilities(size: int, newcomers: int = 0, weight: float = 1.0) -> Floats:
    r"""Compute the probability that one given therapist of a tied group is drawn to each place of the group.

    Parameters
    ----------
    size : int
        Therapists in the group, at least 1.
    newcomers : int
        How many of them have the larger weight, 0 to ``size``.
    weight : float
        Weight of a newcomer, at least 1; all others have 1.

    Returns
    -------
    array of shape (2, size)
        First row: of one therapist with weight 1; second row: of one newcomer. A row sums to 1, or is NaN where the
        group has no such therapist.

    Notes
    -----
    The order is weighted random sampling without replacement [1]_: at each place, a therapist comes next with
    probability in proportion to the weight among those who remain. With two weights the state is the number of
    newcomers drawn so far, so the result is exact.

    References
    ----------
    .. [1] Efraimidis & Spirakis (2006), Inf. Process. Lett. 97, 181-185, doi:10.1016/j.ipl.2005.11.003.

    Examples
    --------
    >>> compute_place_probabilities(3)[0].round(3)
    array([0.333, 0.333, 0.333])
    >>> compute_place_probabilities(2, newcomers=1, weight=3.0)
    array([[0.25, 0.75],
           [0.75, 0.25]])
    """
    others = size - newcomers
    drawn = np.zeros(newcomers + 1)  # probability of each number of newcomers drawn so far
    drawn[0] = 1.0
    number = np.arange(newcomers + 1)
    newcomer_next = np.zeros(size)
    for place in range(size):
        left, rest = weight * (newcomers - number), np.maximum(others - (place - number), 0)
        total = left + rest
        share = np.divide(left, total, out=np.zeros(newcomers + 1), where=total > 0)
        newcomer_next[place] = drawn @ share
        moved = drawn * share
        drawn = drawn - moved
        drawn[1:] += moved[:-1]
    missing = np.full(size, np.nan)
    rows = (1 - newcomer_next) / others if others else missing, newcomer_next / newcomers if newcomers else missing
    probabilities = np.stack(rows)
    probabilities.flags.writeable = False  # it is kept for the next caller
    return probabilities
