"""Bars and plots: round ticks, every value on its axis, the interval around its point."""

from __future__ import annotations

import math
import re

import pytest

from attune_fit.data.report_pages.interval_bars import WIDTH, Scale, draw_bar, draw_interval
from attune_fit.data.report_pages.point_plot import PlotPoint, draw_point_plot


@pytest.mark.parametrize(
    "values", [(0.0, 1.0), (0.061, 0.274), (-4.0, 12.5), (1e-9, 3e-9), (2.0, 2.0), (0.0, 0.0), (900, 1e6)]
)
def test_an_axis_holds_its_values_and_has_a_few_round_ticks(values: tuple[float, ...]) -> None:
    scale = Scale.from_values(values)
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert scale.low < scale.high
    assert 2 <= len(scale.ticks) <= 6
    assert all(0 <= scale.place(value) <= WIDTH for value in (*values, -1e12, 1e12))


def test_values_that_are_not_known_do_not_move_an_axis() -> None:
    assert Scale.from_values([0.2, None, math.nan, 0.4]) == Scale.from_values([0.2, 0.4])
    assert Scale.from_values([], including=[0.0, 2.0]) == Scale.from_values([0.0, 2.0])
    assert Scale.from_values([]).high > Scale.from_values([]).low


def test_a_bar_goes_from_the_low_to_the_high_end_and_the_point_is_between() -> None:
    scale = Scale.from_values([0.0, 1.0])
    picture = draw_interval(scale, 0.5, 0.25, 0.75, reference=0.0, band=(0.1, 0.2))
    left, width = map(float, re.findall(r'ci-range" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', picture)[0])
    assert (left, left + width) == (scale.place(0.25), scale.place(0.75))
    assert f'cx="{scale.place(0.5):g}"' in picture
    assert "ci-band" in picture
    assert "ci-mean" in picture
    bare = draw_interval(scale, 0.5, None, None)
    assert "ci-range" not in bare
    assert "ci-point" in bare


def test_a_bar_never_leaves_its_picture() -> None:
    assert [re.findall(r'width="([\d.]+)"', draw_bar(share))[0] for share in (-1, 0.25, 7)] == ["0", "25", "100"]


def test_a_plot_has_a_point_and_an_interval_for_each_value_and_says_what_it_shows() -> None:
    points = [PlotPoint(60, 61, 55, 67), PlotPoint(70, 69, 66, 72), PlotPoint(80, 84, 80, 88)]
    picture = draw_point_plot(points, description="rated <as> expected", x_name="estimate", y_name="rating")
    assert picture.count('class="dot"') == picture.count('class="whisk"') == 3
    assert "<title>rated &lt;as&gt; expected</title>" in picture
    heights = [float(y) for y in re.findall(r'class="dot" cx="[\d.]+" cy="([\d.]+)"', picture)]
    assert heights == sorted(heights, reverse=True), "a higher value is further up"
