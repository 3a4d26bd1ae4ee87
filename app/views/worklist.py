"""Print a worklist: one line for each client, sorted by who needs a coordinator first, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, join_within, measure_width, print_text
from attune_fit.app.views.ranking import explain_empty_waiting_list
from attune_fit.matching.ranking.worklist import FEW_CANDIDATES

if TYPE_CHECKING:
    from attune_fit.matching.ranking.worklist import WorklistEntry
    from attune_fit.workspace import Workspace

MIN_MISSING_WIDTH = 12  # characters of the column of what is missing
DAYS_IN_WEEKS = 14  # a wait of so many days or more is printed in weeks
MISSING_HEADERS = ("missing, or why none is available", "missing, or why none")  # the first that fits


def show_worklist(entries: Sequence[WorklistEntry], workspace: Workspace, *, only_waiting: bool) -> None:
    """Print the entries in the order given, the rule of the order, and the next commands; or why no client waits.

    Parameters
    ----------
    entries : sequence of WorklistEntry
        From :func:`build_worklist`.
    workspace : Workspace
        The clinic, for its folder and its verdict.
    only_waiting : bool
        Whether the clients are those who wait, or all clients.
    """
    if not entries:
        return print_text(explain_empty_waiting_list(workspace.clinic))
    verdict, folder = workspace.model.verdict.plain_sentence, str(workspace.folder)
    none = sum(not entry.n_candidates for entry in entries)
    few = sum(0 < entry.n_candidates <= FEW_CANDIDATES for entry in entries)
    clients = format_count(len(entries), "client") + (" waiting" if only_waiting else "")
    print_text(
        f"\n[bold]{clients}[/bold] · {none} without a candidate, {few} with 1 to {FEW_CANDIDATES}, "
        f"{len(entries) - none - few} with more"
    )
    print_text(Text(verdict, style="italic"))
    _show_entries(entries, only_waiting=only_waiting)
    print_text(
        f"[dim]Order: no candidate first, then 1 to {FEW_CANDIDATES}, then the others; in each group the longest wait "
        "first (unknown: the median). Band 1: how many candidates share the first place, without a measurable "
        "difference.[/dim]"
    )
    return _show_next_steps(entries, escape(folder), only_waiting=only_waiting)


def _show_entries(entries: Sequence[WorklistEntry], *, only_waiting: bool) -> None:
    headers = ("client", ">waits" if only_waiting else ">since referral", ">available", "first", ">band 1")
    rows = [
        (
            entry.client_id,
            _format_wait(entry.days_waited),
            str(entry.n_candidates),
            entry.first or "none",
            str(entry.n_in_first_band) if entry.first else "",
        )
        for entry in entries
    ]
    names = [header.removeprefix(">") for header in headers]
    widths = [max(map(len, column)) + 3 for column in zip(names, *rows, strict=True)]  # 3: space between columns
    room = max(measure_width() - sum(widths) - 2, MIN_MISSING_WIDTH)
    grid = build_table("", *headers, MISSING_HEADERS[0] if len(MISSING_HEADERS[0]) <= room else MISSING_HEADERS[1])
    for entry, (client_id, wait, available, first, band) in zip(entries, rows, strict=True):
        style = "" if entry.first else "yellow"
        grid.add_row(Text(client_id, style="bold"), wait, available, Text(first, style=style), band,
                     Text(_format_missing(entry, room), style=style))  # fmt: skip
    print_text(grid)


def _show_next_steps(entries: Sequence[WorklistEntry], folder: str, *, only_waiting: bool) -> None:
    """Print the next commands, with a client of this list as the example."""
    steps = []
    if with_candidates := [entry for entry in entries if entry.n_candidates]:
        client = escape(with_candidates[0].client_id)
        steps.append((f"attune rank {folder} --client {client}", "the shortlist, with reasons"))
    if in_need := [entry for entry in entries if entry.n_candidates <= FEW_CANDIDATES]:
        client = escape(in_need[0].client_id)
        steps.append((f"attune relax {folder} --client {client}", "what would add candidates"))
    if only_waiting:
        steps.append((f"attune assign {folder}", "place all who wait into the open slots"))
    for number, (command, purpose) in enumerate(steps):
        print_text(f"{'      ' if number else 'Next: '}[bold]{command}[/bold]  {purpose}")


def _format_wait(days: int | None) -> str:
    if days is None:
        return "unknown"
    return format_count(days, "day") if days < DAYS_IN_WEEKS else f"{days // 7} weeks"


def _format_missing(entry: WorklistEntry, width: int) -> str:
    """Return which rules exclude all therapists, or which intake answers are missing, as far as there is room."""
    if not entry.n_candidates:
        counts = [f"{number} {text}" for text, number in entry.exclusion_counts]
        return _join_or_sum(counts, "all ruled out", width) if counts else "the roster is empty"
    names = [name.replace("_", " ") for name in entry.missing_columns]
    return _join_or_sum(names, format_count(len(names), "answer"), width) if names else ""


def _join_or_sum(parts: Sequence[str], summary: str, width: int) -> str:
    """Return the parts that have room, or the summary where not even the first has."""
    text = join_within(parts, width)
    return text if len(text) <= width else summary
