"""Print the waiting list: one line for each client without a therapist, by priority, then by wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.ranking import explain_empty_waiting_list, explain_waits
from attune_fit.app.views.worklist import format_wait
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from rich.table import Table

    from attune_fit.matching.day_lists.priority_list import PriorityList, WaitingClient
    from attune_fit.workspace import Workspace


def show_waiting_list(listed: PriorityList, workspace: Workspace) -> None:
    """Print the clients in the order given, how many there are in each state, and the next commands."""
    if not listed.total:
        return print_text(explain_empty_waiting_list(workspace.clinic, workspace.tables))
    states = ", ".join(f"{number} {state}" for state, number in listed.states.items() if number)
    print_text(f"\n[bold]{format_count(listed.total, 'client')} without a therapist[/bold] · {states}")
    if not listed.clients:
        return print_text("No client is in this part of the list.")
    if len(listed.clients) < listed.total:
        first = listed.start + 1
        print_text(f"Shown: {first} to {first + len(listed.clients) - 1} of {listed.matching:,} that match.")
    print_text(build_waiting_table(listed.clients))
    print_text("[dim]Wishes: those that the first candidate meets, of those that the client states.[/dim]")
    if waits := explain_waits(workspace):
        print_text(f"[dim]{escape(waits)}[/dim]")
    return _show_next_steps(listed.clients, escape(format_word(workspace.folder)))


def build_waiting_table(clients: Sequence[WaitingClient]) -> Table:
    """Build one line for each client; the priority is a column only where a client has one."""
    has_priority = any(client.priority for client in clients)
    headers = ["client", *(["priority"] if has_priority else []), ">waits", "state", "due", ">available", "first"]
    grid = build_table("", *headers, ">wishes", "remark")
    for client in clients:
        style = "" if client.candidates else "yellow"
        wishes = f"{client.first_wishes_met} of {client.first_wishes_stated}" if client.first_wishes_stated else ""
        grid.add_row(
            Text(client.client_id, style="bold"),
            *([client.priority or ""] if has_priority else []),
            format_wait(client.days_waited),
            client.state,
            str(client.due_on or ""),
            str(client.candidates),
            Text(client.first or "none", style=style),
            wishes if client.candidates else "",
            Text(_format_remark(client), style=style),
        )
    return grid


def _format_remark(client: WaitingClient) -> str:
    """Return the therapists of the offers, and what to know about the state."""
    offers = ", ".join(offer.therapist_id for offer in client.offers)
    return "; ".join(part for part in (f"from {offers}" if offers else "", client.note) if part)


def _show_next_steps(clients: Sequence[WaitingClient], folder: str) -> None:
    """Print the next commands, with the first client of this list who needs each."""
    steps = []
    free = [client for client in clients if not client.offers]
    if has_first := [client for client in free if client.first]:
        option = escape(format_option("--client", has_first[0].client_id))
        steps.append((f"attune rank {folder} {option}", "the shortlist, with reasons"))
    if has_none := [client for client in free if not client.first]:
        option = escape(format_option("--client", has_none[0].client_id))
        steps.append((f"attune relax {folder} {option}", "what would add candidates"))
    for number, (command, purpose) in enumerate(steps):
        print_text(f"{'      ' if number else 'Next: '}[bold]{command}[/bold]  {purpose}")
