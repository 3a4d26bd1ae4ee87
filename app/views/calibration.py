"""Print a synthetic clinic's size, and how its statistics compare with published ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape

from attune_fit.app.terminal.console import build_table, format_count, print_text

if TYPE_CHECKING:
    from attune_fit.data.synthetic.calibration.calibration_comparison import StatisticComparison
    from attune_fit.simulated_clinic import SimulatedFolder


def show_simulation(made: SimulatedFolder) -> None:
    """Print what was made and where; after a report, the comparison with published statistics too."""
    name = escape(str(made.folder))
    print_text(
        f"[bold]{name}[/bold] has {format_count(made.clients, 'client')}, {format_count(made.therapists, 'therapist')} "
        f"and {format_count(made.outcomes, 'outcome record')}. The true effects are in "
        f"[bold]{escape(str(made.truth))}[/bold]; training never reads them."
    )
    if made.comparisons:
        show_calibration(made.comparisons, made.n_clinics)
        print_text(f"With charts: [bold]{escape(str(made.page))}[/bold]")
    print_text(f"Next: [bold]attune train {name}[/bold]")


def show_worlds() -> None:
    """Print the named worlds: what is true in each, and what a sound method should do there."""
    from attune_fit.data.synthetic.named_worlds import WORLDS

    title = "Worlds for attune simulate CLINIC --world NAME"
    grid = build_table(title, "world", "true effects", "a sound method should")
    for row in WORLDS.values():
        grid.add_row(row.name, row.description, row.requirement)
    print_text(grid)


def show_calibration(comparisons: Sequence[StatisticComparison], n_clinics: int) -> None:
    """Print each statistic as published, as simulated over ``n_clinics`` clinics, and in this clinic."""
    from attune_fit.data.synthetic.calibration.calibration_comparison import (
        VERDICT_MARKS,
        format_statistic_value,
        summarize_verdicts,
    )

    grid = build_table(
        "Compared with published statistics", "statistic", ">published", ">simulated", ">this clinic", ""
    )
    for family, rows in groupby(comparisons, key=lambda row: row.statistic.family):
        grid.add_section()
        grid.add_row(f"[bold]{family}[/bold]")
        for row in rows:
            grid.add_row(
                row.statistic.name,
                row.published_text,
                row.simulated_text,
                format_statistic_value(row.values[0]),
                VERDICT_MARKS[row.verdict],
            )
    print_text(grid)
    print_text(
        f"{summarize_verdicts(list(comparisons))}\nsimulated: mean over {n_clinics} clinics of this world and size, "
        "with its 95% interval; this clinic is the first of them. ✓ match: the mean is in the published range, and its "
        "interval is no wider. ✗ miss: the whole interval is outside. ~ unclear. No mark: not judged. A world that "
        "differs on purpose misses on purpose."
    )
