"""Print the demo: what was made, the ranking of one client, and the next command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from attune_fit.app.terminal.console import print_text
from attune_fit.app.views.ranking import show_next_step, show_rankings

if TYPE_CHECKING:
    from attune_fit.demo_clinic import Demo


def show_demo(demo: Demo, folder: Path) -> None:
    """Print the size of the clinic, the ranking, and how to see the sum behind its first place."""
    name, tables, ranking = escape(str(folder)), demo.workspace.tables, demo.ranking.result
    print_text(
        f"A synthetic clinic in [bold]{name}[/bold]: {len(tables.clients)} clients, {len(tables.therapists)} "
        f"therapists, {demo.training.result.n_outcomes} early alliance ratings. Attune trained on them and ranked the "
        "therapists for one client who waits."
    )
    show_rankings(ranking, demo.workspace, demo.n_shown)
    show_next_step(ranking, str(folder))
