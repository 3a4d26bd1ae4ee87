"""The command `attune fairness`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors

if TYPE_CHECKING:
    from attune_fit.matching.fairness.audit import FairnessAudit

SUFFIXES = (".html", ".json")


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
    from rich.markup import escape

    from attune_fit.app.terminal.console import print_json, print_text, show_progress
    from attune_fit.app.views.fairness_summary import show_fairness
    from attune_fit.data.writing.atomic_write import write_atomically
    from attune_fit.workspace import audit_fairness, check_output_path, open_clinic

    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic)
        if out is not None:
            _check_suffix(out)
            check_output_path(workspace.clinic, out)
        audit = audit_fairness(workspace, everyone=everyone, report_progress=report_progress)
        if out is not None:
            report_progress("drawing charts")
            write_atomically(out, _format_report(audit, as_json=out.suffix.lower() == ".json"))
    if json:
        return print_json(audit.to_dict())
    show_fairness(audit)
    if out is not None:
        return print_text(f"Written to [bold]{escape(str(out))}[/bold].")
    return print_text(f"All groups, with charts: attune fairness {escape(str(clinic))} --out FILE.html")


def _check_suffix(target: Path) -> None:
    """Refuse a file of another kind before anything is computed."""
    from attune_fit.data.faults import DataFault

    if target.suffix.lower() not in SUFFIXES:
        fix = f"End the name in {' or '.join(SUFFIXES)}."
        message = "this report cannot be written to a file of this kind"
        raise DataFault.error("unknown-report-type", target.name, "", message, fix=fix)


def _format_report(audit: FairnessAudit, *, as_json: bool) -> str:
    import json

    from attune_fit.app.views.fairness_page import format_fairness_page

    return json.dumps(audit.to_dict(), indent=1, allow_nan=False) + "\n" if as_json else format_fairness_page(audit)
