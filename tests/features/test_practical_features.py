from __future__ import annotations

import numpy as np
import pytest

from attune_fit.features import practical_features
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.strategies import clinic

SLOTS, LANGUAGES, FORMATS = practical_features.ROWS


def test_each_additional_slot_adds_less_than_the_one_before() -> None:
    tables = clinic({"availability": ["a|b|c"]}, {"availability": ["d", "a", "a|b", "a|b|c", None]})
    (values,) = practical_features.compute_log_shared_slots(Pairs.cross(Sides(tables)))
    np.testing.assert_allclose(values, [0, np.log(2), np.log(3), np.log(4), np.nan])
    assert (np.diff(values[:4], 2) < 0).all()


def test_only_languages_beyond_the_first_shared_one_count() -> None:
    tables = clinic({"languages": ["english|spanish"]}, {"languages": ["spanish|english", "english", "french", None]})
    np.testing.assert_array_equal(LANGUAGES.function(Pairs.cross(Sides(tables))), [[1, 0, 0, np.nan]])


@pytest.mark.parametrize(("feature", "column"), [(SLOTS, "availability"), (FORMATS, "formats")])
def test_the_texts_are_true_of_the_counts(feature: Feature, column: str) -> None:
    tables = clinic({column: ["a|b|c"]}, {column: ["a", "a|b", "a|b|c"]})
    texts = [feature.describe_value(value) for value in feature.function(Pairs.cross(Sides(tables)))[0]]
    if feature is SLOTS:
        assert texts == [feature.text_below, feature.text_below, feature.text_above]  # at most two, at least three
    else:
        assert texts == ["", feature.text_above, feature.text_above]  # one format leaves no choice
