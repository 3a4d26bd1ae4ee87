"""The command `attune today`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def today(
    clinic: ClinicFolder,
    everything: Annotated[bool, typer.Option("--all", help="Print every task, not the first 5 of each kind.")] = False,
    json: AsJson = False,
) -> None:
    """List what a coordinator has to do today and this week, and the first clients of the waiting list.

    Overdue tasks come first, then those of today, then those of this week:
    offers that end or expired, declined offers with the next in line, openings
    that became free, weak alliances, checks, and roster rows that are old.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.today import show_day
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        result = workspace.today()
    return print_result(result, lambda: show_day(result.result, workspace, everything=everything), json)
