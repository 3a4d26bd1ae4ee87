from __future__ import annotations

import numpy as np
import pytest

from attune_fit.features import intake_features
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.strategies import clinic

NUMBERS = [feature for feature in intake_features.ROWS if PREFERENCES_TABLE not in feature.client]


@pytest.mark.parametrize("feature", NUMBERS, ids=lambda feature: feature.name)
def test_intake_is_the_clients_own_number_in_its_own_unit(feature: Feature) -> None:
    tables = clinic({feature.client[0]: [1.5, None]}, {"age": [30, 40]})
    np.testing.assert_array_equal(feature.function(Pairs.cross(Sides(tables))), [[1.5], [np.nan]])


def test_a_client_states_as_many_wishes_as_prefer_and_avoid_together() -> None:
    wishes = [(0, "gender", "f", "prefer"), (0, "age", "<=40", "avoid"), (0, "religion", "none", "must")]
    tables = clinic({"age": [30, 40]}, {"age": [30, 40]}, wishes)
    assert intake_features.count_stated_wishes(Pairs.cross(Sides(tables))).tolist() == [[2], [0]]
