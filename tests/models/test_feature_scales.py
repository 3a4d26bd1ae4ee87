"""Center and scale without a published norm come from the clinic's own pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attune_fit.features.pairs import Pairs, Sides
from attune_fit.models.feature_scales import MAX_SCALE_CLIENTS, fill_scales
from tests.models.builders import GAP, NEED, SKILL, gap, town
from tests.strategies import clinic

INCOMPLETE = replace(GAP, center=np.nan, scale=np.nan)


def test_an_incomplete_feature_gets_mean_and_sd_of_all_possible_pairs() -> None:
    sides = Sides(town())
    (row,) = fill_scales([INCOMPLETE], sides)
    values = gap(Pairs.cross(sides))
    assert row.center == values.mean()
    assert row.scale == values.std()


def test_stated_numbers_are_kept() -> None:
    sides = Sides(town())
    first, second, third = fill_scales([NEED, replace(INCOMPLETE, center=4.0), SKILL], sides)
    assert (first, third) == (NEED, SKILL)
    assert second.center == 4.0
    assert second.scale == gap(Pairs.cross(sides)).std()


def test_a_feature_that_never_varies_gets_scale_1() -> None:
    tables = clinic({"wish": [2.0, 2.0]}, {"way": [0.5, 0.5]})
    (row,) = fill_scales([INCOMPLETE], Sides(tables))
    assert (row.center, row.scale) == (1.5, 1.0)


def test_a_feature_unknown_everywhere_gets_0_and_1() -> None:
    tables = clinic({"wish": [np.nan, np.nan]}, {"way": [0.5, 0.5]})
    (row,) = fill_scales([INCOMPLETE], Sides(tables))
    assert (row.center, row.scale) == (0.0, 1.0)


def test_a_large_table_is_sampled_at_even_steps() -> None:
    sides = Sides(town(clients=2 * MAX_SCALE_CLIENTS - 1))
    (row,) = fill_scales([INCOMPLETE], sides)
    assert row.scale == gap(Pairs.cross(sides, np.arange(0, 2 * MAX_SCALE_CLIENTS, 2))).std()
