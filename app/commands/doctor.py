"""The command `attune doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def doctor(
    clinic: Annotated[Path | None, typer.Argument(metavar="[CLINIC]", help="Check this clinic folder too.")] = None,
    json: AsJson = False,
) -> None:
    """Check this installation: versions, another package called attune, missing files, permission to write."""
    from dataclasses import asdict

    from attune_fit.app.terminal.console import print_json
    from attune_fit.app.views.installation import show_findings
    from attune_fit.installation_checks import check_installation

    findings = check_installation(clinic)
    is_well = all(finding.well for finding in findings)
    if json:
        print_json({"well": is_well, "findings": [asdict(finding) for finding in findings]})
    else:
        show_findings(findings)
    if not is_well:
        raise typer.Exit(1)
