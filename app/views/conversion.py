"""Print which canonical tables were written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from attune_fit.app.terminal.console import build_table, print_text

if TYPE_CHECKING:
    from attune_fit.results import Result


def show_conversion(result: Result, folder: Path) -> None:
    """Print the tables with their rows, where they are, and how to see the warnings if there are any."""
    grid = build_table("", "table", ">rows")
    for name, count in result.to_frame().itertuples(index=False):
        grid.add_row(name, f"{count:,}")
    print_text(grid)
    warnings = f" Warnings: attune check {escape(str(folder))}" if result.result["notes"] else ""
    print_text(f"Written to [bold]{escape(result.result['out'])}[/bold].{warnings}")
