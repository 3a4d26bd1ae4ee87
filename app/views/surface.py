"""Print a response surface: the checklist of a match, and the parameters a1 to a5."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_text
from attune_fit.training.hypotheses.conclusion import format_effect, format_range

MEANINGS = {
    "a1": "slope where both numbers are equal",
    "a2": "curve where both numbers are equal",
    "a3": "slope where the numbers are opposite",
    "a4": "curve where the numbers are opposite",
    "a5": "rotation of the ridge",
}


def show_surface(surface: Mapping[str, Any]) -> None:
    """Print the surface of a test.

    Parameters
    ----------
    surface : mapping
        Record of a :class:`SurfaceResult`.
    """
    print_text("\n[bold]Response surface[/bold]")
    print_text(Text(f"{surface['sentence']} {surface['scale']}"))
    if not surface["parameters"]:
        return
    checks = build_table("", "checklist of a match", "state", "needed for")
    for one in surface["checks"]:
        checks.add_row(one["text"], one["state"], "strict congruence" if one["is_strict"] else "any match")
    print_text(checks)
    grid = build_table("", "", "meaning", ">SD", ">interval")
    for one in surface["parameters"]:
        ends = format_range(one["low"], one["high"]) if math.isfinite(one["value"]) else "–"
        grid.add_row(one["name"], MEANINGS[one["name"]], format_effect(one["value"]), ends)
    print_text(grid)
