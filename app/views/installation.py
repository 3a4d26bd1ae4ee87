"""Print the findings of `attune doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text

if TYPE_CHECKING:
    from attune_fit.installation_checks import Finding


def show_findings(findings: Sequence[Finding]) -> None:
    """Print each finding, with what to do where something is wrong."""
    grid = build_table("", "", "what", "found")
    for finding in findings:
        mark = "[green]ok[/green]" if finding.well else "[red]fix[/red]"
        message = finding.says if finding.well else f"{finding.says} {finding.fix}"
        grid.add_row(mark, Text(finding.what), Text(message.strip()))
    print_text(grid)
    n_problems = sum(not finding.well for finding in findings)
    print_text(f"{format_count(n_problems, 'problem')} to fix." if n_problems else "No problems found.")
