"""Print that a logged ranking or placement came out the same when it was computed again, or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import format_count, print_note, print_text

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault
    from attune_fit.matching.log_replay import ReplayedLine


def show_replay(replayed: ReplayedLine) -> None:
    """Print what was proved, the list that was shown, and the inputs."""
    row = replayed.row
    what, size = {
        "placement": (f"placement by policy {row.about}", f"{format_count(row.shown, 'client')} placed"),
        "file": (f"file {row.file}", f"{format_count(row.shown, 'row')}"),
    }.get(row.kind, (f"{row.kind} of client {row.about}", f"{format_count(row.shown, 'therapist')} shown"))
    when = row.when[:16].replace("T", " ")
    print_text(
        Text.assemble(("Proved: ", "green"), f"line {row.line}, {what}, {when} UTC, comes out the same byte for byte.")
    )
    if row.kind in ("ranking", "rematch"):
        ids = ", ".join(row.therapist_ids) or "no therapist was available"
        print_text(Text(f"The list that was shown, in order: {ids}."))
    if row.placed_pairs:
        pairs = ", ".join(f"{client}={therapist}" for client, therapist in row.placed_pairs.items())
        print_text(Text(f"Placed: {pairs}."))
    bundle = f"bundle {row.bundle}" if replayed.is_live else f"bundle {row.bundle} (no longer live)"
    day, events, seed = (row.fields.get(name) for name in ("as_of", "events", "seed"))
    tables = (f" · tables of {day}" if day else "") + (f" after event {events:,}" if events else "")
    print_text(Text(f"{size}{tables} · {bundle} · seed {seed} · SHA-256 {replayed.result[:16]}", style="dim"))


def show_not_repeatable(faults: Sequence[Fault]) -> bool:
    """Print on standard error which input changed since a line was logged, and what an exact replay needs.

    Returns whether it did: nothing is printed where a fault is another one.
    """
    from attune_fit.matching.log_replay import NOT_REPEATABLE_IDS

    if not {fault.id for fault in faults} <= NOT_REPEATABLE_IDS:
        return False
    for fault in faults:
        print_note(Text.assemble(("No exact replay.", "yellow"), f" {fault}"))
    return True
