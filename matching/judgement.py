"""The rules held against some pairs: who is left out, by which rule, and what could not be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.pairs import Pairs
from matching.rules import Rule

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Judgement:
    """What the rules say of some pairs.

    Attributes
    ----------
    rules : tuple of Rule
        One for each entry of the first axis.
    excluded : array of bool, shape (rules, *pairs.shape)
        The rule leaves the pair out: it is broken, or cannot be checked and its policy excludes.
    unknown : array of bool, shape (rules, *pairs.shape)
        The tables cannot say. A pair both ``excluded`` and ``unknown`` is left out for want of a cell.
    unchecked : tuple of Rule
        Rules that could not be checked for anyone, because the clinic keeps no such column. They leave nobody out.
    """

    rules: tuple[Rule, ...]
    excluded: Bools
    unknown: Bools
    unchecked: tuple[Rule, ...]

    @classmethod
    def of(cls, pairs: Pairs, rules: Sequence[Rule]) -> Judgement:
        """Hold every rule against every pair."""
        excluded = np.zeros((len(rules), *pairs.shape), dtype=bool)
        unknown = np.zeros_like(excluded)
        unchecked = []
        for number, rule in enumerate(rules):
            verdict = rule.function(pairs)
            missing = np.isnan(verdict)
            excluded[number] = verdict == 0
            if missing.any() and not rule.stated and rule.unkept(pairs.sides.tables):
                unchecked.append(rule)
                continue
            unknown[number] = missing
            if rule.unknown == "exclude":
                excluded[number] |= missing
        return cls(tuple(rules), excluded, unknown, tuple(unchecked))

    @property
    def eligible(self) -> Bools:
        """Whether no rule leaves the pair out, shape of the pairs."""
        return np.asarray(~self.excluded.any(axis=0))

    def names(self) -> npt.NDArray[np.object_]:
        """Names of the rules that leave each pair out, joined by ``|``; empty for a candidate. Shape of the pairs."""
        said = np.full(self.excluded.shape[1:], "", dtype=object)
        for rule, out in zip(self.rules, self.excluded, strict=True):
            said = np.where(out, np.where(said == "", rule.name, said + "|" + rule.name), said)
        return said
