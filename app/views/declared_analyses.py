"""Print a specification curve: one line with a drawn interval for each declared analysis, and the joint test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import build_table, measure_width, print_text
from attune_fit.training.hypotheses.conclusion import format_effect, format_p

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.specification_curve import Specification, SpecificationCurve

MOST_SHOWN = 12  # lines; of more analyses the lowest, the middle and the highest effects are shown
NARROWEST, WIDEST = 15, 41  # characters of a drawn interval
OTHER_COLUMNS = 70  # characters of the other columns


def show_specification_curve(curve: SpecificationCurve) -> None:
    """Print the analyses by their effect, and the joint test; of one analysis the permutation test is that."""
    n = len(curve.specifications)
    if n > 1:
        _show_analyses(curve.specifications)
    for label in curve.failed:
        print_text(Text(f"Not computed: {label}.", style="yellow"))
    if n > 1:
        median = f"median effect {format_effect(curve.median)} (p {format_p(curve.joint.p_median)})"
        share = f"{curve.share_significant:.0%} significant (p {format_p(curve.joint.p_share)})"
        print_text(f"Joint test of {n} declared analyses: {median}; {share}.")


def draw_interval(one: Specification, low: float, high: float, width: int) -> str:
    """Return an interval as text: ``|`` at zero, ``-`` over the interval, ``o`` at the estimate.

    Parameters
    ----------
    one : Specification
    low, high : float
        The values at the first and the last character; zero and the interval are between them.
    width : int
        Characters.
    """

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (width - 1))

    drawn = [" "] * width
    for column in range(place(one.low), place(one.high) + 1):
        drawn[column] = "─"
    drawn[place(0.0)] = "│"
    drawn[place(one.estimate)] = "●"
    return "".join(drawn)


def choose_shown(specifications: Sequence[Specification], most: int = MOST_SHOWN) -> list[Specification]:
    """Choose the analyses to print, evenly over their order; the main one is always among them."""
    n = len(specifications)
    if n <= most:
        return list(specifications)
    places = {round(step * (n - 1) / (most - 1)) for step in range(most)}
    places |= {place for place, one in enumerate(specifications) if one.is_main}
    return [specifications[place] for place in sorted(places)]


def _show_analyses(specifications: Sequence[Specification]) -> None:
    shown = choose_shown(specifications)
    low, high = min(0.0, *(one.low for one in shown)), max(0.0, *(one.high for one in shown))
    width = min(max(measure_width() - OTHER_COLUMNS, NARROWEST), WIDEST)
    ends = f"{low:+.2f}".ljust(width - 5) + f"{high:+.2f}"
    title = f"Specification curve: {len(specifications)} declared analyses, the lowest effect first"
    grid = build_table(title, "", ">effect", ends, ">p")
    grid.columns[2].no_wrap = True
    for one in shown:
        style = "bold" if one.is_main else ""
        bar = draw_interval(one, low, high, width) if math.isfinite(one.low) else ""
        cells = (one.label, format_effect(one.estimate), bar, format_p(one.p).removeprefix("= "))
        grid.add_row(*(Text(cell, style=style) for cell in cells))
    print_text(grid)
    hidden = len(specifications) - len(shown)
    if hidden:
        print_text(f"[dim]{hidden} more analyses are between these; --json has all.[/dim]")
