"""The command `attune doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def doctor(
    clinic: Annotated[Path | None, typer.Argument(metavar="[CLINIC]", help="Look at this clinic folder too.")] = None,
    json: AsJson = False,
) -> None:
    """Look for what could go wrong here: versions, clashing packages, write access."""
    from dataclasses import asdict

    from attune_fit.installation_checks import check_installation
    from attune_fit.app.terminal.console import print_json
    from attune_fit.app.views.installation import show_findings

    findings = check_installation(clinic)
    is_well = all(finding.well for finding in findings)
    if json:
        print_json({"well": is_well, "findings": [asdict(finding) for finding in findings]})
    else:
        show_findings(findings)
    if not is_well:
        raise typer.Exit(1)
