"""The command `attune relax`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def relax(
    clinic: ClinicFolder,
    client: ClientId,
    most: Annotated[int, typer.Option(min=1, help="How many ways to tell.")] = 10,
    json: AsJson = False,
) -> None:
    """Find the smallest changes that would add candidates for a client: whom they bring, what they are worth and cost.

    A slot more, a wish made weaker, an opening, a row checked again. With `attune capacity`: what all who wait lack.
    """
    from attune_fit.app.terminal.console import print_json, show_progress
    from attune_fit.app.views.relaxation import show_relaxation
    from attune_fit.matching.relaxation import relax as relaxation
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic)
        report_progress("trying what could change")
        result = relaxation.relax(workspace.model, workspace.clinic, workspace.tables, client, most)
    return print_json(result.to_dict()) if json else show_relaxation(result)
