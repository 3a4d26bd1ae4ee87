"""The command `attune capacity`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors
from attune_fit.data.formats.table_formats import format_suffixes


@handle_errors
def capacity(
    clinic: ClinicFolder,
    codes: Annotated[int, typer.Option(min=1, help="The largest number of codes in a new therapist's profile.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=f"Write all counts to this file, {format_suffixes()}; counts below 10 are hidden."
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show which missing capacity blocks most of the clients who wait, and whom to hire.

    Openings, payers, languages, hours, licences, formats, limits, rows to check: for each, the number of clients to
    whom it would give a candidate.
    """
    from attune_fit.app.terminal.console import print_json, show_progress
    from attune_fit.app.views.capacity import build_capacity_frame, show_capacity, show_written_capacity
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients
    from attune_fit.data.writing.table_writer import write_frame_blocks
    from attune_fit.matching.capacity.capacity import build_capacity_report
    from attune_fit.workspace import check_output_path, read_clinic

    with show_progress("reading the tables") as report_progress:
        source, tables = read_clinic(clinic)
        if out is not None:
            check_output_path(source, out)
        report = build_capacity_report(source, tables, find_waiting_clients(source, tables), codes, report_progress)
    if out is None:
        return print_json(report.to_dict()) if json else show_capacity(report)
    rows = write_frame_blocks([build_capacity_frame(report)], out)
    return print_json({"out": str(out), "rows": rows}) if json else show_written_capacity(rows, out)
