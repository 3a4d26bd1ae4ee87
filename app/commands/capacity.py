"""The command `attune capacity`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import TABLE_SUFFIXES, AsJson, ClinicFolder, Raw
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def capacity(
    clinic: ClinicFolder,
    codes: Annotated[int, typer.Option(min=1, help="The largest number of codes in a new therapist's profile.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=f"Write all counts to this file, {TABLE_SUFFIXES}; counts below 10 are hidden."
        ),
    ] = None,
    raw: Raw = False,
    json: AsJson = False,
) -> None:
    """Show which missing capacity blocks most of the clients who wait, and whom to hire.

    Openings, payers, languages, hours, licences, formats, limits, rows to check: for each, the number of clients to
    whom it would give a candidate.
    """
    from attune_fit.app.terminal.console import print_json, print_result, show_progress
    from attune_fit.app.views.capacity import show_capacity, show_written_capacity
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables") as report_progress:
        result = open_clinic(clinic, report_progress=report_progress).capacity(codes=codes, out=out, raw=raw)
    if out is None:
        return print_result(result, lambda: show_capacity(result.result, clinic), json)
    rows = len(result.result.lacks)
    return print_json({"out": str(out), "rows": rows}) if json else show_written_capacity(rows, out)
