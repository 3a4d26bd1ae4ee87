"""The results of rules collected as bits, one bit for each rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Floats
from attune_fit.matching.eligibility.eligibility_rule import Rule

RuleBits = npt.NDArray[np.uint32]  # one bit for each rule

MAX_RULES = 32  # bits in one number of `RuleBits`


class BitCollector:
    """Collects the results of rules for some pairs, rule by rule.

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

    def add(self, number: int, rule: Rule, broken: Bools, missing: Bools, *, is_unchecked: bool) -> None:
        """Set the bits of one rule.

        Parameters
        ----------
        number : int
            Place of the rule: its bit.
        rule : Rule
        broken, missing : arrays of bool that broadcast to the shape
            Where the pair breaks the rule, and where a missing cell leaves its result unknown.
        is_unchecked : bool
            As :meth:`Rule.is_unchecked`: a missing cell then only leaves the rule unchecked.
        """
        bit = np.uint32(1 << number)
        if broken.any():
            self.excluded = self._set_bits(self.excluded, broken * bit)
        if not missing.any():
            return
        bits = missing * bit
        if is_unchecked:
            self.unchecked = self._set_bits(self.unchecked, bits)
            return
        self.unknown = self._set_bits(self.unknown, bits)
        if rule.unknown_policy == "exclude":
            self.excluded = self._set_bits(self.excluded, bits)

    def _set_bits(self, collected: RuleBits | None, bits: RuleBits) -> RuleBits:
        if collected is None:
            return np.array(np.broadcast_to(bits, self.shape))
        collected |= bits
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


def split_result(result: Floats) -> tuple[Bools, Bools]:
    """Return where the result of a rule is broken, and where a missing cell leaves it unknown."""
    return np.asarray(result == 0), np.isnan(result)
