"""Print the errors and warnings of a clinic's tables, and the next command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from attune_fit.app.terminal.console import format_count, print_faults, print_text

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault
    from attune_fit.workspace import Workspace


def show_check(faults: Sequence[Fault], workspace: Workspace) -> None:
    """Print all faults, errors first; without an error, the command to go on with: training needs outcomes."""
    print_faults(faults)
    if any(fault.stops for fault in faults):
        return
    warnings = format_count(len(faults), "warning") if faults else "no warnings"
    folder = escape(str(workspace.folder))
    following = f"attune train {folder}" if len(workspace.tables.outcomes) else f"attune rank {folder} --waiting"
    print_text(f"No errors, {warnings}. Next: [bold]{following}[/bold]")
