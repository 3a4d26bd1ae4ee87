"""Print the waiting clients who have one therapist on their list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.worklist import format_wait
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.fitting_clients import FittingClients

MAX_RULES_NAMED = 4  # rules named where the therapist fits no client


def show_fitting_clients(found: FittingClients, folder: Path) -> None:
    """Print the clients in the order to call them, or why the therapist fits no client."""
    therapist = escape(found.therapist_id)
    openings = "an unknown number of openings" if found.openings is None else format_count(found.openings, "opening")
    print_text(f"\n[bold]{therapist}[/bold] has {openings} left · {_count_clients(found)}")
    if not found.clients:
        rules = ", ".join(f"{number} {text}" for text, number in found.exclusion_counts[:MAX_RULES_NAMED])
        return print_text(f"Clients by the rule that rules {therapist} out: {escape(rules)}." if rules else "")
    has_priority = any(client.priority for client in found.clients)
    headers = ["client", *(["priority"] if has_priority else []), ">waits", "state", ">place", ">of", ">wishes"]
    grid = build_table("", *headers, "problems")
    for client in found.clients:
        wishes = f"{client.wishes_met} of {client.wishes_stated}" if client.wishes_stated else ""
        grid.add_row(
            Text(client.client_id, style="bold"),
            *([client.priority or ""] if has_priority else []),
            format_wait(client.days_waited),
            client.state,
            str(client.rank),
            str(client.candidates),
            wishes,
            Text(", ".join(client.problems)),
        )
    print_text(grid)
    if len(found.clients) < found.matching:
        print_text(f"{found.matching - len(found.clients):,} more: --most {found.matching}")
    print_text(f"[dim]Place: where {therapist} is on the client's own list, of so many candidates.[/dim]")
    options = " ".join((format_option("--client", found.clients[0].client_id),
                        format_option("--therapist", found.therapist_id)))  # fmt: skip
    return print_text(f"Next: [bold]attune record {escape(format_word(folder))} offered {escape(options)}[/bold]")


def _count_clients(found: FittingClients) -> str:
    have = "has" if found.matching == 1 else "have"
    return f"{found.matching:,} of {format_count(found.total, 'waiting client')} {have} this therapist on the list"
