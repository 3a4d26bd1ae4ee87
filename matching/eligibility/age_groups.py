"""Age groups that therapists accept, compared with the age of clients by bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attune_fit.data.arrays import BitWords, Bools, Floats
from attune_fit.data.number_ranges import parse_range
from attune_fit.features.pairs import Pairs
from attune_fit.features.shared_codes import WORD_BITS, encode_bits
from attune_fit.features.sides import Sides


@dataclass(frozen=True)
class AgeGroups:
    """The age groups of a roster.

    Attributes
    ----------
    low, high : arrays of shape (groups,)
        Ends of each group in full years, both inside the group.
    of_therapists : array of uint64, shape (words, therapists)
        Bit b of word w is set where the therapist accepts group 64 w + b.
    """

    low: Floats
    high: Floats
    of_therapists: BitWords

    @classmethod
    def from_sides(cls, sides: Sides) -> AgeGroups:
        """Read the groups of ``therapists.age_groups``."""
        codes = sides.explode_codes("therapist", "age_groups")
        groups = pd.Index(sorted(codes.unique()), dtype="str")
        low, high = np.array([parse_range(group) for group in groups], dtype=float).reshape(-1, 2).T
        return cls(low, high, encode_bits(codes, groups, sides.count_rows("therapist")))


def is_age_accepted(pairs: Pairs) -> Bools:
    """Return whether the client's age in full years is in a group of the therapist; False where either is unknown."""
    groups = pairs.sides.compute_once("age groups", lambda: AgeGroups.from_sides(pairs.sides))
    age = np.floor(pairs.take_client_numbers("age"))[..., None]
    is_accepted = np.zeros(pairs.shape, dtype=bool)
    for word, of_therapists in enumerate(groups.of_therapists):
        some = slice(word * WORD_BITS, (word + 1) * WORD_BITS)
        is_in_group = (age >= groups.low[some]) & (age <= groups.high[some])  # (n, 1, groups) or (k, groups)
        bits = np.uint64(1) << np.arange(is_in_group.shape[-1], dtype=np.uint64)
        of_clients = (is_in_group * bits).sum(axis=-1, dtype=np.uint64)
        is_accepted |= (of_clients & of_therapists[pairs.therapist_rows]) != 0
    return is_accepted
