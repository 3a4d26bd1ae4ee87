"""Print the log of rankings and placements, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text

if TYPE_CHECKING:
    from attune_fit.data.chain_check import ChainCheck
    from attune_fit.matching.ranking_log import LogRow

N_ROWS = 20  # lines shown where the user names no number
NO_LOG = "The log is empty: no ranking and no placement was shown yet."


def show_log(rows: Sequence[LogRow], last: int | None, folder: Path) -> None:
    """Print the last rows of the log, the latest last, and what to do with them."""
    if not rows:
        return print_text(f"{NO_LOG} Next: attune rank {escape(str(folder))} --waiting")
    shown = rows[-(last or N_ROWS) :]
    title = f"Log: {format_count(len(rows), 'line')}"
    title += f", the last {len(shown)} shown (--last N shows more)" if len(shown) < len(rows) else ""
    grid = build_table(title, ">line", "when, UTC", "what", "client or policy", "bundle", ">shown", "file")
    for column in (1, 4):  # neither a time nor a bundle is broken into two lines
        grid.columns[column].no_wrap = True
    for row in shown:
        when = row.when[:16].replace("T", " ")
        count = "" if row.kind == "incomplete" else f"{row.shown:,}"
        grid.add_row(*map(Text, (row.line, when, row.kind, row.about, row.bundle, count, row.file)))
    print_text(grid)
    print_text(
        "[dim]Lines are numbered as in artifacts/rankings.jsonl; a1, a2, ... as in artifacts/assignments.jsonl. "
        "Shown: therapists on the list, clients placed, or rows of a file.[/dim]"
    )
    unsealed = [row for row in rows if not row.is_sealed and row.kind != "incomplete"]
    if unsealed:
        were = "was" if len(unsealed) == 1 else "were"
        print_text(f"[dim]{format_count(len(unsealed), 'line')} {were} written before the log was sealed.[/dim]")
    place = escape(str(folder))
    return print_text(f"[dim]Next: attune log {place} --verify, or attune replay {place} {rows[-1].line}[/dim]")


def show_log_check(checks: Mapping[str, ChainCheck]) -> None:
    """Print in one line that the log is whole; else a line for each change."""
    changes = [f"{name}: {found.message}" for name, check in checks.items() for found in check.breaks]
    if changes:
        print_text(f"[red]The log is not whole.[/red] {escape(changes[0])}.")
        for change in changes[1:]:
            print_text(f"{escape(change)}.")
        return None
    n_lines = sum(check.n_lines for check in checks.values())
    if not n_lines:
        return print_text(NO_LOG)
    n_before = sum(check.n_before_seal for check in checks.values())
    n_incomplete = sum(len(check.incomplete) for check in checks.values())
    if n_before == n_lines:
        lines = format_count(n_lines, "line")
        return print_text(f"The log is not sealed yet: {lines} written before the log was sealed. A new line seals it.")
    parts = [f"{format_count(n_lines - n_before, 'sealed line')}"]
    if n_before:
        parts.append(f"{format_count(n_before, 'line')} written before the log was sealed")
    if n_incomplete:
        parts.append(f"{n_incomplete:,} cut off by an interruption")
    return print_text(f"[green]The log is whole:[/green] {', '.join(parts)}.")
