"""A plot of lines with their intervals over two axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from attune_fit.data.report_pages.html_parts import Html
from attune_fit.data.report_pages.interval_bars import Scale
from attune_fit.data.report_pages.plot_frame import PlotFrame
from attune_fit.data.report_pages.point_plot import PlotPoint


class PlotLine(NamedTuple):
    """One line.

    Attributes
    ----------
    name : str
        Written at its end.
    points : sequence of PlotPoint
        By x, at least one; the area between ``low`` and ``high`` is shaded.
    is_main : bool
        Whether it has the accent; another one is drawn in the colour of text.
    has_dots : bool
        Whether each point has a dot: it was measured, and not computed on a fine grid.
    """

    name: str
    points: Sequence[PlotPoint]
    is_main: bool = True
    has_dots: bool = False


def draw_line_plot(
    lines: Sequence[PlotLine], *, description: str, x_name: str, y_name: str,
    format_x: Callable[[float], str] = lambda value: f"{value:g}",
    format_y: Callable[[float], str] = lambda value: f"{value:g}",
    including: Iterable[float] = (), level: float | None = None,
) -> Html:  # fmt: skip
    """Draw lines with their intervals.

    Parameters
    ----------
    lines : sequence of PlotLine
        At least one.
    description : str
        What the plot shows, for people who do not see it.
    x_name, y_name : str
        Names of the axes, with the unit.
    format_x, format_y : callable
        Texts of the ticks.
    including : iterable of float
        Values of y that the axis has in any case.
    level : float, optional
        A dashed level line, such as 0 or 80%.
    """
    points = [point for line in lines for point in line.points]
    kept = (*including, *(() if level is None else (level,)))
    frame = PlotFrame(
        Scale.from_values(point.x for point in points),
        Scale.from_values((end for point in points for end in (point.y, point.low, point.high)), kept),
    )
    parts = frame.draw_axes(x_name, y_name, format_x, format_y)
    if level is not None:
        parts.append(frame.draw_level(level))
    for line in lines:
        parts += _draw_line(frame, line)
    for line in lines:
        last, is_upper = line.points[-1], line.points[-1].y >= max(one.points[-1].y for one in lines)
        parts.append(frame.draw_note(last.x, last.y, line.name, dy=-8 if is_upper else 18, anchor="end"))
    return frame.wrap(description, parts)


def _draw_line(frame: PlotFrame, line: PlotLine) -> list[str]:
    upper = [(point.x, point.high) for point in line.points]
    lower = [(point.x, point.low) for point in reversed(line.points)]
    parts = [
        frame.draw_path([*upper, *lower], "area", is_closed=True),
        frame.draw_path([(point.x, point.y) for point in line.points], "line" if line.is_main else "other"),
    ]
    if line.has_dots:
        parts += [
            f'<circle class="dot" cx="{frame.place_x(point.x):g}" cy="{frame.place_y(point.y):g}" r="4"/>'
            for point in line.points
        ]
    return parts
