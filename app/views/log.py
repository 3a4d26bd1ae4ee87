"""Print the log of rankings and placements, and whether a line was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.data.journal.journal_access import JOURNAL_NAME
from attune_fit.data.sealed_files import HYPOTHESES, LEDGER, TRIALS

if TYPE_CHECKING:
    from attune_fit.data.chain_check import ChainCheck
    from attune_fit.matching.ranking_log import LogRow

N_ROWS = 20  # lines shown where the user names no number
MAX_CHANGES = 20  # changes of the log that are listed
MAX_CELL = 2_000  # characters of a cell; a longer one is no id, no time and no readable list
NO_LOG = "The log is empty: no ranking and no placement was shown yet."


def show_log(rows: Sequence[LogRow], last: int | None, folder: Path, client_id: str | None = None) -> None:
    """Print the last rows of the log, or of the log about one client, the latest last, and what to do with them."""
    if not rows and client_id is not None:
        return print_text(f"No ranking and no placement of client {escape(client_id)} is in the log.")
    if not rows:
        return print_text(f"{NO_LOG} Next: attune rank {escape(str(folder))} --waiting")
    shown = rows[-(last or N_ROWS) :]
    title = f"Log: {format_count(len(rows), 'line')}" + (f" about client {client_id}" if client_id is not None else "")
    title += f", the last {len(shown)} shown (--last N shows more)" if len(shown) < len(rows) else ""
    grid = build_table(escape(title), ">line", "when, UTC", "what", "client, policy", "shown")
    for column in grid.columns[:-1]:  # only the last column is broken into lines, between words
        column.no_wrap = True
    for row in shown:
        when = row.when[:16].replace("T", " ")
        cells = (row.line, when, row.kind, row.about, _format_shown(row, client_id))
        grid.add_row(*(Text(format_cell(cell)) for cell in cells))
    print_text(grid)
    print_text(
        "[dim]Lines are numbered as in artifacts/rankings.jsonl; a1, a2, ... as in artifacts/assignments.jsonl. "
        "Shown: the therapists in the order of the list. `attune replay` also shows the model.[/dim]"
    )
    unsealed = [row for row in rows if not row.is_sealed and row.kind != "incomplete"]
    if unsealed:
        were = "was" if len(unsealed) == 1 else "were"
        print_text(f"[dim]{format_count(len(unsealed), 'line')} {were} written before the log was sealed.[/dim]")
    place = escape(str(folder))
    return print_text(f"[dim]Next: attune log {place} --verify, or attune replay {place} {rows[-1].line}[/dim]")


def format_cell(text: str) -> str:
    """Return the text of a cell; a very long one, as in a damaged line, is cut, with its number of characters."""
    return text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}... ({len(text):,} characters)"


def _format_shown(row: LogRow, client_id: str | None) -> str:
    """Return the therapists of a ranking in order, the size of a file or a placement, or one client's therapist."""
    if row.kind == "incomplete":
        return ""
    if row.kind == "file":
        return f"{format_count(row.shown, 'row')} in {row.file}"
    if row.kind == "placement":
        placed = f"with {row.placed_pairs[client_id]}" if client_id is not None else f"{row.shown:,} placed"
        return placed + (f", in {row.file}" if row.file else "")
    return ", ".join(row.therapist_ids) or "none available"


def show_changes(verdict: str, changes: Sequence[str], command: str) -> None:
    """Print a verdict and a line for each change; of many changes only the first, and the command that lists all."""
    print_text(f"[red]{verdict}[/red] {escape(changes[0])}.")
    for change in changes[1:MAX_CHANGES]:
        print_text(f"{escape(change)}.")
    if len(changes) > MAX_CHANGES:
        print_text(f"And {len(changes) - MAX_CHANGES:,} other changes: {command}")


def show_log_check(checks: Mapping[str, ChainCheck]) -> None:
    """Print in one line that no line was changed; else a line for each change, and what else there is to know."""
    breaks = [(name, found) for name, check in checks.items() for found in check.breaks]
    changes = [f"{name}: {found.message}" for name, found in breaks]
    if changes:
        is_unread = all(found.what == "not readable" for _, found in breaks)
        verdict = "Not every file can be checked." if is_unread else "The log was changed."
        return show_changes(verdict, changes, "attune log CLINIC --verify --json")
    ledger = checks.get(LEDGER.file)
    if ledger is not None and ledger.n_lines:
        print_text(f"The ledger of promotions is whole: {format_count(ledger.n_lines, 'line')}.")
    journal = checks.get(JOURNAL_NAME)
    if journal is not None:
        print_text(f"The journal is whole: {format_count(journal.n_lines, 'event')}.")
    for row in (HYPOTHESES, TRIALS):
        if row.file in checks:
            print_text(f"The file of {row.name} is whole: {format_count(checks[row.file].n_lines, 'line')}.")
    others = (LEDGER.file, JOURNAL_NAME, HYPOTHESES.file, TRIALS.file)
    logs = [check for name, check in checks.items() if name not in others]
    n_lines = sum(check.n_lines for check in logs)
    if not n_lines:
        return print_text(NO_LOG)
    n_before = sum(check.n_before_seal for check in logs)
    incomplete = [f"{name} line {line}" for name, check in checks.items() for line in check.incomplete]
    if n_before == n_lines:
        lines = format_count(n_lines, "line")
        return print_text(f"The log is not sealed yet: {lines} written before the log was sealed. A new line seals it.")
    n_sealed = n_lines - n_before
    lines = "the 1 line is as it was" if n_sealed == 1 else f"all {n_sealed:,} lines are as they were"
    print_text(f"[green]No line was changed:[/green] {lines} written.")
    if n_before:
        print_text(f"Not checked: {format_count(n_before, 'line')} written before the log was sealed.")
    if incomplete:
        more = f" and {len(incomplete) - MAX_CHANGES:,} others" if len(incomplete) > MAX_CHANGES else ""
        print_text(f"Cut off by an interruption, or no line of Attune: {', '.join(incomplete[:MAX_CHANGES])}{more}.")
    return None
