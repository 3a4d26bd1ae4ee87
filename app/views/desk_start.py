"""Print where the desk can be opened, and how to make its first account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import format_count, print_note, print_text

if TYPE_CHECKING:
    from attune_fit.app.desk.server import StartedDesk


def show_desk_start(started: StartedDesk) -> None:
    """Print the address, and at the first start the link that makes the first account."""
    if started.ended_sessions:
        ended = format_count(started.ended_sessions, "session")
        print_note(f"The clock of this computer was set back, so {ended} ended. Sign in again.")
    print_text(Text.assemble("The desk is open at ", (started.address, "bold"), " (stop it with Ctrl-C)."))
    if started.set_up_link:
        print_text("Make the first account here; the link works once, for 24 hours:")
        print_text(Text(started.set_up_link, style="bold", no_wrap=True, overflow="ignore"))


def show_desk_end() -> None:
    """Print that the desk ended."""
    print_text("The desk has stopped. All that was recorded is kept.")
