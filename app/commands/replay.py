"""The command `attune replay`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import DATA_AT_FAULT, handle_errors


@handle_errors
def replay(
    clinic: ClinicFolder,
    line: Annotated[
        str | None,
        typer.Argument(
            metavar="[LINE]", help="A line as `attune log` numbers it, such as 12 or a3. Default: the last ranking."
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Compute a logged ranking or placement again, and prove byte for byte that it is what was shown.

    If it comes out otherwise: what changed since (tables, model, clinic.toml, version of Attune), and exit code 1.
    """
    from attune_fit import DataFault
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.replay import show_not_repeatable, show_replay
    from attune_fit.workspace import Workspace

    try:
        with show_progress("reading the tables"):
            result = Workspace(clinic).replay(line)
    except DataFault as error:
        if json or not show_not_repeatable(error.faults):
            raise
        raise typer.Exit(DATA_AT_FAULT) from None
    return print_result(result, lambda: show_replay(result.result), json)
