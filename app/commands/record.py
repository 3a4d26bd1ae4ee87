"""The command `attune record`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors
from attune_fit.app.terminal.event_options import add_event_options, drop_absent_values


@handle_errors
@add_event_options
def record(
    clinic: ClinicFolder,
    event: Annotated[
        str | None, typer.Argument(metavar="[EVENT]", help="What happened. Default: list the events.")
    ] = None,
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", min=1, help="For undone: the event that is taken back.")
    ] = None,
    client: Annotated[str | None, typer.Option(metavar="ID", help="The client.", show_default=False)] = None,
    therapist: Annotated[str | None, typer.Option(metavar="ID", help="The therapist.", show_default=False)] = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="The day on which it happened. Default: today.")] = None,
    new_codes: Annotated[
        bool, typer.Option("--new-code", help="Accept a code that no table of the clinic has yet.")
    ] = False,
    expected: Annotated[
        int | None,
        typer.Option(
            "--expect",
            metavar="NUMBER",
            min=0,
            help="The last event about these people that you have seen. If a later one is there, nothing is recorded.",
        ),
    ] = None,
    actor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who records it. Default: the user name on this machine.")
    ] = None,
    json: AsJson = False,
    **values: Any,
) -> None:
    """Record one event of the clinic's day, such as an offer, a start or a rating; every command sees it at once.

    The tables stay as they are: the event goes into the journal. Without EVENT,
    the events are listed with their options and codes. DAY is a day such as
    2026-11-29.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.event_types import show_event_types
    from attune_fit.app.views.journal import show_recorded_event
    from attune_fit.workspace import Workspace

    if event is None:
        return show_event_types(clinic, as_json=json)
    typed = drop_absent_values(values)
    with show_progress("reading the tables"):
        result = Workspace(clinic).record(event, client=client, therapist=therapist, on=on, number=number,
                                          new_codes=new_codes, expected=expected, actor=actor, **typed)  # fmt: skip
    return print_result(result, lambda: show_recorded_event(result.result, clinic), json)
