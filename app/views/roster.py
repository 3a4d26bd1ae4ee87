"""Print the roster: one line for each therapist, by id, without any score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, measure_width, print_text
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.roster_list import RosterList, RosterRow

WIDE = 100  # characters of a terminal with room for the limits
N_SHORT = 7  # columns whose cells stay on one line
STYLES = {"stale": "yellow", "set aside": "yellow", "unknown": "yellow"}


def show_roster(roster: RosterList, folder: Path) -> None:
    """Print the therapists, how many are in each state, and the next command."""
    if not roster.total:
        return print_text("The roster is empty.")
    states = ", ".join(f"{number} {state}" for state, number in roster.states.items() if number)
    openings = format_count(roster.openings, "opening")
    print_text(f"\n[bold]{format_count(roster.total, 'therapist')}[/bold] · {states} · {openings}")
    if not roster.therapists:
        return print_text("No therapist is in this state.")
    limits = ["limits"] if measure_width() >= WIDE else []
    grid = build_table("", "therapist", "state", ">openings", ">offers", ">clients", "checked", ">days ago", *limits)
    for column in grid.columns[:N_SHORT]:
        column.no_wrap = True
    for row in roster.therapists:
        grid.add_row(*_list_cells(row)[: len(grid.columns)])
    print_text(grid)
    print_text(
        "[dim]Openings: those left after the starts since the check and the offers. Clients: in therapy, as far as the "
        "records show. ?: not known.[/dim]"
    )
    return _show_next_steps(roster, escape(format_word(folder)))


def _show_next_steps(roster: RosterList, folder: str) -> None:
    """Print the next commands, with the first therapist in each state as the example."""
    first = {row.state: escape(format_option("--therapist", row.therapist_id)) for row in reversed(roster.therapists)}
    steps = []
    if "open" in first:
        steps.append((f"attune who-fits {folder} {first['open']}", "who waits for this therapist"))
    if "stale" in first:
        steps.append((f"attune record {folder} roster_checked {first['stale']} --openings NUMBER", "after a check"))
    for number, (command, purpose) in enumerate(steps):
        print_text(f"{'      ' if number else 'Next: '}[bold]{command}[/bold]  {purpose}")


def _list_cells(row: RosterRow) -> list[Text]:
    """Return the cells of a line; ``?`` where a number is not known."""
    ages, not_treated = ", ".join(row.limits.age_groups), ", ".join(row.limits.problems_not_taken)
    limits = [f"ages {ages}" if ages else "", f"not {not_treated}" if not_treated else ""]
    of = "" if row.open_slots in (None, row.openings) else f" of {row.open_slots}"
    openings = "?" if row.openings is None else f"{row.openings}{of}"
    numbers = (row.caseload, row.checked_on, row.age_days)
    known = ["?" if value is None else str(value) for value in numbers]
    style = STYLES.get(row.state, "")
    cells = [openings, str(len(row.offers) or ""), *known, "; ".join(filter(None, limits))]
    return [Text(row.therapist_id, style="bold"), Text(row.state, style=style), *map(Text, cells)]
