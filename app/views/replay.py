"""Print that a logged ranking or placement came out the same when it was computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import format_count, print_text

if TYPE_CHECKING:
    from attune_fit.matching.log_replay import ReplayedLine


def show_replay(replayed: ReplayedLine) -> None:
    """Print what was proved, and from which inputs."""
    row = replayed.row
    what, size = {
        "placement": (f"placement by policy {row.about}", f"{format_count(row.shown, 'client')} placed"),
        "file": (f"file {row.file}", f"{format_count(row.shown, 'row')}"),
    }.get(row.kind, (f"{row.kind} of client {row.about}", f"{format_count(row.shown, 'therapist')} shown"))
    when = row.when[:16].replace("T", " ")
    print_text(
        Text.assemble(("Proved: ", "green"), f"line {row.line}, {what}, {when} UTC, comes out the same byte for byte.")
    )
    bundle = f"bundle {row.bundle}" if replayed.is_live else f"bundle {row.bundle} (no longer live)"
    seed = row.fields["seed"]
    print_text(Text(f"{size} · {bundle} · seed {seed} · SHA-256 {replayed.result[:16]}", style="dim"))
