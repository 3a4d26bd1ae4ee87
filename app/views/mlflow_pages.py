"""Print where MLflow's pages can be opened."""

from __future__ import annotations

from rich.text import Text

from attune_fit.app.terminal.console import print_text


def show_pages_start(address: str) -> None:
    """Print the address of the pages."""
    print_text(Text.assemble("MLflow's pages are open at ", (address, "bold"), " (stop them with Ctrl-C)."))


def show_pages_end() -> None:
    """Print that the pages ended."""
    print_text("MLflow's pages have stopped. The runs are kept.")
