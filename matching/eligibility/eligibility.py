"""Apply the blocking rules to pairs: which pairs are excluded, by which rule, and which rules could not be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools
from attune_fit.features.pairs import Pairs
from attune_fit.matching.eligibility.eligibility_rule import Rule


@dataclass(frozen=True)
class EligibilityResult:
    """The result of every rule for every pair.

    Attributes
    ----------
    rules : tuple of Rule
        One rule for each entry of the first axis of the arrays.
    is_excluded : array of bool, shape (rules, *pairs.shape)
        The rule excludes the pair: the pair breaks it, or the result is unknown and the policy is "exclude".
    is_unknown : array of bool, shape (rules, *pairs.shape)
        A missing cell leaves the result unknown. A pair that is also in ``is_excluded`` is excluded for that cell.
    is_unchecked : array of bool, shape (rules, *pairs.shape)
        The rule was not checked, because the whole column is empty at this clinic. It then excludes no pair, and these
        pairs are not in ``is_unknown``.
    """

    rules: tuple[Rule, ...]
    is_excluded: Bools
    is_unknown: Bools
    is_unchecked: Bools

    @classmethod
    def from_rules(cls, pairs: Pairs, rules: Sequence[Rule]) -> EligibilityResult:
        """Check every pair against every rule."""
        broken = np.zeros((len(rules), *pairs.shape), dtype=bool)
        missing = np.zeros_like(broken)
        for number, rule in enumerate(rules):
            result = rule.function(pairs)
            broken[number], missing[number] = result == 0, np.isnan(result)
        has_no_data = [
            not rule.is_unknown_policy_stated and bool(rule.list_empty_columns(pairs.sides.tables)) for rule in rules
        ]
        excludes_unknown = [rule.unknown_policy == "exclude" for rule in rules]
        unknown = missing & ~_broadcast_flags(has_no_data, missing)
        excluded = broken | (unknown & _broadcast_flags(excludes_unknown, missing))
        return cls(tuple(rules), excluded, unknown, missing & ~unknown)

    @property
    def is_eligible(self) -> Bools:
        """Whether the pair passes every rule, so that the therapist is a candidate; shape of the pairs."""
        return np.asarray(~self.is_excluded.any(axis=0))

    def join_rule_names(self) -> npt.NDArray[np.object_]:
        """Join the names of the rules that exclude each pair with ``|``; empty for a candidate. Shape of the pairs."""
        rule_bits = np.tensordot(1 << np.arange(len(self.rules)), self.is_excluded, axes=1)
        distinct, which = np.unique(rule_bits, return_inverse=True)
        names = [
            "|".join(rule.name for bit, rule in enumerate(self.rules) if bits >> bit & 1) for bits in distinct.tolist()
        ]
        return np.array(names, dtype=object)[which].reshape(rule_bits.shape)

    def list_unchecked_rules(self, client: int) -> tuple[Rule, ...]:
        """List the rules not checked for one client of a cross, because the clinic has no data in their columns."""
        return tuple(
            rule for rule, unchecked in zip(self.rules, self.is_unchecked[:, client], strict=True) if unchecked.any()
        )


def _broadcast_flags(flags: Sequence[bool], like: Bools) -> Bools:
    """Reshape one flag for each entry of the first axis, so that it combines with ``like``."""
    return np.array(flags, dtype=bool).reshape(-1, *(1 for _ in like.shape[1:]))
