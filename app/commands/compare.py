"""The command `attune compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def compare(
    clinic: ClinicFolder,
    client: ClientId,
    therapist: Annotated[
        list[str],
        typer.Option(
            "--therapist", metavar="ID", help="A therapist_id of this clinic. Name two or three.", show_default=False
        ),
    ],
    json: AsJson = False,
) -> None:
    """Compare two or three therapists for a client: wishes, facts to check, and the estimate last.

    Each row is one thing that the client wants; each column is a therapist. A
    therapist whom a rule rules out can be compared too: the last row names the
    rules. `attune why-not --against` shows which terms of the score differ.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.comparison import show_comparison
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        result = open_clinic(clinic).compare(client, therapist)
    return print_result(result, lambda: show_comparison(result.result), json)
