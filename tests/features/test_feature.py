from __future__ import annotations

import math
from dataclasses import replace

import pytest

from attune_fit.features.feature_catalogue import FEATURES

MAIN = next(feature for feature in FEATURES if feature.name == "main_problem_covered")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "specialises in the client's main problem"),
        (0.0, "does not list the client's main problem as a specialty"),
        (0.5, ""),
        (math.nan, ""),
    ],
)
def test_the_text_is_true_of_the_value(value: float, text: str) -> None:
    assert MAIN.describe_value(value) == text


def test_the_text_does_not_follow_the_sign_of_the_weight() -> None:
    assert replace(MAIN, weight=-1.0).describe_value(1.0) == MAIN.describe_value(1.0)


def test_the_text_is_empty_while_the_typical_value_is_unknown() -> None:
    assert replace(MAIN, center=math.nan).describe_value(1.0) == ""
