"""Print the errors and warnings of a clinic's tables, and the next command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from attune_fit.app.terminal.console import format_count, print_faults, print_text
from attune_fit.data.command_words import format_word

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault
    from attune_fit.workspace import Workspace

NO_CANDIDATE = "no-client-has-candidate"  # then neither training nor ranking helps


def show_check(faults: Sequence[Fault], workspace: Workspace) -> None:
    """Print all faults, errors first; without an error, the command to go on with: training needs outcomes."""
    print_faults(faults)
    if any(fault.stops for fault in faults):
        return
    people = {(fault.side, one) for fault in faults for one in fault.sets_aside}
    n_warnings = sum(not fault.sets_aside for fault in faults)
    warnings = format_count(n_warnings, "warning") if n_warnings else "no warnings"
    aside = f"{len(people)} set aside, " if people else ""
    folder = escape(format_word(workspace.folder))
    following = f"attune train {folder}" if len(workspace.tables.outcomes) else f"attune rank {folder} --waiting"
    if any(fault.id == NO_CANDIDATE for fault in faults):
        following = f"attune capacity {folder}"
    print_text(f"No errors, {aside}{warnings}. Next: [bold]{following}[/bold]")
