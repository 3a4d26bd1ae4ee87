"""Lines are where their values are, and the frame names and labels both axes."""

import re

import pytest

from attune_fit.data.report_pages.interval_bars import Scale
from attune_fit.data.report_pages.line_plot import PlotLine, draw_line_plot
from attune_fit.data.report_pages.plot_frame import PlotFrame
from attune_fit.data.report_pages.point_plot import PlotPoint

RISING = PlotLine("power & more", [PlotPoint(10, 0.2, 0.1, 0.3), PlotPoint(40, 0.8, 0.7, 0.9)], has_dots=True)
LEVEL = PlotLine("other", [PlotPoint(10, 0.3, 0.3, 0.3), PlotPoint(40, 0.3, 0.3, 0.3)], is_main=False)


def draw(*lines: PlotLine) -> str:
    return draw_line_plot(
        lines, description="Power < 1", x_name="therapists", y_name="power", format_y=lambda value: f"{value:.0%}",
        including=(0.0, 1.0), level=0.8,
    )  # fmt: skip


def test_a_rising_line_goes_up_and_a_level_one_does_not() -> None:
    frame = PlotFrame(Scale.from_values([10, 40]), Scale.from_values([0.0, 1.0]))
    picture = draw(RISING, LEVEL)
    ends = dict(re.findall(r'class="(line|other)" d="M([^"]+)"', picture))
    assert ends["line"] == f"60 {frame.place_y(0.2):g}L476 {frame.place_y(0.8):g}"
    assert ends["other"] == f"60 {frame.place_y(0.3):g}L476 {frame.place_y(0.3):g}"
    assert f'class="ideal" d="M52 {frame.place_y(0.8):g}H484"' in picture
    assert picture.count('class="dot"') == 2


def test_texts_are_escaped_and_axes_have_names() -> None:
    picture = draw(RISING)
    assert "<title>Power &lt; 1</title>" in picture
    assert "power &amp; more" in picture
    for text in ("therapists", "power", "50%", "100%", "20", "40"):
        assert f">{text}</text>" in picture


def test_an_axis_without_labels_has_a_name_only() -> None:
    frame = PlotFrame(Scale(0.0, 5.0, ()), Scale.from_values([0.0, 1.0]))
    parts = "".join(frame.draw_axes("analyses", "effect", None, str))
    assert ">analyses</text>" in parts
    assert frame.draw_path([], "line") == ""
    assert frame.place_y(2.0) == frame.place_y(1.0), "a value beyond the end is at the end"


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_closed_path_ends_where_it_begins(is_closed: bool) -> None:
    frame = PlotFrame(Scale.from_values([0.0, 1.0]), Scale.from_values([0.0, 1.0]))
    assert frame.draw_path([(0, 0), (1, 1)], "area", is_closed=is_closed).endswith('Z"/>') == is_closed
