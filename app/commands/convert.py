"""The command `attune convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def convert(
    clinic: ClinicFolder,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the canonical tables.", show_default=False)],
    json: AsJson = False,
) -> None:
    """Write the clinic's tables in canonical form, as CSV."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.conversion import show_conversion
    from attune_fit.workspace import Workspace

    with show_progress("reading the tables"):
        result = Workspace(clinic).convert(out)
    return print_result(result, lambda: show_conversion(result, clinic), json)
