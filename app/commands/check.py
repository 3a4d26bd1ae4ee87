"""The command `attune check`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def check(
    clinic: ClinicFolder,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with code 1 for warnings too.")] = False,
    json: AsJson = False,
) -> None:
    """List all errors and warnings of the clinic's tables at once."""
    from rich.markup import escape

    from attune_fit.app.terminal.console import format_count, print_faults, print_json, print_text, show_progress
    from attune_fit.workspace import list_clinic_faults

    with show_progress("reading the tables"):
        faults = list_clinic_faults(clinic)
    n_errors = sum(fault.stops for fault in faults)
    if json:
        n_warnings = len(faults) - n_errors
        print_json({"stops": n_errors, "notes": n_warnings, "faults": [vars(fault) for fault in faults]})
    else:
        print_faults(faults)
        if not faults:
            print_text(f"No errors, no warnings. Next: [bold]attune train {escape(str(clinic))}[/bold]")
        elif not n_errors:
            warnings = format_count(len(faults), "warning")
            print_text(f"No errors, {warnings}. Next: [bold]attune train {escape(str(clinic))}[/bold]")
    if n_errors or (strict and faults):
        raise typer.Exit(1)
