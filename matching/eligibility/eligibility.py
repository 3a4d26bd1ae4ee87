"""Apply the blocking rules to pairs: which pairs are excluded, by which rule, and which rules could not be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rule_bits import BitCollector, RuleBits, check_number_of_rules, split_result


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
            bits.add(number, rule, *split_result(rule.function(pairs)), is_unchecked=rule.is_unchecked(pairs.sides))
        collected = (bits.excluded, bits.unknown, bits.unchecked)
        return cls(tuple(rules), *(np.zeros(pairs.shape, np.uint32) if one is None else one for one in collected))

    @property
    def is_eligible(self) -> Bools:
        """Whether the pair passes every rule, so that the therapist is a candidate; shape of the pairs."""
        return np.asarray(self.excluded_bits == 0)

    def list_candidates(self) -> tuple[Indices, Indices]:
        """List the candidates of every client of a cross, sorted by client, then therapist.

        Returns
        -------
        clients, therapists : arrays of int, shape (candidates,)
            Positions along the two axes of the cross; for a whole roster the second is the row of the therapist.
        """
        is_eligible = self.is_eligible
        counts = np.count_nonzero(is_eligible, axis=1)
        clients = np.repeat(np.arange(len(counts)), counts)
        return clients, np.flatnonzero(is_eligible) - clients * is_eligible.shape[1]

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
        return tuple(rule for number, rule in enumerate(self.rules) if bits >> number & 1)

    def list_unchecked_rules(self, client: int) -> tuple[Rule, ...]:
        """List the rules not checked for one client of a cross, because the clinic has no data in their columns."""
        return self.list_rules(int(np.bitwise_or.reduce(self.unchecked_bits[client])))

    def _split_bits(self, bits: RuleBits) -> Bools:
        """Return one array of bool for each rule."""
        flags = [bits & np.uint32(1 << number) for number in range(len(self.rules))]
        return np.array(flags, dtype=bool).reshape(len(self.rules), *bits.shape)
