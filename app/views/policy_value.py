"""Print the value of the first places of the lists, against what was done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_text

if TYPE_CHECKING:
    from attune_fit.policy_value import PolicyValueReport
    from attune_fit.training.evaluation.doubly_robust_value import ValueEstimate

HOW_TO_START = "`attune rank CLINIC --client ID` logs each list. The ratings come from `outcomes`."


def show_policy_value(report: PolicyValueReport, written_to: Path | None = None) -> None:
    """Print the answer first, then the figures, the lists behind them, and the rank of the therapist seen."""
    print_text(Text(report.answer, style="bold"))
    if not report.n_clients:
        print_text("The log has no list of a client.")
        print_text(HOW_TO_START)
    else:
        if report.value.gain is not None:
            _show_figures(report)
        _show_lists(report)
        print_text(report.rank.sentence if report.rank else _explain_missing_rank())
    if written_to is not None:
        print_text(f"Written to [bold]{escape(str(written_to))}[/bold].")


def _show_figures(report: PolicyValueReport) -> None:
    value = report.value
    grid = build_table("Mean early alliance, POMP (0-100)", "what", ">estimate", "95% interval")
    grid.add_row("the first place of the list", *_format_estimate(value.policy, ".1f"))
    grid.add_row("what was done", f"{value.done:.1f}", "")
    grid.add_row("difference", *_format_estimate(value.gain, "+.1f"))
    print_text(grid)


def _show_lists(report: PolicyValueReport) -> None:
    grid = build_table("Lists of the log", "what", ">number")
    grid.add_row("clients with a list", _format_count(report.n_clients))
    grid.add_row("lists with a rating", _format_count(report.n_lists))
    grid.add_row("with the logged random order", _format_count(report.n_with_draw))
    for name, count in report.places.items():
        grid.add_row(f"therapist met: {name}", _format_count(count))
    for reason, count in report.left_out.items():
        grid.add_row(f"left out: {reason}", _format_count(count))
    grid.add_row("effective sample size", f"{report.value.effective_size:.0f}")
    print_text(grid)


def _explain_missing_rank() -> str:
    return "Outcome on the rank of the therapist seen: not measured (too few lists with a rating)."


def _format_count(count: int | str) -> str:
    return f"{count:,}" if isinstance(count, int) else count


def _format_estimate(one: ValueEstimate | None, form: str) -> tuple[str, str]:
    return ("", "") if one is None else (f"{one.value:{form}}", f"{one.low:{form}} to {one.high:{form}}")
