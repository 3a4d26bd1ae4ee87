"""Print the errors and warnings of a clinic's tables, and the next command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from attune_fit.app.terminal.console import format_count, print_faults, print_text

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault


def show_check(faults: Sequence[Fault], folder: Path) -> None:
    """Print all faults, errors first; without an error, the command to go on with."""
    print_faults(faults)
    if any(fault.stops for fault in faults):
        return
    warnings = format_count(len(faults), "warning") if faults else "no warnings"
    print_text(f"No errors, {warnings}. Next: [bold]attune train {escape(str(folder))}[/bold]")
