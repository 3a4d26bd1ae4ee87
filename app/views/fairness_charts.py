"""Draw the charts of a fairness audit: groups with intervals, exposure by fifths, exposure of newcomers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from attune_fit.app.terminal.visible_text import show_hidden
from attune_fit.app.views.fairness_text import format_number
from attune_fit.data.plain_charts import draw_plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from attune_fit.matching.fairness.audit import ExposureSpread, NewcomerExposure
    from attune_fit.matching.fairness.group_comparison import GroupResult
    from attune_fit.matching.fairness.group_metrics import GroupMetric

BLUE, GREY, RED = "#1f5f8b", "#c9c9c9", "#b8432f"
WIDTH = 7.6  # inches
MAX_LABEL = 40  # characters of a group's name in a chart; the table has the whole name
AXIS_LABELS = {"percent": "share", "therapists": "therapists", "points": "points of the questionnaire", "days": "days",
        "times": "times the exposure of a random order", "clients": "clients"}  # fmt: skip


@draw_plain_text()
def draw_groups(metric: GroupMetric, whole: GroupResult, cells: Sequence[GroupResult]) -> bytes:
    """Return a PNG of every group that is not hidden, by column; red marks a significant difference."""
    rows: list[GroupResult | str] = []
    shown = (cell for cell in cells if cell.here is not None)
    for column, group in groupby(shown, lambda cell: cell.column):
        rows += [column.replace("_", " "), *group]
    canvas, axis = _canvas(1.0 + 0.19 * len(rows))
    if whole.here is not None:
        axis.axvline(whole.here.value, color=GREY, linewidth=1.2, zorder=0)
        if whole.here.low is not None and whole.here.high is not None:
            axis.axvspan(whole.here.low, whole.here.high, color=GREY, alpha=0.45, linewidth=0, zorder=0)
    for place, row in enumerate(rows):
        if not isinstance(row, str) and row.here is not None:
            colour = RED if row.stands_out else BLUE
            axis.plot(row.here.value, place, "o", color=colour, markersize=4)
            if row.here.low is not None and row.here.high is not None:
                axis.plot([row.here.low, row.here.high], [place, place], color=colour, linewidth=1.4)
            axis.text(1.01, place, f"{row.people:,}", transform=axis.get_yaxis_transform(), fontsize=7, va="center",
                      color="#666666")  # fmt: skip
    axis.text(1.01, 0, "people", transform=axis.get_yaxis_transform(), fontsize=7, va="center", color="#666666")
    axis.set_yticks(range(len(rows)), [_format_label(row if isinstance(row, str) else row.group) for row in rows],
                    fontsize=8)  # fmt: skip
    for label, row in zip(axis.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if isinstance(row, str) else "normal")
    axis.set_ylim(len(rows) - 0.4, -0.7)
    axis.xaxis.set_major_formatter(lambda value, _: format_number(metric.unit, value))
    axis.set_xlabel(
        f"{AXIS_LABELS[metric.unit]}; the line is all people, with the interval if there is one", fontsize=8
    )
    return _png(canvas)


@draw_plain_text()
def draw_fifths(spread: ExposureSpread) -> bytes:
    """Return a PNG of the share of all exposure that each fifth of the roster gets; the line is a random order."""
    canvas, axis = _canvas(2.4)
    axis.bar(range(len(spread.fifths)), spread.fifths, color=BLUE, width=0.7)
    axis.axhline(1 / len(spread.fifths), color="black", linewidth=0.8)
    for place, share in enumerate(spread.fifths):
        axis.text(place, share, f"{share:.0%}", fontsize=8, ha="center", va="bottom")
    names = ["gets least", *("" for _ in spread.fifths[2:]), "gets most"]
    axis.set_yticks([])
    axis.set_xticks(range(len(spread.fifths)), names, fontsize=8)
    axis.set_xlabel("fifths of the roster by exposure, compared with a random order; the line is one fifth", fontsize=8)
    return _png(canvas)


@draw_plain_text()
def draw_newcomer_exposure(exposure: NewcomerExposure) -> bytes:
    """Return a PNG of the exposure of newcomers by their weight in the tie-break; the line is a random order."""
    canvas, axis = _canvas(2.4)
    for place, (weight, times) in enumerate(exposure.reach):
        axis.bar(place, times, color=BLUE if weight == exposure.newcomer_weight else GREY, width=0.7)
        axis.text(place, times, f"{times:.2f}", fontsize=8, ha="center", va="bottom")
    axis.axhline(1, color="black", linewidth=0.8)
    names = ["first in\nevery band" if weight is None else f"{weight:g}" for weight, _ in exposure.reach]
    axis.set_yticks([])
    axis.set_xticks(range(len(exposure.reach)), names, fontsize=8)
    axis.set_xlabel(
        "weight of a newcomer in the tie-break (newcomer_weight; blue: this clinic); the line is a random order",
        fontsize=8,
    )
    return _png(canvas)


def _format_label(name: str) -> str:
    """Return a name on one line, with hidden characters visible, and cut where the chart has no room for it."""
    line = " ".join(show_hidden(name).split())
    return line if len(line) <= MAX_LABEL else f"{line[: MAX_LABEL - 1]}…"


def _canvas(height: float) -> tuple[Canvas, Axes]:
    """Return a figure and its axes, outside the global state of the library."""
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(WIDTH, height), layout="constrained")
    axis = canvas.subplots()
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(labelsize=8, left=False)
    return canvas, axis


def _png(canvas: Canvas) -> bytes:
    buffer = io.BytesIO()
    canvas.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()
