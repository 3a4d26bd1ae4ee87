"""The results of rules as bits, one bit for each rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.matching.eligibility.eligibility_rule import Rule

RuleBits = npt.NDArray[np.uint32]  # one bit for each rule

MAX_RULES = 32  # bits in one number of `RuleBits`


class BitCollector:
    """Collects the results of rules for some pairs.

    Attributes
    ----------
    excluded, unknown, unchecked : array of uint32, or None
        As in :class:`EligibilityResult`; None while no bit is set.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.excluded: RuleBits | None = None
        self.unknown: RuleBits | None = None
        self.unchecked: RuleBits | None = None

    def add(self, number: int, rule: Rule, result: Floats, *, is_unchecked: bool, place: slice = slice(None)) -> None:
        """Set the bits of one rule.

        Parameters
        ----------
        number : int
            Place of the rule: its bit.
        rule : Rule
        result : array that broadcasts to the shape
            As the function of the rule returns it: 0 where the pair breaks the rule, NaN where it is unknown.
        is_unchecked : bool
            As :meth:`Rule.is_unchecked`: NaN then only leaves the rule unchecked.
        place : slice
            The part of the first axis that the result is of; all of it by default.
        """
        bit = np.uint32(1 << number)
        broken, missing = result == 0, np.isnan(result)
        if broken.any():
            self.excluded = self._set_bits(self.excluded, place, broken * bit)
        if not missing.any():
            return
        bits = missing * bit
        if is_unchecked:
            self.unchecked = self._set_bits(self.unchecked, place, bits)
            return
        self.unknown = self._set_bits(self.unknown, place, bits)
        if rule.unknown_policy == "exclude":
            self.excluded = self._set_bits(self.excluded, place, bits)

    def fill(self) -> tuple[RuleBits, RuleBits, RuleBits]:
        """Return the three arrays, 0 where no bit is set."""
        kinds = self.excluded, self.unknown, self.unchecked
        excluded, unknown, unchecked = (np.zeros(self.shape, np.uint32) if bits is None else bits for bits in kinds)
        return excluded, unknown, unchecked

    def _set_bits(self, collected: RuleBits | None, place: slice, bits: RuleBits) -> RuleBits:
        collected = np.zeros(self.shape, dtype=np.uint32) if collected is None else collected
        collected[place] |= bits
        return collected


def check_number_of_rules(rules: Sequence[Rule]) -> None:
    """Check that every rule has a bit.

    Raises
    ------
    ValueError
        If there are more than :data:`MAX_RULES` rules.
    """
    if len(rules) > MAX_RULES:
        raise ValueError(f"at most {MAX_RULES} rules can be checked together, not {len(rules)}")
