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
    show_mapping: Annotated[
        bool, typer.Option("--show-mapping", help="Also list the headers of each file: what became of their cells.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List all errors and warnings of the clinic's tables at once.

    A cell that restricts a person and cannot be read sets this person aside:
    no list has them until it is corrected. The exit code is 1 while there is
    an error or anyone is set aside.

    With --show-mapping, a table for each file lists its headers: the column
    that each becomes, and how many of its cells were read, cannot be read,
    mean that the value is not known, or are empty.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.check import show_check
    from attune_fit.workspace import Workspace

    workspace = Workspace(clinic)
    with show_progress("reading the tables"):
        result = workspace.check(show_mapping=show_mapping)
    print_result(result, lambda: show_check(result, workspace), json)
    if any(fault.stops or fault.sets_aside or strict for fault in result.result):
        raise typer.Exit(DATA_AT_FAULT)
