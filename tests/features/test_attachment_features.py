from __future__ import annotations

import numpy as np
import pytest

from attune_fit.features import attachment_features
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.strategies import clinic


@pytest.mark.parametrize("feature", attachment_features.ROWS, ids=lambda feature: feature.name)
def test_a_product_is_positive_on_the_same_side_and_zero_at_the_typical_value(feature: Feature) -> None:
    (client,), (therapist,) = feature.client, feature.therapist
    (client_center, client_scale), (center, scale) = (
        attachment_features.COLUMN_NORMS[client],
        attachment_features.COLUMN_NORMS[therapist],
    )
    tables = clinic(
        {client: [client_center, client_center + client_scale, client_center - client_scale, None]},
        {therapist: [center, center + scale, None]},
    )
    nan = np.nan
    expected = [[0, 0, nan], [0, 1, nan], [0, -1, nan], [nan, nan, nan]]
    np.testing.assert_allclose(feature.function(Pairs.cross(Sides(tables))), expected, atol=1e-12)


@pytest.mark.parametrize("feature", attachment_features.ROWS, ids=lambda feature: feature.name)
def test_a_hypothesis_is_named_as_one_and_has_a_free_direction(feature: Feature) -> None:
    assert feature.direction == "free"
    assert feature.text_above.endswith("(a hypothesis)")
    assert feature.text_below.endswith("(a hypothesis)")
    assert abs(feature.weight) < feature.spread


def test_each_hypothesis_reads_the_two_columns_of_its_name() -> None:
    assert {feature.name: (*feature.client, *feature.therapist) for feature in attachment_features.ROWS} == {
        "avoidance_warmth": ("attachment_avoidance", "warm_support_style"),
        "anxiety_warmth": ("attachment_anxiety", "warm_support_style"),
        "anxiety_directiveness": ("attachment_anxiety", "directiveness_style"),
        "problems_skill": ("interpersonal_problems", "interpersonal_skill"),
    }
