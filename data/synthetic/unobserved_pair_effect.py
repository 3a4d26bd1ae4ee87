"""The unobserved pair effect (chemistry): a random draw for each pair, computed on demand from two hash keys.

Each person has a random key of 64 bits. A hash of the two keys of a pair gives its draw. So the chemistry of a pair
does not depend on other people or on the block size. 100,000 clients and 2,000 therapists need only 102,000 keys.
"""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats, Hashes


def draw_keys(rng: np.random.Generator, people: int) -> Hashes:
    """Draw one random 64-bit key for each person, shape (people,)."""
    return rng.integers(0, 2**64, people, dtype=np.uint64)


def compute_chemistry(client: Hashes, therapist: Hashes) -> Floats:
    """Return one standard normal draw for each pair; the two arrays are broadcast together.

    The finalizer of SplitMix64, applied twice, mixes the keys: the draw does not correlate with either key. [1]_

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
    """Apply the finalizer of SplitMix64; integer overflow wraps by design."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
