from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.features import style_features
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.features.style_features import STYLE_SCALES, StyleScale
from tests.features.plain import Row, each_pair
from tests.strategies import clinic, clinics

PUBLISHED = {  # strong preference from, to; mean, SD: Cooper & Norcross 2016, by hand
    "directiveness": (8, -3, 2.5, 7.5),
    "emotional_intensity": (7, -1, 3.0, 5.5),
    "past_focus": (3, -3, 0.0, 4.0),
    "warm_support": (4, -4, 0.0, 5.5),
}


def gap(wanted: float, offered: float, name: str) -> float:
    return ((wanted - offered) / PUBLISHED[name][3]) ** 2


def shortfall(wanted: float, offered: float, name: str) -> float:
    high, low, _, spread = PUBLISHED[name]
    if wanted >= high:
        return max(high - offered, 0) / spread
    if wanted <= low:
        return max(offered - low, 0) / spread
    return 0.0


def product(wanted: float, offered: float, name: str) -> float:
    _, _, middle, spread = PUBLISHED[name]
    return (wanted - middle) * (offered - middle) / spread**2


@pytest.mark.parametrize(
    ("function", "of_scale"),
    [
        (style_features.compute_style_distance, gap),
        (style_features.compute_style_shortfall, shortfall),
        (style_features.compute_style_agreement, product),
    ],
)
def test_style_agrees_with_the_mean_over_known_scales_of_each_pair(
    function: Callable[[Pairs], Floats], of_scale: Callable[[float, float, str], float]
) -> None:
    def mean(client: Row, therapist: Row) -> float:
        both = {name: (client[f"{name}_preference"], therapist[f"{name}_style"]) for name in PUBLISHED}
        known = [of_scale(*cells, name) for name, cells in both.items() if None not in cells]
        return sum(known) / len(known) if known else math.nan

    @settings(max_examples=25, deadline=None)
    @given(clinics(columns=(*style_features.PREFERENCE_COLUMNS, *style_features.STYLE_COLUMNS), wishes=0))
    def agrees(tables: Tables) -> None:
        np.testing.assert_allclose(function(Pairs.cross(Sides(tables))), each_pair(tables, mean), rtol=1e-12)

    agrees()


@pytest.mark.parametrize("scale", STYLE_SCALES, ids=lambda scale: scale.name)
def test_the_cut_offs_and_spreads_are_the_published_ones(scale: StyleScale) -> None:
    assert tuple(scale.read_published_value(part) for part in ("from", "to", "mean", "sd")) == PUBLISHED[scale.name]


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        (8, 8, 0.0),  # a strong wish for direction, met
        (15, 8, 0.0),  # beyond the cut-off: no more is required
        (8, 0.5, 1.0),  # one SD short
        (-3, 4.5, 1.0),  # the client wants to lead, the therapist leads
        (-3, -10, 0.0),
        (7.5, -15, 0.0),  # no strong wish
        (None, 5, math.nan),
        (8, None, math.nan),
        (0, None, math.nan),
    ],
)
def test_only_a_strong_preference_has_a_shortfall(wanted: float | None, offered: float | None, expected: float) -> None:
    tables = clinic({"directiveness_preference": [wanted]}, {"directiveness_style": [offered]})
    np.testing.assert_allclose(style_features.compute_style_shortfall(Pairs.cross(Sides(tables))), [[expected]])


def test_extreme_self_ratings_raise_the_distance_but_not_the_agreement() -> None:
    tables = clinic({"warm_support_preference": [-4, 0, 4]}, {"warm_support_style": [0, 15]})
    pairs = Pairs.cross(Sides(tables))
    assert (
        style_features.compute_style_distance(pairs)[:, 1] > style_features.compute_style_distance(pairs)[:, 0]
    ).all()
    np.testing.assert_allclose(style_features.compute_style_agreement(pairs).sum(axis=0), [0, 0], atol=1e-12)
