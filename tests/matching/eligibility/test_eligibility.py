"""The results of rules as bits: what is derived from them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from attune_fit.data.arrays import Bools
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult, list_pairs
from attune_fit.matching.eligibility.rules import RULES, select_rules
from tests.strategies import clinics


def check_all(tables: Tables) -> EligibilityResult:
    return EligibilityResult.from_rules(Pairs.cross(Sides(tables)), select_rules(Config()))


@settings(max_examples=25, deadline=None)
@given(clinics(conflicts=3, states=3))
def test_the_flags_of_each_rule_are_its_bits(tables: Tables) -> None:
    result = check_all(tables)
    for bits, flags in (
        (result.excluded_bits, result.is_excluded),
        (result.unknown_bits, result.is_unknown),
        (result.unchecked_bits, result.is_unchecked),
    ):
        assert flags.shape == (len(result.rules), *bits.shape)
        for (row, column), number in np.ndenumerate(bits):
            expected = [bool(int(number) // 2**place % 2) for place in range(len(result.rules))]
            assert flags[:, row, column].tolist() == expected
            names = [rule.name for rule, is_set in zip(result.rules, expected, strict=True) if is_set]
            assert [rule.name for rule in result.list_rules(int(number))] == names
    np.testing.assert_array_equal(result.is_eligible, ~result.is_excluded.any(axis=0))


@settings(max_examples=25, deadline=None)
@given(clinics(conflicts=3, states=3), st.sets(st.sampled_from([rule.name for rule in RULES])))
def test_rules_can_be_left_out_of_the_result(tables: Tables, names: set[str]) -> None:
    result = check_all(tables)
    others = [rule for rule in result.rules if rule.name not in names]
    expected = EligibilityResult.from_rules(Pairs.cross(Sides(tables)), others).is_eligible
    np.testing.assert_array_equal(result.is_eligible_without(names), expected)


@given(npst.arrays(bool, npst.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=5)))
def test_pairs_are_listed_as_numpy_lists_them(is_included: Bools) -> None:
    for listed, expected in zip(list_pairs(is_included), np.nonzero(is_included), strict=True):
        np.testing.assert_array_equal(listed, expected, strict=True)
