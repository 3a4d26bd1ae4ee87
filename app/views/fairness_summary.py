"""Print a fairness audit: every metric, the significant differences, and how exposure is spread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.fairness_text import (
    format_amount,
    format_difference,
    summarize_chance,
    summarize_exposure,
    summarize_newcomers,
    summarize_suppression,
)
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS

if TYPE_CHECKING:
    from attune_fit.matching.fairness.audit import FairnessAudit

N_DIFFERENCES = 12  # differences printed; the page has all of them


def show_fairness(audit: FairnessAudit, folder: Path, written_to: Path | None) -> None:
    """Print each metric over all people, the significant differences, how exposure is spread, and where the page is."""
    name = f"{escape(audit.clinic)}: " if audit.clinic else ""
    pairs, roster = format_count(audit.rated, "rated pair"), format_count(audit.therapists, "therapist")
    print_text(f"\n[bold]{name}lists of {audit.clients:,} {audit.whose}[/bold] · {pairs} · {roster}")
    print_text(Text(audit.verdict, style="italic"))
    grid = build_table("", "figure, all people", ">", "95% interval", ">people", ">groups shown")
    for metric in GROUP_METRICS:
        whole, *groups = audit.compared.list_cells(metric.name)
        people = "" if whole.people is None else f"{whole.people:,}"
        n_shown = sum(group.here is not None for group in groups)
        grid.add_row(metric.title, *format_amount(metric, whole), people, f"{n_shown} of {len(groups)}")
    print_text(grid)
    print_text(summarize_chance(audit))
    _show_differences(audit)
    for line in (summarize_exposure(audit), summarize_newcomers(audit), f"[dim]{summarize_suppression(audit)}[/dim]"):
        print_text(line)
    if written_to is not None:
        print_text(f"Written to [bold]{escape(str(written_to))}[/bold].")
    else:
        print_text(f"All groups, with charts: attune fairness {escape(str(folder))} --out FILE.html")


def _show_differences(audit: FairnessAudit) -> None:
    """Print the significant differences; where there are none, those whose own interval excludes zero."""
    significant = [cell for cell in audit.compared.cells if cell.is_significant_unadjusted and not cell.again]
    listed = [cell for cell in significant if cell.stands_out] or significant
    if not listed:
        return
    metrics = {row.name: row for row in GROUP_METRICS}
    title = "Significant differences" if listed[0].stands_out else "Outside their own interval; some are by chance"
    grid = build_table(title, "figure", "group", ">", "minus all others", ">people")
    for cell in sorted(listed, key=lambda cell: cell.adjusted or 0)[:N_DIFFERENCES]:
        metric = metrics[cell.figure]
        amount, _ = format_amount(metric, cell)
        group = Text(f"{cell.column}: {cell.group}")
        grid.add_row(metric.title, group, amount, format_difference(metric, cell), f"{cell.people:,}")
    print_text(grid)
    if len(listed) > N_DIFFERENCES:
        print_text(f"[dim]{len(listed) - N_DIFFERENCES} more (--out, --json).[/dim]")
