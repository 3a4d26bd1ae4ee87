from __future__ import annotations

import math
from dataclasses import replace

import pytest

from features.catalogue import FEATURES

GENDER = next(feature for feature in FEATURES if feature.name == "gender_same")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1.0, "is of the client's gender"),
        (0.0, "is of another gender than the client"),
        (0.5, ""),
        (math.nan, ""),
    ],
)
def test_a_sentence_says_what_is_true_of_the_value(value: float, sentence: str) -> None:
    assert GENDER.sentence(value) == sentence


def test_a_sentence_does_not_follow_the_sign_of_the_weight() -> None:
    assert replace(GENDER, weight=-1.0).sentence(1.0) == GENDER.sentence(1.0)


def test_nothing_is_said_while_the_typical_value_is_not_known() -> None:
    assert replace(GENDER, center=math.nan).sentence(1.0) == ""
