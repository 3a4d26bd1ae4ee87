"""The command `attune agreement`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import TABLE_SUFFIXES, AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def agreement(
    clinic: ClinicFolder,
    since: Annotated[str | None, typer.Option("--from", metavar="DAY", help="Only offers from this day.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Only offers up to this day.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Write one row per share, {TABLE_SUFFIXES}.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Report how often the first place of a list was offered, and for which reasons another therapist was.

    It counts the offers in the journal that have a place (`attune record ...
    offered --rank`); the page records it. Groups under 10 offers are hidden.
    Nothing is counted by person. DAY is a day such as 2026-11-29.
    """
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.agreement import show_agreement
    from attune_fit.workspace import Workspace

    result = Workspace(clinic).agreement(since=since, until=until, out=out)
    return print_result(result, lambda: show_agreement(result.result, out), json)
