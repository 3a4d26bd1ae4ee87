"""Print the pairs that a follow-up should look at, and the checks that are missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from attune_fit.matching.follow_up.follow_up import FollowUpReport

MARKS = "r: correlation. d: difference in standard deviations. (read): the figure was read in the publication itself."
MIN_CHECKS = 10  # checks that were due before their percentage is printed
N_MISSING_NAMED = 5  # clients without a check who are named; --json has all of them


def show_follow_up(report: FollowUpReport, folder: Path, *, why: bool = False) -> None:
    """Print the pairs with a flag, what each flag means, the weak cut-offs, and how many checks were done.

    With ``why``, the evidence has its figures and its sources.
    """
    from attune_fit.matching.follow_up.alliance_flags import FLAGS, URGENCY_RULE

    if not report.due and not report.pairs:
        return print_text("No pair to follow up: no row of `outcomes` names a client and a therapist of the roster.")
    _show_pairs(report)
    if len(report.pairs) > 1:
        print_text(f"[dim]Most urgent first: {URGENCY_RULE}. Days: since the start.[/dim]")
    for flag in FLAGS:
        if any(flag.name in pair.flags for pair in report.pairs):
            print_text(Text.assemble((_format_flag(flag.name), "bold"), f": {flag.description}. To do: {flag.action}."))
            print_text(Text(flag.evidence if why else flag.summary, style="dim"))
    if why and report.pairs:
        print_text(f"[dim]{MARKS}[/dim]")
    for rule in report.rules:
        limit = "no cut-off" if rule.points is None else f"{rule.points:.2f} or lower"
        print_text(Text(f"Weak in {rule.instrument}: {limit} ({rule.because})."))
    _show_checks(report)
    weak = [pair for pair in report.pairs if "weak" in pair.flags]
    if weak:
        command = f"attune rematch {format_word(folder)} {format_option('--client', weak[0].client_id)}"
        print_text(f"[dim]Next: {escape(command)}[/dim]")
    if report.pairs and not why:
        print_text("[dim]Figures and sources: --why.[/dim]")
    return None


def _show_pairs(report: FollowUpReport) -> None:
    """Print one line for each pair; the change since the early score is a column only where a pair has one."""
    instruments = {pair.instrument for pair in report.pairs if pair.instrument}
    unit = f", {instruments.pop()}" if len(instruments) == 1 else ""
    changes = ["" if pair.later_change is None else f"{pair.later_change:+.2f}" for pair in report.pairs]
    headers = ["flag", "client", "therapist", ">session", ">days", f"early alliance{unit}"]
    title = f"Pairs to look at, as of {report.as_of}: {len(report.pairs)}"
    grid = build_table(title, *headers, *([">change since"] if any(changes) else []))
    for pair, change in zip(report.pairs, changes, strict=True):
        score = "no score" if pair.score is None else f"{pair.score:.2f}" + ("" if unit else f" {pair.instrument}")
        numbers = ("?" if number is None else str(number) for number in (pair.session, pair.days))
        flag = ", ".join(_format_flag(name) for name in pair.flags)
        ids = (Text(pair.client_id, style="bold"), Text(pair.therapist_id))
        grid.add_row(flag, *ids, *numbers, score, *([change] if any(changes) else []))
    print_text(grid)


def _format_missing(report: FollowUpReport) -> str:
    """Return whose checks are missing, where they are few."""
    if not 0 < len(report.missing_clients) <= N_MISSING_NAMED:
        return ""
    return f" Missing: {escape(', '.join(report.missing_clients))}."


def _format_flag(name: str) -> str:
    return name.replace("_", " ")


def _show_checks(report: FollowUpReport) -> None:
    """Print how many of the checks that were due have a score, and how many each therapist misses."""
    percentage = f" ({100 * report.done // report.due}%)" if report.due >= MIN_CHECKS else ""  # 100% only if all are
    due = format_count(report.due, "check")
    print_text(f"{due} due so far: {report.done:,} done, with an early score{percentage}.{_format_missing(report)}")
    if report.missing_by_therapist:
        counts = ", ".join(f"{escape(name)} {number}" for name, number in report.missing_by_therapist.items())
        print_text(f"Missing checks, by therapist to remind: {counts}.")
    if report.elsewhere:
        clients = format_count(report.elsewhere, "client")
        print_text(f"{clients} not followed up: not waiting, and no row of `outcomes` names a therapist of the roster.")
