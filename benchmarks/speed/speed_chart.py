"""Draw the pictures of ``docs/speed.md``: how much of each limit is used, and growth on log-log axes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from attune_fit.data.plain_charts import draw_plain_text
from benchmarks.speed.aims import list_spreads
from benchmarks.speed.parts import Results
from benchmarks.speed.spreads import compute_slope, format_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, GREY, RED = "#1f5f8b", "#c9c9c9", "#b8432f"
COLOURS = (BLUE, "#c98a1b", "#2f8f4e", "#7b4fa0", "#555555", RED)
SIZE, TICKS = (13.0, 4.8), (1, 2, 4, 8, 16, 32, 64)  # inches; multiples


@draw_plain_text()
def draw_speed(results: Results, series: dict[str, dict[str, list[float]]]) -> bytes:
    """Draw both panels and return them as PNG.

    Parameters
    ----------
    results : dict
        The result of each part that was measured.
    series : dict
        Sizes and seconds of everything that grows, by name.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
    _draw_aims(left, results)
    _draw_growth(right, series)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()


def _draw_aims(axis: Axes, results: Results) -> None:
    """Draw a bar for each aim: the share of its limit that is used; the line is the limit."""
    rows = [(aim, spread) for aim, spread in list_spreads(results) if spread is not None]
    for place, (aim, spread) in enumerate(rows):
        is_met = aim.is_met(spread)
        axis.barh(place, aim.compute_share(spread), color=BLUE if is_met else RED, height=0.6)
        measured = f"  {format_figure(spread.median)} {aim.unit}"
        axis.text(aim.compute_share(spread), place, measured, fontsize=8, va="center")
    axis.axvline(1, color="black", linewidth=0.8)
    axis.set_yticks(range(len(rows)), [aim.name.replace(": ", ":\n", 1).replace("`", "") for aim, _ in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlim(0, 1.15 * max([1.0, *(aim.compute_share(spread) for aim, spread in rows)]))
    axis.set_xlabel("share of the limit that is used; the line is the limit, red is beyond it", fontsize=8)


def _draw_growth(axis: Axes, series: dict[str, dict[str, Any]]) -> None:
    """Draw seconds by size, each as a multiple of its first point; the dashed line is proportional growth."""
    largest = 1.0
    for colour, (name, one) in zip(COLOURS * 2, series.items(), strict=False):
        sizes = [size / one["sizes"][0] for size in one["sizes"]]
        seconds = [value / one["seconds"][0] for value in one["seconds"]]
        slope = compute_slope(one["sizes"], one["seconds"])
        axis.plot(sizes, seconds, "o-", color=colour, linewidth=1.5, markersize=4, label=f"{name} (slope {slope:.2f})")
        largest = max(largest, *sizes)
    axis.plot([1, largest], [1, largest], color=GREY, linestyle="--", linewidth=1)
    axis.set_xscale("log")
    axis.set_yscale("log")
    ticks = [tick for tick in TICKS if tick <= largest]
    for scale, set_ticks in ((axis.xaxis, axis.set_xticks), (axis.yaxis, axis.set_yticks)):
        scale.set_minor_formatter(lambda *_: "")
        set_ticks(ticks, [f"{tick:g}" for tick in ticks])  # a power of ten would be drawn as mathematics
    axis.set_xlabel("number, as a multiple of the smallest", fontsize=8)
    axis.set_ylabel("time, as a multiple", fontsize=8)
    axis.legend(frameon=False, fontsize=8)
