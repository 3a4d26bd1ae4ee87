"""The command `attune log`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import DATA_AT_FAULT, handle_errors


@handle_errors
def log(
    clinic: ClinicFolder,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Check that no line was changed, inserted or removed since it was written."),
    ] = False,
    last: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="How many lines to show. Default: 20; with --json all.", show_default=False
        ),
    ] = None,
    client: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Only rankings for this client, and placements that gave this client a therapist."
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """List the rankings and placements that were shown, the latest last.

    With --verify: exit code 0 if no line was changed, else 1.
    """
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.log import show_log, show_log_check
    from attune_fit.workspace import Workspace

    if verify:
        result = Workspace(clinic).verify_log()
        print_result(result, lambda: show_log_check(result.result), json)
        if not all(check.is_whole for check in result.result.values()):
            raise typer.Exit(DATA_AT_FAULT)
        return None
    result = Workspace(clinic).log(last=last, client_id=client)
    return print_result(result, lambda: show_log(result.result, last, clinic, client), json)
