"""The command `attune fairness`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def fairness(
    clinic: ClinicFolder,
    everyone: Annotated[
        bool, typer.Option("--all", help="Rank for all clients, as if each came today. Default: clients who wait.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all groups to this file: .html with charts, or .json.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Compare lists and outcomes between groups of clients and of therapists, with intervals.

    `fairness.groups` in clinic.toml names the columns that form groups. Groups under 10 people are hidden.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.fairness_page import choose_fairness_format
    from attune_fit.app.views.fairness_summary import show_fairness
    from attune_fit.workspace import open_clinic

    format_report = None if out is None else choose_fairness_format(out)
    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic, report_progress=report_progress)
        if out is not None:
            workspace.check_output_path(out)
        result = workspace.fairness(everyone=everyone)
        if out is not None and format_report is not None:
            report_progress("drawing charts")
            workspace.write_text(out, format_report(result.result))
    return print_result(result, lambda: show_fairness(result.result, clinic, out), json)
