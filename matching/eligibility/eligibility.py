"""Apply the blocking rules to pairs: which pairs are excluded, by which rule, and which rules could not be checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rule_bits import BitCollector, RuleBits, check_number_of_rules


@dataclass(frozen=True)
class EligibilityResult:
    """The result of every rule for every pair, as bits: bit ``r`` of each number belongs to ``rules[r]``.

    Attributes
    ----------
    rules : tuple of Rule
        At most :data:`MAX_RULES`.
    excluded_bits : array of uint32, shape of the pairs
        The rule excludes the pair: the pair breaks it, or the result is unknown and the policy is "exclude".
    unknown_bits : array of uint32, shape of the pairs
        A missing cell leaves the result unknown. A bit that is also in ``excluded_bits`` excludes the pair for that
        cell.
    unchecked_bits : array of uint32, shape of the pairs
        The rule was not checked, because the whole column is empty at this clinic. It then excludes no pair, and its
        bit is not in ``unknown_bits``.
    """

    rules: tuple[Rule, ...]
    excluded_bits: RuleBits
    unknown_bits: RuleBits
    unchecked_bits: RuleBits

    @classmethod
    def from_rules(cls, pairs: Pairs, rules: Sequence[Rule]) -> EligibilityResult:
        """Check every pair against every rule.

        Raises
        ------
        ValueError
            If there are more than :data:`MAX_RULES` rules.
        """
        check_number_of_rules(rules)
        bits = BitCollector(pairs.shape)
        for number, rule in enumerate(rules):
            bits.add(number, rule, rule.function(pairs), is_unchecked=rule.is_unchecked(pairs.sides))
        return cls(tuple(rules), *bits.fill())

    @property
    def is_eligible(self) -> Bools:
        """Whether the pair passes every rule, so that the therapist is a candidate; shape of the pairs."""
        return np.asarray(self.excluded_bits == 0)

    def is_eligible_without(self, rule_names: Collection[str]) -> Bools:
        """Return whether the pair passes every rule but these; shape of the pairs."""
        ignored = sum(1 << number for number, rule in enumerate(self.rules) if rule.name in rule_names)
        return np.asarray(self.excluded_bits & np.uint32(~ignored & 0xFFFFFFFF) == 0)

    @property
    def is_excluded(self) -> Bools:
        """Whether each rule excludes each pair, shape (rules, *shape of the pairs)."""
        return self._split_bits(self.excluded_bits)

    @property
    def is_unknown(self) -> Bools:
        """Whether a missing cell leaves each rule unknown for each pair, shape (rules, *shape of the pairs)."""
        return self._split_bits(self.unknown_bits)

    @property
    def is_unchecked(self) -> Bools:
        """Whether each rule was not checked for each pair, shape (rules, *shape of the pairs)."""
        return self._split_bits(self.unchecked_bits)

    def join_rule_names(self) -> npt.NDArray[np.object_]:
        """Join the names of the rules that exclude each pair with ``|``; empty for a candidate. Shape of the pairs."""
        which, distinct = pd.factorize(self.excluded_bits.ravel())
        names = ["|".join(rule.name for rule in self.list_rules(bits)) for bits in distinct.tolist()]
        return np.array(names, dtype=object)[which].reshape(self.excluded_bits.shape)

    def list_rules(self, bits: int) -> tuple[Rule, ...]:
        """List the rules of the bits that are set, in the order of the rules."""
        rules, bits = [], int(bits)
        while bits:
            rules.append(self.rules[(bits & -bits).bit_length() - 1])
            bits &= bits - 1  # without the lowest bit that is set
        return tuple(rules)

    def list_unchecked_rules(self, client: int) -> tuple[Rule, ...]:
        """List the rules not checked for one client of a cross, because the clinic has no data in their columns."""
        return self.list_rules(int(np.bitwise_or.reduce(self.unchecked_bits[client])))

    def _split_bits(self, bits: RuleBits) -> Bools:
        """Return one array of bool for each rule."""
        flags = [bits & np.uint32(1 << number) for number in range(len(self.rules))]
        return np.array(flags, dtype=bool).reshape(len(self.rules), *bits.shape)


def list_pairs(is_included: Bools) -> tuple[Indices, Indices]:
    """List the pairs of a cross that are included, sorted by client, then therapist.

    Parameters
    ----------
    is_included : array of bool, shape (clients, therapists)

    Returns
    -------
    clients, therapists : arrays of int, shape (pairs,)
        Positions along the two axes, as :func:`numpy.nonzero` returns them; quicker for many clients.

    >>> list_pairs(np.array([[True, False, True], [False, False, True]]))
    (array([0, 0, 1]), array([0, 2, 2]))
    """
    counts = np.count_nonzero(is_included, axis=1)
    clients = np.repeat(np.arange(len(counts)), counts)
    return clients, np.flatnonzero(is_included) - clients * is_included.shape[1]
