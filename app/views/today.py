"""Print the tasks of a coordinator's day, and the first clients who wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from attune_fit.app.terminal.console import format_count, print_text
from attune_fit.app.views.waiting import build_waiting_table
from attune_fit.data.command_words import format_word

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.day_list import DayList, DayTask
    from attune_fit.workspace import Workspace

INDENT = (0, 0, 0, 2)  # top, right, bottom and left of a task, in characters
N_OF_KIND = 5  # tasks of one kind that are printed without --all


def show_day(day: DayList, workspace: Workspace, *, everything: bool = False) -> None:
    """Print what is overdue, then what is for today and for this week, then the first clients who wait."""
    from attune_fit.matching.day_lists.day_list import DUE_ORDER

    print_text(f"\n[bold]{day.as_of}[/bold] · {_summarize_counts(day)}")
    if not day.tasks:
        print_text("Nothing is due today or this week.")
    for due in DUE_ORDER:
        tasks = [task for task in day.tasks if task.due == due]
        if tasks:
            print_text(f"\n[bold]{due.capitalize()}: {len(tasks)}[/bold]")
            _show_kinds(tasks, everything=everything)
    if day.waiting:
        n_all = day.counts["waiting"]
        shown = f"the first {len(day.waiting)} of {n_all:,}" if len(day.waiting) < n_all else f"all {n_all:,}"
        print_text(f"\n[bold]Clients without a therapist[/bold], {shown}")
        print_text(build_waiting_table(day.waiting))
    return print_text(f"Next: [bold]attune waiting {escape(format_word(workspace.folder))}[/bold]  the waiting list")


def _summarize_counts(day: DayList) -> str:
    """Return the numbers of the day in one line."""
    counts = day.counts
    places = (
        f"{format_count(counts['openings'], 'opening')} with {format_count(counts['open_therapists'], 'therapist')}"
    )
    return f"{format_count(counts['waiting'], 'client')} without a therapist, {places}"


def _show_kinds(tasks: Sequence[DayTask], *, everything: bool) -> None:
    """Print the tasks by kind, each kind with its title; the first ones only, unless all are asked for."""
    from attune_fit.matching.day_lists.day_list import TASK_KINDS

    for kind in TASK_KINDS:
        own = [task for task in tasks if task.kind == kind.name]
        if not own:
            continue
        shown = own if everything else own[:N_OF_KIND]
        print_text(Text(f"{kind.title}: {len(own)}", style="cyan"))
        for task in shown:
            print_text(Padding(Text(task.action), INDENT))
        if len(shown) < len(own):
            print_text(Padding(f"[dim]{len(own) - len(shown)} more: --all[/dim]", INDENT))
