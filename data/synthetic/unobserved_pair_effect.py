"""What no intake can tell of a pair: drawn for each pair, yet never held for all of them.

Each person has a random key of 64 bits; the two keys of a pair, stirred together, are the draw. So a pair's chemistry
is the same whoever else is there and in whatever blocks it is looked at, and 100,000 clients with 2,000 therapists
cost 102,000 keys.
"""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats, Hashes


def draw_keys(rng: np.random.Generator, people: int) -> Hashes:
    """One key a person, shape (people,)."""
    return rng.integers(0, 2**64, people, dtype=np.uint64)


def compute_chemistry(client: Hashes, therapist: Hashes) -> Floats:
    """Standard normal draws, one a pair; the two arrays are broadcast against each other.

    The mixing is that of SplitMix64, twice, so that neither key shows in the draw. [1]_

    References
    ----------
    .. [1] Steele, Lea & Flood (2014), Fast splittable pseudorandom number generators, OOPSLA 2014, 453-472,
       doi:10.1145/2714064.2660195.
    """
    from scipy.special import ndtri

    mixed = _mix_bits(_mix_bits(client) + therapist * np.uint64(0x9E3779B97F4A7C15))
    uniform = (mixed >> np.uint64(11)).astype(float) + 0.5  # 53 bits, never 0 or 1
    return np.asarray(ndtri(uniform / 2.0**53))


def _mix_bits(key: Hashes) -> Hashes:
    """The finalizer of SplitMix64; overflow wraps, as it should."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
