"""The command `attune explain`."""

from __future__ import annotations

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder, TherapistId
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def explain(clinic: ClinicFolder, client: ClientId, therapist: TherapistId, json: AsJson = False) -> None:
    """Show the terms that add up to one pair's expected alliance."""
    from attune_fit.app.terminal.console import print_json, show_progress
    from attune_fit.app.views.score_breakdown import show_score_breakdown
    from attune_fit.matching.explaining.score_breakdown import explain_score
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        breakdown = explain_score(workspace.model, workspace.clinic, workspace.tables, client, therapist)
    return print_json(breakdown.to_dict()) if json else show_score_breakdown(breakdown)
