"""The command `attune waiting`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def waiting(
    clinic: ClinicFolder,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="Only clients in this state, such as declined.")
    ] = None,
    priority: Annotated[
        str | None,
        typer.Option(metavar="PRIORITY", help='Only this priority: urgent, soon, routine, or "" for clients without.'),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="ORDER", help="The order: priority, wait, client_id or state.")
    ] = "priority",
    start: Annotated[int, typer.Option(min=0, help="How many clients to leave out first.")] = 0,
    most: Annotated[int | None, typer.Option(min=1, help="How many clients to list. Default: all.")] = None,
    json: AsJson = False,
) -> None:
    """List the clients without a therapist, by priority, then by wait, with the state and the first candidate of each.

    The states are waiting, offered, accepted, offer expired, declined and set
    aside; each client is in exactly one. A client without a priority is sorted
    as routine. An unknown wait counts as the median of the known ones.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.waiting import show_waiting_list
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        result = workspace.waiting_list(state=state, priority=priority, sort=sort, start=start, most=most)
    return print_result(result, lambda: show_waiting_list(result.result, workspace), json)
