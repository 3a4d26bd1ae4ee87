"""The command `attune leaving`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, TherapistId
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def leaving(
    clinic: ClinicFolder,
    therapist: TherapistId,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="ID", help="A client with an old record who is still in therapy. Repeat it."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Record the plan in the journal, all of it or none.")
    ] = False,
    actor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who records it. Default: the user name on this machine.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Plan where the clients of a therapist who leaves can go, and record it with --record.

    Each client in therapy, and each client with an offer of this therapist,
    gets an offer of another therapist with an opening. A client for whom there
    is no such therapist stays until a person decides.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.leaving import show_leaving_plan, show_recorded_plan
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        result = workspace.plan_leave(therapist, also=also or ())
        if record:
            done = workspace.record_all(result.result.events, expected=result.result.version, actor=actor)
    if record:
        return print_result(done, lambda: show_recorded_plan(result.result, done.result, clinic), json)
    return print_result(result, lambda: show_leaving_plan(result.result, clinic), json)
