"""The command `attune why-not`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder, TherapistId
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def why_not(
    clinic: ClinicFolder,
    client: ClientId,
    therapist: TherapistId,
    against: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Therapist to compare with. Default: the next one above on the list."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show why a therapist is not on a client's list, rule by rule; or why another one comes first, term by term."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.why_not import show_why_not
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        result = open_clinic(clinic).why_not(client, therapist, against=against)
    return print_result(result, lambda: show_why_not(result.result, clinic), json)
