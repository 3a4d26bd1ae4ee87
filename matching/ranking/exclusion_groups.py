"""Why the other therapists are not on a client's list: few distinct results of the rules, each put into words once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Indices
from attune_fit.matching.eligibility.rule_bits import RuleBits
from attune_fit.matching.eligibility.rules import find_short_text
from attune_fit.matching.ranking.ranking_result import ExclusionGroup, ExclusionReason


@dataclass(frozen=True)
class ExcludedTherapists:
    """The x excluded therapists of one client.

    Therapists with the same result of every rule, and of every wish behind a rule, have the same reasons.

    Attributes
    ----------
    therapist_ids : array of str, shape (x,)
        Sorted.
    kind : array of int, shape (x,)
        Which of ``reasons`` holds the reasons of each therapist.
    reasons : tuple of tuple of ExclusionReason
        One for each distinct result.
    """

    therapist_ids: npt.NDArray[np.object_]
    kind: Indices
    reasons: tuple[tuple[ExclusionReason, ...], ...]

    def group(self) -> tuple[ExclusionGroup, ...]:
        """Group the therapists by reason, the most frequent reason first."""
        kinds: dict[tuple[str, str], list[int]] = {}
        for kind, reasons in enumerate(self.reasons):
            for reason in reasons:
                kinds.setdefault(reason.rule_and_text, []).append(kind)
        groups = [(key, self.therapist_ids[np.isin(self.kind, some)].tolist()) for key, some in kinds.items()]
        return tuple(
            ExclusionGroup(*key, tuple(ids)) for key, ids in sorted(groups, key=lambda one: (-len(one[1]), one))
        )

    def count(self) -> tuple[tuple[str, int], ...]:
        """Count the therapists by the short text of each rule, the most frequent first."""
        counts: dict[str, int] = {}
        numbers = np.bincount(self.kind, minlength=len(self.reasons)).tolist()
        for reasons, number in zip(self.reasons, numbers, strict=True):
            for reason in reasons:
                text = find_short_text(reason.rule, is_unknown=reason.unknown)
                counts[text] = counts.get(text, 0) + number
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def find_distinct_results(
    excluded_bits: RuleBits, unknown_bits: RuleBits, wishes: Sequence[tuple[int, npt.NDArray[np.float64]]]
) -> tuple[Indices, Indices]:
    """Find the distinct results of the rules among some therapists.

    Parameters
    ----------
    excluded_bits, unknown_bits : arrays of uint32, shape (x,)
        As in :class:`EligibilityResult`.
    wishes : sequence of (bit, answers)
        For each `must` and `never` wish of the client: the bit of its rule, and an array of shape (x,): 1 where the
        therapist has what the wish names, 0 where not, NaN where unknown.

    Returns
    -------
    first : array of int, shape (kinds,)
        A therapist of each distinct result, as a position.
    kind : array of int, shape (x,)
        Which distinct result each therapist has.
    """
    unknown_bits = unknown_bits & excluded_bits  # an unknown result that excludes no one gives no reason
    codes = excluded_bits.astype(np.uint64) | (unknown_bits.astype(np.uint64) << np.uint64(32))
    _, first, kind = np.unique(codes, return_index=True, return_inverse=True)
    for bit, answers in wishes:
        states = np.where(excluded_bits & np.uint32(bit), np.where(np.isnan(answers), 2, answers), 0).astype(np.intp)
        _, first, kind = np.unique(3 * kind + states, return_index=True, return_inverse=True)
    return first, kind
