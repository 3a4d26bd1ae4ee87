"""Print the shares of the variance of ratings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text

if TYPE_CHECKING:
    from attune_fit.training.multilevel.variance_shares import VarianceShare
    from attune_fit.training.reporting.variance_report import VarianceReport

HEADERS = ("differences between", ">share", "95% interval", ">groups", "what it means")


def show_variance(report: VarianceReport, written_to: Path | None = None) -> None:
    """Print the answer, the table of shares, what they mean, and what they were estimated from."""
    print_text(Text(f"{report.summary}.", style="bold"))
    if report.converged:
        _show_shares(report)
    for sentence in report.sentences:
        print_text(Text(sentence))
    print_text(Text(_describe_records(report), style="dim"))
    if written_to is not None:
        print_text(f"Written to [bold]{escape(str(written_to))}[/bold].")


def _show_shares(report: VarianceReport) -> None:
    grid = build_table(f"Shares of the variance of {report.scale} ratings", *HEADERS)
    for one in report.components:
        grid.add_row(*_format_share(one))
    print_text(grid)


def _format_share(one: VarianceShare) -> tuple[str, ...]:
    from attune_fit.training.reporting.variance_report import MEANINGS

    return one.name, f"{one.share:.0%}", f"{one.low:.0%} to {one.high:.0%}", f"{one.n_groups:,}", MEANINGS[one.name]


def _describe_records(report: VarianceReport) -> str:
    counts = (
        format_count(report.n_ratings, "rating"),
        format_count(report.n_clients, "client"),
        format_count(report.n_therapists, "therapist"),
    )
    constant = f" Held constant: {', '.join(report.adjusted_for)}." if report.adjusted_for else ""
    return f"{', '.join(counts)}; {report.sessions}.{constant} Restricted maximum likelihood, profile intervals."
