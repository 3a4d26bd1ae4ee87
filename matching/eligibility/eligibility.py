"""The rules held against some pairs: who is left out, by which rule, and what could not be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools
from attune_fit.features.pairs import Pairs
from attune_fit.matching.eligibility.rules import Rule


@dataclass(frozen=True)
class EligibilityResult:
    """What the rules say of some pairs.

    Attributes
    ----------
    rules : tuple of Rule
        One for each entry of the first axis.
    is_excluded : array of bool, shape (rules, *pairs.shape)
        The rule leaves the pair out: it is broken, or cannot be checked and its policy excludes.
    is_unknown : array of bool, shape (rules, *pairs.shape)
        The tables cannot say. A pair both ``is_excluded`` and ``is_unknown`` is left out for want of a cell.
    is_unchecked : array of bool, shape (rules, *pairs.shape)
        The tables cannot say of anyone, because the clinic keeps no such column: nobody is left out for it, and it is
        not counted under ``is_unknown``.
    """

    rules: tuple[Rule, ...]
    is_excluded: Bools
    is_unknown: Bools
    is_unchecked: Bools

    @classmethod
    def from_rules(cls, pairs: Pairs, rules: Sequence[Rule]) -> EligibilityResult:
        """Hold every rule against every pair."""
        broken = np.zeros((len(rules), *pairs.shape), dtype=bool)
        missing = np.zeros_like(broken)
        for number, rule in enumerate(rules):
            verdict = rule.function(pairs)
            broken[number], missing[number] = verdict == 0, np.isnan(verdict)
        unkept = [
            not rule.is_unknown_policy_stated and bool(rule.list_empty_columns(pairs.sides.tables)) for rule in rules
        ]
        strict = [rule.unknown_policy == "exclude" for rule in rules]
        unknown = missing & ~_broadcast_flags(unkept, missing)
        excluded = broken | (unknown & _broadcast_flags(strict, missing))
        return cls(tuple(rules), excluded, unknown, missing & ~unknown)

    @property
    def is_eligible(self) -> Bools:
        """Whether no rule leaves the pair out, shape of the pairs."""
        return np.asarray(~self.is_excluded.any(axis=0))

    def join_rule_names(self) -> npt.NDArray[np.object_]:
        """Names of the rules that leave each pair out, joined by ``|``; empty for a candidate. Shape of the pairs."""
        numbers = np.tensordot(1 << np.arange(len(self.rules)), self.is_excluded, axes=1)
        sets, which = np.unique(numbers, return_inverse=True)
        said = ["|".join(rule.name for bit, rule in enumerate(self.rules) if one >> bit & 1) for one in sets.tolist()]
        return np.array(said, dtype=object)[which].reshape(numbers.shape)

    def list_unchecked_rules(self, client: int) -> tuple[Rule, ...]:
        """Rules that could not be checked for a client of a cross, because the clinic keeps no such column."""
        return tuple(rule for rule, gap in zip(self.rules, self.is_unchecked[:, client], strict=True) if gap.any())


def _broadcast_flags(flags: Sequence[bool], like: Bools) -> Bools:
    """One flag for each entry of the first axis, ready to be combined with ``like``."""
    return np.array(flags, dtype=bool).reshape(-1, *(1 for _ in like.shape[1:]))
