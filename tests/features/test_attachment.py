from __future__ import annotations

import numpy as np
import pytest

from attune_fit.features import attachment
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs, Sides
from tests.strategies import clinic


@pytest.mark.parametrize("feature", attachment.ROWS, ids=lambda feature: feature.name)
def test_a_product_is_large_where_both_lie_on_one_side_and_nothing_at_the_typical(feature: Feature) -> None:
    (client,), (therapist,) = feature.client, feature.therapist
    (middle, spread), (center, scale) = attachment.COLUMN_NORMS[client], attachment.COLUMN_NORMS[therapist]
    tables = clinic(
        {client: [middle, middle + spread, middle - spread, None]}, {therapist: [center, center + scale, None]}
    )
    nan = np.nan
    expected = [[0, 0, nan], [0, 1, nan], [0, -1, nan], [nan, nan, nan]]
    np.testing.assert_allclose(feature.function(Pairs.cross(Sides(tables))), expected, atol=1e-12)


@pytest.mark.parametrize("feature", attachment.ROWS, ids=lambda feature: feature.name)
def test_a_hypothesis_is_called_one_and_may_go_either_way(feature: Feature) -> None:
    assert feature.direction == "free"
    assert feature.text_above.endswith("(a hypothesis)")
    assert feature.text_below.endswith("(a hypothesis)")
    assert abs(feature.weight) < feature.spread


def test_each_hypothesis_is_about_the_two_columns_it_is_named_after() -> None:
    assert {feature.name: (*feature.client, *feature.therapist) for feature in attachment.ROWS} == {
        "avoidance_warmth": ("attachment_avoidance", "warm_support_style"),
        "anxiety_warmth": ("attachment_anxiety", "warm_support_style"),
        "anxiety_directiveness": ("attachment_anxiety", "directiveness_style"),
        "problems_skill": ("interpersonal_problems", "interpersonal_skill"),
    }
