"""The command `attune explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder, TherapistId
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def explain(
    clinic: ClinicFolder,
    client: ClientId,
    therapist: TherapistId,
    why: Annotated[
        bool, typer.Option("--why", help="Show all terms by family, the parts, and the verdict's figures.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show the terms that add up to one pair's expected alliance, the largest first."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.score_breakdown import show_score_breakdown
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        result = workspace.explain(client, therapist)
    model, interval = workspace.model, workspace.clinic.config.settings.interval

    def show() -> None:
        verdict = model.verdict.plain_sentence
        show_score_breakdown(result.result, verdict, dropout=model.dropout, model=model, interval=interval, why=why)

    return print_result(result, show, json)
