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
    most: Annotated[int | None, typer.Option(min=1, help="How many options to print; --json prints 10.")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Also print 10 options, bands, probabilities, and how they are sorted.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Find the smallest changes that would add candidates for a client, what each gains and what it costs.

    For example one more weekly hour, a weaker wish, one more opening, or a
    roster row that is checked again. What you would try first comes first: a
    check or a question, then a therapist's agreement, then the client's, then a
    wish that the client gives up. `attune capacity` counts the same for all
    clients who wait.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.relaxation import show_relaxation
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic, report_progress=report_progress)
        result = workspace.relax(client, most=most or 10)
    verdict = workspace.model.verdict.plain_sentence
    return print_result(result, lambda: show_relaxation(result.result, verdict, most, why=why, folder=clinic), json)
