"""The command `attune log`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import DATA_AT_FAULT, handle_errors


@handle_errors
def log(
    clinic: ClinicFolder,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Check that no line was changed, inserted or removed since it was written."),
    ] = False,
    last: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="How many lines to show. Default: 20; with --json all.", show_default=False
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """List the rankings and placements that were shown, the latest last.

    With --verify: exit code 0 if the log is whole, 1 if it was changed.
    """
    from attune_fit.app.terminal.console import print_json
    from attune_fit.app.views.log import build_check_dict, show_log, show_log_check
    from attune_fit.workspace import check_log_files, read_log_rows

    if verify:
        checks = check_log_files(clinic)
        if json:
            print_json(build_check_dict(checks))
        else:
            show_log_check(checks)
        if not all(check.is_whole for check in checks.values()):
            raise typer.Exit(DATA_AT_FAULT)
        return None
    rows = read_log_rows(clinic)
    if json:
        return print_json({"n_lines": len(rows), "lines": [row.to_dict() for row in rows[-(last or len(rows)) :]]})
    return show_log(rows, last, clinic)
