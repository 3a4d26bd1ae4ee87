"""Check rules for many clients at once: clients of one profile of a rule share its result.

A profile of a rule is what of a client decides its result (:mod:`client_inputs`). A clinic has few regions, payers or
sets of wishes, so a rule is evaluated once for each profile. Rules with few profiles are combined first. The result of
all pairs is then put together from a few groups of rules instead of from every rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.client_inputs import encode_client_profiles, join_numbers
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rule_bits import BitCollector, RuleBits, check_number_of_rules

PAIRS_PER_STEP = 65_536  # evaluated or copied at once: the arrays of a step stay in the processor's cache

_Part = tuple[Indices, BitCollector]  # bits by profile, and the profile of each row of the result


@dataclass(frozen=True)
class _Profiles:
    """Profiles of n clients.

    Attributes
    ----------
    numbers : array of int, shape (n,)
        The profile of each client, from 0.
    first : array of int, shape (profiles,)
        Position of the first client of each profile.
    """

    numbers: Indices
    first: Indices

    @classmethod
    def from_numbers(cls, numberings: Sequence[Indices], n_clients: int) -> _Profiles:
        """Build the profiles of the combinations of several numberings."""
        numbers = join_numbers(numberings, n_clients)
        first = np.zeros(numbers.max() + 1, dtype=np.intp)
        first[numbers[::-1]] = np.arange(n_clients)[::-1]
        return cls(numbers, first)


def check_by_profile(sides: Sides, rules: Sequence[Rule], client_rows: Indices) -> EligibilityResult:
    """Check some clients with every therapist against every rule.

    Parameters
    ----------
    sides : Sides
    rules : sequence of Rule
    client_rows : array of int, shape (n,)

    Returns
    -------
    EligibilityResult
        Of shape (n, therapists); equal to :meth:`EligibilityResult.from_rules` of the cross. A rule that does not
        state its ``client_inputs`` is evaluated for each client. Memory grows with n times therapists.

    Raises
    ------
    ValueError
        As :meth:`EligibilityResult.from_rules`.
    """
    check_number_of_rules(rules)
    client_rows = np.asarray(client_rows, dtype=np.intp)
    n_clients, n_therapists = len(client_rows), sides.count_rows("therapist")
    if n_clients * n_therapists <= PAIRS_PER_STEP:  # too few to gain from shared results
        return EligibilityResult.from_rules(Pairs.cross(sides, client_rows), rules)
    profiles = [_Profiles.from_numbers([encode_client_profiles(sides, rule)[client_rows]], n_clients) for rule in rules]
    parts: list[_Part] = []
    for joint, members in _group_rules(profiles, n_clients):
        own = [(profiles[number].numbers[joint.first], number) for number in members]
        bits = [
            (rows, _evaluate_rule(sides, rules[number], number, client_rows[profiles[number].first]))
            for rows, number in own
        ]
        group = bits[0][1] if len(members) == 1 else _merge_parts(bits, (len(joint.first), n_therapists))
        parts.append((joint.numbers, group))
    return EligibilityResult(tuple(rules), *_merge_parts(parts, (n_clients, n_therapists)).fill())


def _group_rules(profiles: Sequence[_Profiles], n_clients: int) -> list[tuple[_Profiles, list[int]]]:
    """Group rules while their profiles together are at most half as many as the clients; few profiles first.

    Returns the joint profiles of each group with the numbers of its rules. A rule with more profiles is alone.
    """
    groups: list[tuple[_Profiles, list[int]]] = []
    for number in sorted(range(len(profiles)), key=lambda number: len(profiles[number].first)):
        own = profiles[number]
        for place, (joint, members) in enumerate(groups):
            both = joint if len(own.first) == 1 else _Profiles.from_numbers([joint.numbers, own.numbers], n_clients)
            if len(both.first) <= n_clients // 2:
                groups[place] = both, [*members, number]
                break
        else:
            groups.append((own, [number]))
    return groups


def _evaluate_rule(sides: Sides, rule: Rule, number: int, client_rows: Indices) -> BitCollector:
    """Check some clients with every therapist against one rule, step by step."""
    n_therapists = sides.count_rows("therapist")
    bits, is_unchecked = BitCollector((len(client_rows), n_therapists)), rule.is_unchecked(sides)
    step = max(1, PAIRS_PER_STEP // max(1, n_therapists))
    for start in range(0, len(client_rows), step):
        place = slice(start, start + step)
        result = rule.function(Pairs.cross(sides, client_rows[place]))
        bits.add(number, rule, result, is_unchecked=is_unchecked, place=place)
    return bits


def _merge_parts(parts: Sequence[_Part], shape: tuple[int, int]) -> BitCollector:
    """Combine the bits of several rules or groups of rules, each with its row for every row of the result."""
    merged = BitCollector(shape)
    merged.excluded = _merge_rows([(rows, bits.excluded) for rows, bits in parts], shape)
    merged.unknown = _merge_rows([(rows, bits.unknown) for rows, bits in parts], shape)
    merged.unchecked = _merge_rows([(rows, bits.unchecked) for rows, bits in parts], shape)
    return merged


def _merge_rows(parts: Sequence[tuple[Indices, RuleBits | None]], shape: tuple[int, int]) -> RuleBits | None:
    """Return the bits of all parts together, step by step; None where no part has a bit."""
    found = [(rows, bits) for rows, bits in parts if bits is not None]
    if not found:
        return None
    result = np.empty(shape, dtype=np.uint32)
    step = max(1, PAIRS_PER_STEP // max(1, shape[1]))
    for start in range(0, shape[0], step):
        block = result[start : start + step]
        for number, (rows, bits) in enumerate(found):
            row_bits = bits if len(bits) == 1 else bits[rows[start : start + step]]
            if number:
                block |= row_bits
            else:
                block[:] = row_bits
    return result
