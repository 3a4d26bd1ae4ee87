"""Print a worklist: one line for each client, sorted by who needs a coordinator first, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, join_within, measure_width, print_text
from attune_fit.app.views.ranking import explain_empty_waiting_list, explain_waits, format_odds
from attune_fit.data.command_words import format_option, format_word
from attune_fit.matching.ranking.worklist import FEW_CANDIDATES

if TYPE_CHECKING:
    from attune_fit.matching.ranking.worklist import WorklistEntry
    from attune_fit.workspace import Workspace

MIN_REMARK_WIDTH = 12  # characters of the last column
MIN_WIDTH_OF_NAMES = 20  # a narrower column has no room for names and rules: it has their number
DAYS_IN_WEEKS = 14  # a wait of so many days or more is printed in weeks
SET_ASIDE = "set aside: see above"
UNANSWERED, NONE_AVAILABLE, MET = "not answered: ", "none available: ", "has met: "  # the kinds of remarks
OFFERED, EXPIRED = "has an offer: ", "offer expired: "


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
        return print_text(explain_empty_waiting_list(workspace.clinic, workspace.tables))
    verdict, folder = workspace.model.verdict.plain_sentence, format_word(workspace.folder)
    ranked = [entry for entry in entries if not entry.is_set_aside]
    none = sum(not entry.n_candidates for entry in ranked)
    few = sum(0 < entry.n_candidates <= FEW_CANDIDATES for entry in ranked)
    set_aside = f"{len(entries) - len(ranked)} set aside, " if len(ranked) < len(entries) else ""
    clients = format_count(len(entries), "client") + (" waiting" if only_waiting else "")
    print_text(
        f"\n[bold]{clients}[/bold] · {set_aside}{none} without a candidate, {few} with 1 to {FEW_CANDIDATES}, "
        f"{len(ranked) - none - few} with more"
    )
    print_text(Text(verdict, style="italic"))
    _show_entries(entries, only_waiting=only_waiting)
    if ranked and none == len(ranked):
        print_text(Text("No therapist is available for any of these clients.", style="yellow"))
    print_text(
        f"[dim]Order: no candidate first, then 1 to {FEW_CANDIDATES}, then the others; in each group the longest wait "
        "first (unknown: the median). Band 1: how many candidates are in the first band. The best of them is better "
        f"than the best of the next band with odds of at least {format_odds(workspace.clinic.config.settings.band)}."
        "[/dim]"
    )
    if waits := explain_waits(workspace):
        print_text(f"[dim]{escape(waits)}[/dim]")
    return _show_next_steps(ranked, escape(folder), only_waiting=only_waiting)


def _show_entries(entries: Sequence[WorklistEntry], *, only_waiting: bool) -> None:
    headers = ("client", ">waits" if only_waiting else ">since referral", ">available", "first", ">band 1")
    rows = [
        (
            entry.client_id,
            format_wait(entry.days_waited),
            str(entry.n_candidates),
            entry.first or "none",
            str(entry.n_in_first_band) if entry.first else "",
        )
        for entry in entries
    ]
    names = [header.removeprefix(">") for header in headers]
    widths = [max(map(len, column)) + 3 for column in zip(names, *rows, strict=True)]  # 3: space between columns
    room = max(measure_width() - sum(widths) - 2, MIN_REMARK_WIDTH)
    grid = build_table("", *headers, "remark")
    for entry, (client_id, wait, available, first, band) in zip(entries, rows, strict=True):
        style = "" if entry.first else "yellow"
        grid.add_row(Text(client_id, style="bold"), wait, available, Text(first, style=style), band,
                     Text(_format_remark(entry, room), style=style))  # fmt: skip
    print_text(grid)


def _show_next_steps(entries: Sequence[WorklistEntry], folder: str, *, only_waiting: bool) -> None:
    """Print the next commands, with a client of this list as the example."""
    steps = []
    if with_candidates := [entry for entry in entries if entry.n_candidates]:
        client = escape(format_option("--client", with_candidates[0].client_id))
        steps.append((f"attune rank {folder} {client}", "the shortlist, with reasons"))
    if in_need := [entry for entry in entries if entry.n_candidates <= FEW_CANDIDATES]:
        client = escape(format_option("--client", in_need[0].client_id))
        steps.append((f"attune relax {folder} {client}", "what would add candidates"))
    if has_met := [entry for entry in entries if entry.met_therapists]:
        client = escape(format_option("--client", has_met[0].client_id))
        steps.append((f"attune rematch {folder} {client}", "another therapist, after the first one"))
    if not with_candidates:
        steps.append((f"attune check {folder}", "whether the codes of clients and therapists match"))
    elif only_waiting:
        steps.append((f"attune assign {folder}", "place all who wait into the open slots"))
    for number, (command, purpose) in enumerate(steps):
        print_text(f"{'      ' if number else 'Next: '}[bold]{command}[/bold]  {purpose}")


def format_wait(days: int | None) -> str:
    """Return a wait in days, or in whole weeks from two weeks on.

    >>> format_wait(13), format_wait(20), format_wait(None)
    ('13 days', '2 weeks', 'unknown')
    """
    if days is None:
        return "unknown"
    return format_count(days, "day") if days < DAYS_IN_WEEKS else f"{days // 7} weeks"


def _format_remark(entry: WorklistEntry, width: int) -> str:
    """Return which rules exclude all therapists, whom the client has met, offers, or which intake answers are missing.

    One kind of them, on one line or two.

    The column wraps a first part that is longer than one line. A narrow column has a number instead.
    """
    if entry.is_set_aside:
        return SET_ASIDE
    if entry.met_therapists:
        kind, parts = MET, [*entry.met_therapists, *([] if entry.n_candidates else ["none available"])]
        summary = format_count(len(entry.met_therapists), "therapist")
    elif entry.offers:
        kind, parts, summary = OFFERED, list(entry.offers), format_count(len(entry.offers), "therapist")
    elif entry.n_candidates and entry.expired_offers:
        kind, parts, summary = EXPIRED, list(entry.expired_offers), format_count(len(entry.expired_offers), "therapist")
    elif entry.n_candidates:
        kind, parts = UNANSWERED, [name.replace("_", " ") for name in entry.missing_columns]
        summary = format_count(len(parts), "question")
    else:
        kind, parts = NONE_AVAILABLE, [f"{number} {text}" for text, number in entry.exclusion_counts]
        parts, summary = parts or ["the roster is empty"], "all ruled out"
    if not parts:
        return ""
    return kind + (summary if width < MIN_WIDTH_OF_NAMES else join_within(parts, width - len(kind)))
