"""Print the plan for a therapist who leaves, and what was recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, join_within, print_text
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.leaving_plan import LeavingPlan
    from attune_fit.recorded_event import RecordedEvent

KINDS = {"therapy": "in therapy", "offer": "has an offer"}
WIDTH_OF_IDS = 200  # characters of a list of ids


def show_leaving_plan(plan: LeavingPlan, folder: Path) -> None:
    """Print one line for each client, the clients of whom it is not known, and how to record the plan."""
    _show_moves(plan)
    _show_unclear(plan, folder)
    if not plan.events:
        return None
    option = escape(format_option("--therapist", plan.therapist_id))
    command = f"attune leaving {escape(format_word(folder))} {option} --record"
    print_text(f"Nothing is recorded yet: the plan has {format_count(len(plan.events), 'event')}.")
    return print_text(f"Next: [bold]{command}[/bold]")


def show_recorded_plan(plan: LeavingPlan, recorded: Sequence[RecordedEvent], folder: Path) -> None:
    """Print the plan as it was recorded, and how to take it back."""
    _show_moves(plan)
    _show_unclear(plan, folder)
    numbers = [one.row.event.number for one in recorded]
    if not numbers:
        return print_text("The plan has no event: nothing was recorded.")
    which = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
    print_text(Text.assemble(("Recorded", "green"), f" as {'events' if len(numbers) > 1 else 'event'} {which}."))
    undo = f"attune record {escape(format_word(folder))} undone NUMBER --because decision-changed"
    return print_text(f"[dim]To take it back, from the last event to the first: {undo}[/dim]")


def _show_moves(plan: LeavingPlan) -> None:
    """Print one line for each client, or that there is none to move."""
    therapist = escape(plan.therapist_id)
    if not plan.moves:
        return print_text(f"\n[bold]{therapist}[/bold] has no client in therapy and no open offer.")
    n_placed = sum(move.therapist_id is not None for move in plan.moves)
    clients = format_count(len(plan.moves), "client")
    print_text(f"\n[bold]{therapist} leaves[/bold] · {n_placed} of {clients} can move to another therapist")
    grid = build_table("", "client", "now", "to", ">place", ">fit", "remark")
    for move in plan.moves:
        style = "" if move.therapist_id else "yellow"
        grid.add_row(
            Text(move.client_id, style="bold"),
            KINDS[move.kind],
            Text(move.therapist_id or "none", style=style),
            str(move.rank or ""),
            str(move.candidates),
            Text(move.why, style=style),
        )
    print_text(grid)
    print_text("[dim]Place: on the client's own list. Fit: therapists who fit, with or without an opening.[/dim]")
    if any(move.kind == "therapy" and not move.therapist_id for move in plan.moves):
        print_text("[yellow]A client in therapy without another therapist stays until you decide.[/yellow]")
    return None


def _show_unclear(plan: LeavingPlan, folder: Path) -> None:
    """Print the clients of whom it is not known whether they are still in therapy."""
    if plan.unclear:
        ids = join_within(plan.unclear, WIDTH_OF_IDS)
        clients = format_count(len(plan.unclear), "client")
        print_text(Text(f"Not known whether still in therapy: {clients} with an old last record ({ids})."))
        ended = f"attune record {escape(format_word(folder))} ended"
        print_text(f"[dim]To move one of them too: --also ID. If therapy ended: {ended}[/dim]")
