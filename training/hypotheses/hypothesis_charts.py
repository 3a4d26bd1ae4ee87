"""Charts of a hypothesis test from its record: the effect by each test, the specification curve, the power curve."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from attune_fit.data.report_pages.html_parts import (
    NOTHING,
    Html,
    TableColumn,
    escape_text,
    format_details,
    format_element,
    format_table,
    join_parts,
)
from attune_fit.data.report_pages.interval_bars import Scale, draw_axis, draw_interval
from attune_fit.data.report_pages.line_plot import PlotLine, draw_line_plot
from attune_fit.data.report_pages.plot_frame import PlotFrame
from attune_fit.data.report_pages.point_plot import PlotPoint
from attune_fit.training.hypotheses.conclusion import format_effect, format_p

INTERVAL = TableColumn("interval", is_short=True)
UNIT = "SD of the outcome per SD of the term"
CURVE_HEIGHT = 280.0
MAX_DOT, MIN_DOT = 4.5, 2.0  # radius; many analyses have small dots
N_FEW_ANALYSES = 40
TARGET_POWER = 0.80


def format_effect_table(content: Mapping[str, Any]) -> Html:
    """Return the effect by the default test and by the others, on one axis with the region of small effects."""
    tests = [content["effect"], *content["other_tests"]]
    known = [one for one in tests if one["estimate"] is not None]
    small = content["smallest_effect"]
    ends = (end for one in known for end in (one["low"], one["high"]))
    scale = Scale.from_values(ends, including=(-small, 0.0, small))
    rows = [_format_test(one, scale, small, is_main=place == 0) for place, one in enumerate(tests)]
    columns = (
        "test",
        TableColumn(draw_axis(scale, format_tick, f"Chart of the effect in {UNIT}")),
        TableColumn("effect", is_number=True),
        INTERVAL,
        TableColumn("t", is_number=True),
        TableColumn("degrees of freedom", is_number=True),
        TableColumn("p", is_number=True),
    )
    return format_table(columns, rows, "Effect by test", "plain bars")


def draw_specification_plot(content: Mapping[str, Any]) -> Html:
    """Draw the estimate of every analysis with its interval, sorted by estimate; nothing for one analysis."""
    curve = content["specification_curve"]
    analyses = curve["specifications"]
    if len(analyses) < 2:
        return NOTHING
    small, n = content["smallest_effect"], len(analyses)
    ends = (one[key] for one in analyses for key in ("low", "high"))
    frame = PlotFrame(Scale(0.0, n + 1.0, ()), Scale.from_values(ends, including=(-small, 0.0, small)), CURVE_HEIGHT)
    parts = [_draw_region(frame, small, n), *frame.draw_axes("analyses, by estimate", UNIT, None, format_tick)]
    parts.append(frame.draw_level(0.0))
    radius = MAX_DOT if n <= N_FEW_ANALYSES else MIN_DOT
    for place, one in enumerate(analyses, 1):
        parts += _draw_analysis(frame, place, one, radius, content["alpha"])
    description = (
        f"{n} analyses. Median effect {format_sd(curve['median'])}. {curve['share_significant']:.0%} are significant "
        "on the side of the median."
    )
    caption = (
        "Each point is one declared analysis, with its interval; the ring marks the main one. Strong colour: p below "
        f"{content['alpha']:g}. Grey area: effects smaller than {small:g} SD, the smallest of interest."
    )
    figure = f"<figure>{frame.wrap(description, parts)}{format_element('figcaption', caption, 'hint')}</figure>"
    return join_parts([Html(figure), format_choices(content), format_details("Every analysis", _format_every(content))])


def format_choices(content: Mapping[str, Any]) -> Html:
    """Return the median and the range of the estimates by each choice: which choice matters."""
    analyses = content["specification_curve"]["specifications"]
    choices = _group_by_choice(analyses)
    if not choices:
        return NOTHING
    scale = Scale.from_values((one["estimate"] for one in analyses), including=(0.0,))
    rows = []
    for name, members in choices.items():
        values = [one["estimate"] for one in members]
        n_significant = sum(one["p"] < content["alpha"] for one in members)
        chart = draw_interval(scale, median(values), min(values), max(values), reference=0.0)
        rows.append((name, chart, format_sd(median(values)), f"{format_sd(min(values))} to {format_sd(max(values))}",
                     f"{n_significant} of {len(members)}"))  # fmt: skip
    columns = (
        "choice",
        TableColumn(draw_axis(scale, format_tick, "Chart of the median and the range")),
        TableColumn("median", is_number=True),
        TableColumn("range", is_short=True),
        TableColumn("significant", is_number=True),
    )
    return format_table(columns, rows, "Estimates by choice", "plain bars")


def draw_power_curve(points: Sequence[Mapping[str, Any]], n_now: int | None = None) -> Html:
    """Draw the power over the number of therapists; nothing without points.

    Parameters
    ----------
    points : sequence of mapping
        ``therapists``, ``power`` with its interval ``low`` to ``high``, by number of therapists.
    n_now : int, optional
        Therapists in the records; named in the caption.
    """
    if not points:
        return NOTHING
    line = [PlotPoint(one["therapists"], one["power"], one["low"], one["high"]) for one in points]
    now = f" These records have {n_now} therapists." if n_now else ""
    plot = draw_line_plot(
        [PlotLine("", line, has_dots=True)],
        description=f"Power over therapists, from {line[0].y:.0%} to {line[-1].y:.0%}.",
        x_name="therapists", y_name="power", format_y=lambda value: f"{value:.0%}", including=(0.0, 1.0),
        level=TARGET_POWER,
    )  # fmt: skip
    caption = f"Area: simulation error. Dashed line: {TARGET_POWER:.0%}.{now}"
    return Html(f"<figure>{plot}{format_element('figcaption', caption, 'hint')}</figure>")


def format_sd(value: float | None) -> str:
    """Return an effect with its sign; a dash where it is not known.

    >>> format_sd(0.123), format_sd(-0.05), format_sd(None)
    ('+0.12', '-0.05', '–')
    """
    return "–" if value is None or not math.isfinite(value) else format_effect(value)


def format_probability(p: float | None) -> str:
    """Return a p value; a dash where it is not known.

    >>> format_probability(0.0321), format_probability(0.00004), format_probability(None)
    ('.032', '< .001', '–')
    """
    return "–" if p is None or not math.isfinite(p) else format_p(p).removeprefix("= ")


def format_tick(value: float) -> str:
    """Return the label of a tick.

    >>> format_tick(0.0), format_tick(-0.1)
    ('0', '-0.1')
    """
    return f"{value:g}"


def format_ends(low: float | None, high: float | None) -> str:
    """Return the ends of an interval in words; a dash without one."""
    return "–" if low is None or high is None else f"{format_sd(low)} to {format_sd(high)}"


def _format_test(one: Mapping[str, Any], scale: Scale, small: float, *, is_main: bool) -> tuple[str, ...]:
    name = one["method"][0].upper() + one["method"][1:]
    label = format_element("strong", name) if is_main else escape_text(name)
    if one["estimate"] is None:
        return label, "no result", "–", "–", "–", "–", "–"
    css_class = "" if is_main else "is-quiet"
    chart = draw_interval(scale, one["estimate"], one["low"], one["high"], css_class=css_class, reference=0.0,
                          band=(-small, small))  # fmt: skip
    value = format_sd(one["estimate"])
    return (
        label, chart, format_element("strong", value) if is_main else value, format_ends(one["low"], one["high"]),
        f"{one['t']:.2f}", f"{one['df']:.1f}", format_probability(one["p"]),
    )  # fmt: skip


def _draw_region(frame: PlotFrame, small: float, n: int) -> str:
    return frame.draw_path([(0, small), (n + 1, small), (n + 1, -small), (0, -small)], "area", is_closed=True)


def _draw_analysis(frame: PlotFrame, place: int, one: Mapping[str, Any], radius: float, alpha: float) -> list[str]:
    x, y = frame.place_x(place), frame.place_y(one["estimate"])
    quiet = "" if one["p"] < alpha else " is-quiet"
    parts = [
        f'<path class="whisk{quiet}" d="M{x:g} {frame.place_y(one["low"]):g}V{frame.place_y(one["high"]):g}"/>',
        f'<circle class="dot{quiet}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>',
    ]
    return [*parts, f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="{radius + 3.5:g}"/>'] if one["is_main"] else parts


def _group_by_choice(analyses: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the analyses by each value of each choice that has more than one value."""
    exclusions = dict.fromkeys(name for one in analyses for name in one["exclusions"])
    choices: dict[str, list[str]] = {
        "Outcome": [one["outcome"] for one in analyses],
        "Covariates": [", ".join(one["covariates"]) or "none" for one in analyses],
    }
    for name in exclusions:
        choices[f"Without {name}"] = ["yes" if name in one["exclusions"] else "no" for one in analyses]
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for title, values in choices.items():
        if len(set(values)) > 1:
            for value, one in zip(values, analyses, strict=True):
                groups.setdefault(f"{title}: {value}", []).append(one)
    return groups


def _format_every(content: Mapping[str, Any]) -> Html:
    rows = [
        (one["label"], format_sd(one["estimate"]), format_ends(one["low"], one["high"]), format_probability(one["p"]),
         _count(one["n"]), _count(one["n_clusters"]))
        for one in content["specification_curve"]["specifications"]
    ]  # fmt: skip
    columns = ("analysis", TableColumn("effect", is_number=True), INTERVAL, TableColumn("p", is_number=True),
               TableColumn("records", is_number=True), TableColumn("therapists", is_number=True))  # fmt: skip
    return format_table(columns, rows, "Every analysis")


def _count(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value
