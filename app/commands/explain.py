"""The command `attune explain`."""

from __future__ import annotations

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder, TherapistId
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def explain(clinic: ClinicFolder, client: ClientId, therapist: TherapistId, json: AsJson = False) -> None:
    """Show the terms that add up to one pair's expected alliance."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.score_breakdown import show_score_breakdown
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        result = open_clinic(clinic).explain(client, therapist)
    return print_result(result, lambda: show_score_breakdown(result.result), json)
