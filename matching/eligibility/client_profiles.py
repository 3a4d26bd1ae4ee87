"""Check rules for many clients at once: clients of one profile of a rule share its result.

A profile of a rule is what of a client decides its result (:mod:`client_inputs`). A clinic has few regions, payers or
sets of wishes, so a rule is evaluated once for each profile. Rules with few profiles are combined first. The result of
all pairs is then put together from a few groups of rules instead of from every rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.client_inputs import join_numbers, number_client_profiles
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rule_bits import BitCollector, RuleBits, check_number_of_rules, split_result

PAIRS_PER_STEP = 65_536  # evaluated or copied at once: the arrays of a step stay in the processor's cache


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
    if n_clients < 2:  # nothing to share
        return EligibilityResult.from_rules(Pairs.cross(sides, client_rows), rules)
    profiles = [_Profiles.from_numbers([number_client_profiles(sides, rule)[client_rows]], n_clients) for rule in rules]
    groups = _group_rules(profiles, n_clients)
    collected = [BitCollector((len(joint.first), n_therapists)) for joint, _ in groups]
    for (joint, members), bits in zip(groups, collected, strict=True):
        for number in members:
            rule, own = rules[number], profiles[number]
            broken, missing = _evaluate_rule(sides, rule, client_rows[own.first])
            rows = own.numbers[joint.first]
            bits.add(number, rule, broken[rows], missing[rows], is_unchecked=rule.is_unchecked(sides))
    numbers, shape = [joint.numbers for joint, _ in groups], (n_clients, n_therapists)
    return EligibilityResult(
        tuple(rules),
        _gather_rows(shape, numbers, [bits.excluded for bits in collected]),
        _gather_rows(shape, numbers, [bits.unknown for bits in collected]),
        _gather_rows(shape, numbers, [bits.unchecked for bits in collected]),
    )


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


def _evaluate_rule(sides: Sides, rule: Rule, client_rows: Indices) -> tuple[Bools, Bools]:
    """Return where each client breaks the rule and where it is unknown, shape (clients, therapists), step by step."""
    n_therapists = sides.count_rows("therapist")
    broken, missing = (np.empty((len(client_rows), n_therapists), dtype=bool) for _ in range(2))
    step = max(1, PAIRS_PER_STEP // max(1, n_therapists))
    for start in range(0, len(client_rows), step):
        some = slice(start, start + step)
        broken[some], missing[some] = split_result(rule.function(Pairs.cross(sides, client_rows[some])))
    return broken, missing


def _gather_rows(
    shape: tuple[int, int], numbers: Sequence[Indices], rows_by_group: Sequence[RuleBits | None]
) -> RuleBits:
    """Return the bits of all clients: for each client the row of its profile, from every group of rules."""
    result = np.zeros(shape, dtype=np.uint32)
    found = [(profile, rows) for profile, rows in zip(numbers, rows_by_group, strict=True) if rows is not None]
    step = max(1, PAIRS_PER_STEP // max(1, shape[1]))
    for start in range(0, shape[0] if found else 0, step):
        block = result[start : start + step]
        for profile, rows in found:
            block |= rows[profile[start : start + step]]
    return result
