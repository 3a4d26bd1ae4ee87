"""Print the registered hypotheses of a clinic, and the library of published ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_note, print_plain, print_text
from attune_fit.data.command_words import format_word

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.hypothesis_registry import HypothesisRegistry, RegisteredHypothesis


def show_registration(entry: RegisteredHypothesis, clinic: Path, file: Path) -> None:
    """Print that a hypothesis is registered, how many of its outcomes were there, and the next command."""
    print_text(f"[bold]{entry.name} is registered[/bold] (line {entry.line}, digest {entry.digest[:12]}).")
    if entry.n_outcomes:
        known = format_count(entry.n_outcomes, "outcome")
        were = "is" if entry.n_outcomes == 1 else "are"
        print_text(f"{known} {were} in the tables already. The test will state this.")
    else:
        print_text("None of its outcomes is in the tables yet.")
    command = f"attune hypothesis test {format_word(clinic)} {format_word(file)}"
    print_text(f"[dim]Next: {escape(command)}[/dim]")


def show_registry(registry: HypothesisRegistry, clinic: Path) -> None:
    """Print the registered hypotheses, the latest last."""
    if registry.entries:
        grid = build_table("Registered hypotheses", ">line", "when, UTC", "name", "digest", ">outcomes then", "by")
        grid.columns[2].no_wrap = True
        for entry in registry.entries:
            when, known = entry.when[:16].replace("T", " "), f"{entry.n_outcomes:,}"
            cells = (str(entry.line), when, entry.name, entry.digest[:12], known, entry.by)
            grid.add_row(*map(Text, cells))
        print_text(grid)
    else:
        command = f"attune hypothesis register {format_word(clinic)} FILE"
        print_text(f"No hypothesis is registered yet. Next: {escape(command)}")
    for fault in registry.faults:
        print_note(Text.assemble(("Warning: the registry was changed:", "yellow"), f" {fault}."))


def show_library() -> None:
    """Print the name, the claim and the source of each published hypothesis."""
    from attune_fit.training.hypotheses.hypothesis_library import list_library

    grid = build_table("Published hypotheses", "name", "claim, and where it was studied")
    grid.columns[0].no_wrap = True
    for one in list_library():
        grid.add_row(Text(one.name), Text.assemble(one.claim, (f"\n{one.source}", "dim")))
    print_text(grid)
    print_text("[dim]To start from one: attune hypothesis library NAME > my_hypothesis.toml[/dim]")


def show_library_file(name: str) -> None:
    """Print the file of one published hypothesis, with its comments, so that it can be saved as a file."""
    from attune_fit.training.hypotheses.hypothesis_library import read_library_file

    print_plain(read_library_file(name))
