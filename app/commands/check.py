"""The command `attune check`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import DATA_AT_FAULT, handle_errors


@handle_errors
def check(
    clinic: ClinicFolder,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with code 1 for warnings too.")] = False,
    json: AsJson = False,
) -> None:
    """List all errors and warnings of the clinic's tables at once.

    A cell that restricts a person and cannot be read sets this person aside:
    no list has them until it is corrected. The exit code is 1 while there is
    an error or anyone is set aside.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.check import show_check
    from attune_fit.workspace import Workspace

    workspace = Workspace(clinic)
    with show_progress("reading the tables"):
        result = workspace.check()
    print_result(result, lambda: show_check(result, workspace), json)
    if any(fault.stops or fault.sets_aside or strict for fault in result.result):
        raise typer.Exit(DATA_AT_FAULT)
