"""Center and scale without a published norm come from the clinic's own pairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.feature_scales import MAX_SCALE_CLIENTS, fill_scales, sample_possible_pairs
from tests.models.builders import GAP, NEED, SKILL, THREE, gap, skill, town
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
    assert [replace(row, typical=NEED.typical) for row in (first, third)] == [NEED, SKILL]
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


def test_the_typical_value_is_the_mean_of_the_known_pairs() -> None:
    sides = Sides(town(missing=0.3))
    rows = fill_scales(THREE, sides)
    for row in rows:
        assert row.typical == pytest.approx(np.nanmean(row.function(Pairs.cross(sides))))


def test_a_typical_value_that_a_feature_has_is_kept_and_an_unknown_one_stays_unknown() -> None:
    (kept,) = fill_scales([replace(SKILL, typical=7.0)], Sides(town()))
    assert kept.typical == 7.0
    (unknown,) = fill_scales([SKILL], Sides(clinic({"need": [1.0]}, {"skill": [np.nan]})))
    assert np.isnan(unknown.typical)


def test_a_sample_has_every_client_and_every_therapist_equally_often() -> None:
    sides = Sides(town(clients=50, therapists=12))
    pairs = sample_possible_pairs(sides, 300)
    assert pairs.shape == (300,)
    assert set(np.bincount(pairs.client_rows)) == {6}
    assert set(np.bincount(pairs.therapist_rows)) == {25}
    assert sample_possible_pairs(sides, 600).shape == (50, 12)


def test_a_sample_of_the_pairs_is_as_good_as_all_of_them_in_any_order_of_the_rows() -> None:
    tables = town(clients=400, therapists=60, missing=0.2)
    moved = replace(tables, clients=tables.clients[::-1].reset_index(drop=True))
    (row,), (other,) = (fill_scales([SKILL], Sides(some)) for some in (tables, moved))
    assert row.typical == pytest.approx(other.typical, rel=1e-12)
    assert row.typical == pytest.approx(np.nanmean(skill(Pairs.cross(Sides(tables)))), abs=0.01)
