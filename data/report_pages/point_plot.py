"""A plot of points with intervals over two axes: SVG that scales with the page, its look by classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from attune_fit.data.report_pages.html_parts import Html, escape_text
from attune_fit.data.report_pages.interval_bars import Scale

WIDTH, HEIGHT = 500.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 484.0, 24.0, 252.0  # of the area with the points


class PlotPoint(NamedTuple):
    """One point.

    Attributes
    ----------
    x, y : float
    low, high : float
        Ends of the interval of y.
    """

    x: float
    y: float
    low: float
    high: float


def draw_point_plot(
    points: Sequence[PlotPoint], *, description: str, x_name: str, y_name: str, decimals: int = 0, is_equal: bool = True
) -> Html:
    """Draw points with the intervals of y.

    Parameters
    ----------
    points : sequence of PlotPoint
        At least one.
    description : str
        What the plot shows, for people who do not see it.
    x_name, y_name : str
        Names of the axes, with the unit.
    decimals : int, default 0
        Of the labels.
    is_equal : bool, default True
        Whether a dashed line marks where y equals x; else where y is 0.
    """
    x_scale = Scale.from_values(point.x for point in points)
    ends = (x_scale.low, x_scale.high) if is_equal else (0.0, 0.0)
    y_scale = Scale.from_values((end for point in points for end in (point.y, point.low, point.high)), ends)
    parts = [f"<title>{escape_text(description)}</title>", *_draw_ticks(x_scale, y_scale, decimals)]
    corners = (_x(x_scale, x_scale.low), _y(y_scale, ends[0]), _x(x_scale, x_scale.high), _y(y_scale, ends[1]))
    parts.append('<path class="ideal" d="M{:g} {:g}L{:g} {:g}"/>'.format(*corners))
    for point in points:
        x, low, high = _x(x_scale, point.x), _y(y_scale, point.low), _y(y_scale, point.high)
        parts.append(f'<path class="whisk" d="M{x:g} {low:g}V{high:g}"/>')
        parts.append(f'<circle class="dot" cx="{x:g}" cy="{_y(y_scale, point.y):g}" r="4.5"/>')
    middle = (LEFT + RIGHT) / 2
    parts.append(f'<text x="{middle:g}" y="{HEIGHT - 8:g}" text-anchor="middle">{escape_text(x_name)}</text>')
    parts.append(f'<text x="{LEFT:g}" y="12">{escape_text(y_name)}</text>')
    return Html(f'<svg class="plot" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img">{"".join(parts)}</svg>')


def _draw_ticks(x_scale: Scale, y_scale: Scale, decimals: int) -> list[str]:
    """Return the lines and labels of both axes."""
    parts = []
    for tick in y_scale.ticks:
        y = _y(y_scale, tick)
        parts.append(f'<path class="grid" d="M{LEFT:g} {y:g}H{RIGHT:g}"/>')
        parts.append(f'<text x="{LEFT - 8:g}" y="{y + 4:g}" text-anchor="end">{tick:.{decimals}f}</text>')
    for tick in x_scale.ticks:
        x = _x(x_scale, tick)
        parts.append(f'<text x="{x:g}" y="{BOTTOM + 20:g}" text-anchor="middle">{tick:.{decimals}f}</text>')
    return parts


def _x(scale: Scale, value: float) -> float:
    return round(LEFT + 8 + scale.share(value) * (RIGHT - LEFT - 16), 1)


def _y(scale: Scale, value: float) -> float:
    return round(BOTTOM - scale.share(value) * (BOTTOM - TOP), 1)
