"""The command `attune who-fits`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, TherapistId
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def who_fits(
    clinic: ClinicFolder,
    therapist: TherapistId,
    most: Annotated[int, typer.Option(min=1, help="How many clients to list.")] = 20,
    json: AsJson = False,
) -> None:
    """List the waiting clients who have a therapist on their list, by priority, then by wait.

    For an opening that became free: each client with the therapist's place on
    the client's own list, and the wishes that the therapist meets.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.who_fits import show_fitting_clients
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        result = open_clinic(clinic).who_fits(therapist, most)
    return print_result(result, lambda: show_fitting_clients(result.result, clinic), json)
