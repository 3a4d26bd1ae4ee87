from __future__ import annotations

import numpy as np
import pytest

from attune_fit.features import therapist_features
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.strategies import clinic


@pytest.mark.parametrize("feature", therapist_features.ROWS, ids=lambda feature: feature.name)
def test_the_value_is_the_therapists_number_in_its_own_unit(feature: Feature) -> None:
    tables = clinic({"age": [30, 40]}, {feature.therapist[0]: [3.5, None, 4]})
    np.testing.assert_array_equal(feature.function(Pairs.cross(Sides(tables))), [[3.5, np.nan, 4]])
