from __future__ import annotations

import math
from dataclasses import replace

import pytest

from attune_fit.features.catalogue import FEATURES

MAIN = next(feature for feature in FEATURES if feature.name == "main_problem_covered")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1.0, "has the client's main problem as a focus"),
        (0.0, "does not list the client's main problem as a focus"),
        (0.5, ""),
        (math.nan, ""),
    ],
)
def test_a_sentence_says_what_is_true_of_the_value(value: float, sentence: str) -> None:
    assert MAIN.describe_value(value) == sentence


def test_a_sentence_does_not_follow_the_sign_of_the_weight() -> None:
    assert replace(MAIN, weight=-1.0).describe_value(1.0) == MAIN.describe_value(1.0)


def test_nothing_is_said_while_the_typical_value_is_not_known() -> None:
    assert replace(MAIN, center=math.nan).describe_value(1.0) == ""
