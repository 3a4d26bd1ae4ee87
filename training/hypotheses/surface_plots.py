"""Plots of a response surface: a contour map, and the outcome along equal and opposite numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attune_fit.data.report_pages.html_parts import Html
from attune_fit.data.report_pages.interval_bars import Scale
from attune_fit.data.report_pages.line_plot import PlotLine, draw_line_plot
from attune_fit.data.report_pages.plot_frame import PlotFrame
from attune_fit.data.report_pages.point_plot import PlotPoint

CONTOUR_HEIGHT = 492.0  # the area is a square
MAX_SHADE = 0.7
N_LEVELS = 6  # contour lines, about
EDGE_SHARE = 0.06  # of the area: a label nearer to the edge is cut off
ELLIPSE_RADIUS = 2.4477  # SD around the middle: 95% of a normal distribution of two numbers
ELLIPSE_STEPS = 60

Grid = Sequence[Sequence[float | None]]
Point = tuple[float, float]


def draw_contour_plot(surface: Mapping[str, Any], unit: str) -> Html:
    """Draw the outcome over both numbers.

    Parameters
    ----------
    surface : mapping
        Record of a :class:`SurfaceResult`, with its plot.
    unit : str
        Of the outcome, in words.
    """
    plot = surface["plot"]
    ticks, grid = plot["ticks"], plot["outcome"]
    frame = PlotFrame(Scale.from_values(ticks), Scale.from_values(ticks), CONTOUR_HEIGHT)
    values = [value for row in grid for value in row if value is not None]
    middle, reach = sum(values) / len(values), max(max(values) - min(values), 1e-9) / 2
    step = choose_level_step(min(values), max(values))
    parts = [*_draw_cells(frame, ticks, grid, middle, reach)]
    parts += frame.draw_axes(f"client: {_name(surface['client'])}", f"therapist: {_name(surface['therapist'])}",
                             _format_tick, _format_tick)  # fmt: skip
    for level in list_levels(min(values), max(values), step):
        parts += _draw_contour(frame, ticks, grid, level, step)
    parts.append(frame.draw_path(_list_ellipse(plot["ellipse"], ticks[0], ticks[-1]), "opposite", is_closed=True))
    parts.append(frame.draw_path([(ticks[0], ticks[0]), (ticks[-1], ticks[-1])], "equal"))
    parts += _draw_ridge(frame, surface["axis"], ticks[0], ticks[-1])
    description = (
        f"Outcome in {unit} over the client's and the therapist's number. Lowest {min(values):.3g}, highest "
        f"{max(values):.3g}. {surface['sentence']}"
    )
    return frame.wrap(description, parts)


def draw_surface_lines(surface: Mapping[str, Any], unit: str) -> Html:
    """Draw the outcome along the lines of equal and of opposite numbers, with intervals."""
    plot = surface["plot"]
    lines = [
        PlotLine(name, [PlotPoint(*point) for point in plot[key]], is_main=key == "congruence")
        for name, key in (("equal numbers", "congruence"), ("opposite numbers", "incongruence"))
        if plot[key]
    ]
    description = "Outcome along the line of equal numbers and along the line of opposite numbers, with intervals."
    return draw_line_plot(lines, description=description, x_name="client's number, units from 0",
                          y_name=f"outcome, {unit}", format_x=_format_tick)  # fmt: skip


def choose_level_step(low: float, high: float) -> float:
    """Choose the difference between two contour lines: a round number.

    >>> choose_level_step(50.0, 68.0), choose_level_step(0.1, 0.2)
    (5.0, 0.02)
    """
    least = max(high - low, 1e-9) / N_LEVELS
    power = 10.0 ** math.floor(math.log10(least))
    return float(next(round(step * power, 12) for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9)))


def list_levels(low: float, high: float, step: float) -> list[float]:
    """List the levels of the contour lines between two outcomes."""
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(number * step, 12) for number in range(first, last + 1)]


def find_contour_segments(ticks: Sequence[float], grid: Grid, level: float) -> Iterator[tuple[Point, Point]]:
    """Find the pieces of a contour line, one in each half of each cell of the grid (marching triangles).

    Parameters
    ----------
    ticks : sequence of float
        Places of the columns, and of the rows.
    grid : sequence of sequence of float or None
        Outcome by row and column; cells with an unknown corner have no line.
    level : float
    """
    for row in range(len(ticks) - 1):
        for column in range(len(ticks) - 1):
            places = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            corners = [(ticks[across], ticks[up], grid[up][across]) for up, across in places]
            for triangle in ((corners[0], corners[1], corners[2]), (corners[0], corners[2], corners[3])):
                known = [(x, y, value) for x, y, value in triangle if value is not None]
                if len(known) == 3:
                    crossings = _find_crossings(known, level)
                    if len(crossings) == 2:
                        yield crossings[0], crossings[1]


def _find_crossings(triangle: Sequence[tuple[float, float, float]], level: float) -> list[Point]:
    """Return where the sides of a triangle have a level."""
    found = []
    for (x, y, value), (x_end, y_end, end) in zip(triangle, (*triangle[1:], triangle[0]), strict=True):
        if (value < level) != (end < level):
            share = (level - value) / (end - value)
            found.append((x + share * (x_end - x), y + share * (y_end - y)))
    return found


def _draw_cells(frame: PlotFrame, ticks: Sequence[float], grid: Grid, middle: float, reach: float) -> Iterator[str]:
    """Shade the cells: above the middle in the accent, below it in the other colour."""
    half = (ticks[1] - ticks[0]) / 2
    for z, row in zip(ticks, grid, strict=True):
        for x, value in zip(ticks, row, strict=True):
            shade = 0.0 if value is None else round(min(abs(value - middle) / reach, 1.0) * MAX_SHADE, 2)
            if value is None or not shade:
                continue
            left, right = frame.place_x(max(x - half, ticks[0])), frame.place_x(min(x + half, ticks[-1]))
            top, bottom = frame.place_y(min(z + half, ticks[-1])), frame.place_y(max(z - half, ticks[0]))
            extra = "" if value > middle else " is-out"
            yield (
                f'<rect class="cell{extra}" x="{left:g}" y="{top:g}" width="{right - left:g}" '
                f'height="{bottom - top:g}" fill-opacity="{shade:g}"/>'
            )


def _draw_contour(frame: PlotFrame, ticks: Sequence[float], grid: Grid, level: float, step: float) -> list[str]:
    """Draw a contour line with its level, at the lower right where there is room."""
    segments = list(find_contour_segments(ticks, grid, level))
    if not segments:
        return []
    path = "".join(
        f"M{frame.place_x(x):g} {frame.place_y(y):g}L{frame.place_x(x_end):g} {frame.place_y(y_end):g}"
        for (x, y), (x_end, y_end) in segments
    )
    at = max((start for start, _ in segments), key=lambda point: _rate_label_place(point, ticks[0], ticks[-1]))
    decimals = max(0, -math.floor(math.log10(step)))
    return [f'<path class="iso" d="{path}"/>', frame.draw_note(*at, f"{level:.{decimals}f}", dy=4)]


def _rate_label_place(point: Point, low: float, high: float) -> tuple[bool, float]:
    """Return whether a label has room at a point, and how far to the lower right it is."""
    room = EDGE_SHARE * (high - low)
    is_inside = all(low + room <= value <= high - room for value in point)
    return is_inside, point[0] - point[1]


def _draw_ridge(frame: PlotFrame, axis: Sequence[Mapping[str, Any]], low: float, high: float) -> list[str]:
    """Draw the first principal axis inside the area."""
    intercept, slope = (one["value"] for one in axis)
    if intercept is None or slope is None or not (math.isfinite(intercept) and math.isfinite(slope)):
        return []
    steps = [low + (high - low) * number / 100 for number in range(101)]
    inside = [(x, intercept + slope * x) for x in steps if low <= intercept + slope * x <= high]
    return [frame.draw_path(inside, "ridge")] if len(inside) > 1 else []


def _list_ellipse(ellipse: Sequence[float], low: float, high: float) -> list[Point]:
    """Return the ellipse that holds about 95% of the records, cut at the ends of the area."""
    x_mean, x_sd, z_mean, z_sd, r = ellipse
    points = []
    for number in range(ELLIPSE_STEPS):
        angle = 2 * math.pi * number / ELLIPSE_STEPS
        u = ELLIPSE_RADIUS * math.cos(angle)
        v = r * u + math.sqrt(max(1 - r * r, 0)) * ELLIPSE_RADIUS * math.sin(angle)
        points.append((min(max(x_mean + x_sd * u, low), high), min(max(z_mean + z_sd * v, low), high)))
    return points


def _name(column: str) -> str:
    return column.replace("_", " ")


def _format_tick(value: float) -> str:
    return f"{value:g}"
