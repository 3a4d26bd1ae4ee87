"""A test without a result never rejects; a direction never makes a test easier."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from attune_fit.training.multilevel.effect_test import PROBLEMS, EffectTest


def make_test(estimate: float, se: float = 1.0, df: float = 8.0, alpha: float = 0.05) -> EffectTest:
    return EffectTest.from_estimate("means", estimate, se, df, n=100, n_clusters=10, alpha=alpha)


@pytest.mark.parametrize("estimate", [-3.0, -1.0, 0.0, 0.2, 2.4])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_p_value_and_the_interval_are_those_of_students_t(estimate: float, alpha: float) -> None:
    test = make_test(estimate, alpha=alpha)
    assert test.p == pytest.approx(2 * stats.t(8).sf(abs(estimate)))
    assert (test.low, test.high) == pytest.approx(stats.t(8, loc=estimate).interval(1 - alpha))
    assert test.is_significant() == (test.low > 0 or test.high < 0)


def test_a_direction_only_takes_away() -> None:
    assert make_test(3.0).is_significant("+")
    assert not make_test(3.0).is_significant("-")
    assert make_test(-3.0).is_significant("-")
    almost = make_test(2.2)  # one-sided, this would be below .05
    assert almost.p == pytest.approx(0.059, abs=0.001)
    assert not almost.is_significant("+")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_never_rejects(problem: str) -> None:
    test = EffectTest.without_result("means", problem, n=3, n_clusters=1)
    assert not test.is_estimable
    assert not any(test.is_significant(direction) for direction in ("both", "+", "-"))
    assert np.isnan([test.estimate, test.p, test.low]).all()
    assert json.dumps(test.to_dict(), allow_nan=False)


def test_an_error_of_zero_or_unknown_is_no_result() -> None:
    assert make_test(1.0, se=0.0).problem == "no-variation"
    assert make_test(1.0, se=np.nan).problem == "no-variation"
    with pytest.raises(ValueError, match="unknown problem"):
        EffectTest.without_result("means", "bad luck", n=1, n_clusters=1)


def test_fewer_degrees_of_freedom_than_one_count_as_one() -> None:
    assert make_test(5.0, df=0.3) == replace(make_test(5.0, df=1.0))
