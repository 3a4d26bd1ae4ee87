"""The command `attune follow-up`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def follow_up(
    clinic: ClinicFolder,
    therapist: Annotated[
        str | None, typer.Option(metavar="ID", help="Only pairs of this therapist.", show_default=False)
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Also show the figures and the sources of the evidence.")] = False,
    json: AsJson = False,
) -> None:
    """List pairs with a weak early alliance, pairs whose check is due or missing, and clients who left early.

    The most urgent come first: weak alliance (fallen since then first), clients
    who left early, overdue checks (longest first), checks that are due. Only
    the client's own ratings count. The section follow_up of clinic.toml sets
    what is weak, and when a check is due.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.follow_up import show_follow_up
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        result = open_clinic(clinic).follow_up(therapist=therapist)
    return print_result(result, lambda: show_follow_up(result.result, clinic, why=why), json)
