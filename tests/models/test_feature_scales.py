"""Centres and scales that nobody published are seen in the clinic's own pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attune_fit.features.pairs import Pairs, Sides
from attune_fit.models.feature_scales import MAX_SCALE_CLIENTS, fill_scales
from tests.models.builders import GAP, NEED, SKILL, gap, town
from tests.strategies import clinic

OPEN = replace(GAP, center=np.nan, scale=np.nan)


def test_an_open_feature_takes_mean_and_spread_of_all_possible_pairs() -> None:
    sides = Sides(town())
    (row,) = fill_scales([OPEN], sides)
    values = gap(Pairs.cross(sides))
    assert row.center == values.mean()
    assert row.scale == values.std()


def test_what_is_stated_stays() -> None:
    sides = Sides(town())
    first, second, third = fill_scales([NEED, replace(OPEN, center=4.0), SKILL], sides)
    assert (first, third) == (NEED, SKILL)
    assert second.center == 4.0
    assert second.scale == gap(Pairs.cross(sides)).std()


def test_a_feature_that_never_varies_gets_scale_1() -> None:
    tables = clinic({"wish": [2.0, 2.0]}, {"way": [0.5, 0.5]})
    (row,) = fill_scales([OPEN], Sides(tables))
    assert (row.center, row.scale) == (1.5, 1.0)


def test_a_feature_unknown_everywhere_gets_0_and_1() -> None:
    tables = clinic({"wish": [np.nan, np.nan]}, {"way": [0.5, 0.5]})
    (row,) = fill_scales([OPEN], Sides(tables))
    assert (row.center, row.scale) == (0.0, 1.0)


def test_of_many_clients_some_are_looked_at_evenly_drawn() -> None:
    sides = Sides(town(clients=2 * MAX_SCALE_CLIENTS - 1))
    (row,) = fill_scales([OPEN], sides)
    assert row.scale == gap(Pairs.cross(sides, np.arange(0, 2 * MAX_SCALE_CLIENTS, 2))).std()
