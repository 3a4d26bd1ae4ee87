"""The command `attune roster`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def roster(
    clinic: ClinicFolder,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="Only therapists in this state, such as open or stale.")
    ] = None,
    json: AsJson = False,
) -> None:
    """List the therapists by id: openings left, offers, clients in therapy, the age of the row, and limits.

    The states are open, full, unknown, stale and set aside; each therapist is
    in exactly one. The list has no score of a therapist.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.roster import show_roster
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        result = open_clinic(clinic).roster(state=state)
    return print_result(result, lambda: show_roster(result.result, clinic), json)
