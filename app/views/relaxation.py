"""Print the smallest changes that would add candidates for one client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import format_count, join_within, measure_width, print_text
from attune_fit.app.views.journal_hints import format_roster_check
from attune_fit.app.views.ranking import format_wish

if TYPE_CHECKING:
    from attune_fit.matching.relaxation.relax import MissingField, RelaxationOption, RelaxationResult

N_OPTIONS = 5  # options printed without --why and --most
N_NAMED = 12  # therapists named for one option; --json has all of them


def show_relaxation(
    result: RelaxationResult, verdict: str, most: int | None = None, *, why: bool = False, folder: object = "CLINIC"
) -> None:
    """Print the options, least effort first, and how many therapists no option adds.

    Parameters
    ----------
    result : RelaxationResult
    verdict : str
        The verdict without figures.
    most : int or None
        Options printed, >= 1. None: with ``why`` all options of the result, else :data:`N_OPTIONS`.
    why : bool
        Also print bands, probabilities, the rule of the order, and the full legend.
    folder : object
        Folder of the clinic, for the command that records a check of a roster row.
    """
    print_text(
        f"\n[bold]Client {escape(result.client_id)}[/bold] · {format_count(result.roster, 'therapist')} on the roster: "
        f"{result.candidates} available, {result.roster - result.candidates} ruled out"
    )
    print_text(Text(verdict, style="italic"))
    for one in result.missing_fields:
        print_text(_format_missing_field(one))
    if not result.ways:
        print_text(
            f"No change, and no combination of up to {format_count(result.together, 'change')}, adds a candidate."
        )
    elif not result.candidates:
        print_text("Today this client has no therapist. Each of these changes adds one or more.")
    shown = result.ways[: most or (len(result.ways) if why else N_OPTIONS)]
    for number, option in enumerate(shown, 1):
        print_text(_format_option(number, option, why=why))
    if result.ways:
        _show_what_is_left_out(result, len(shown), why=why)
    _show_unreached(result, why=why)
    if result.held_openings:
        held = escape(_format_ids(result.held_openings))
        print_text(f"Full only because of an offer: {held}.")
    if result.ways:
        _show_legend(shown, why=why)
    if to_check := [option for option in shown if any(step.relaxation == "checked" for step in option.steps)]:
        print_text(format_roster_check(folder, to_check[0].only_together[0]))


def _format_missing_field(one: MissingField) -> Text:
    """Return which cell of the client is unknown, and how many therapists cannot be checked without it."""
    therapists = format_count(one.therapists, "therapist")
    field = one.field.replace("_", " ")
    return Text(f"The client's {field} is not known. Without it Attune cannot check {therapists}.", style="yellow")


def _show_what_is_left_out(result: RelaxationResult, n_shown: int, *, why: bool) -> None:
    """Print how many changes were found, and how to see more of them."""
    how = "--most" if why else "--most or --why"
    more = f" The first {n_shown} are shown; more with {how}." if result.found > n_shown else ""
    print_text(f"\n[dim]{format_count(result.found, 'possible change')} found.{more}[/dim]")


def _show_unreached(result: RelaxationResult, *, why: bool) -> None:
    """Print how many therapists no option adds, by rule: on one line, or with ``why`` every rule."""
    from attune_fit.matching.eligibility.rules import find_short_text

    if not result.unreached:
        return
    counts = [f"{count} {find_short_text(rule)}" for rule, count in result.beyond.items()]
    start = f"Not available after up to {format_count(result.together, 'change')}: {result.unreached} ("
    reasons = ", ".join(counts) if why else join_within(counts, measure_width() - len(start) - 2)
    print_text(f"{start}{reasons}).")


def _show_legend(shown: Sequence[RelaxationOption], *, why: bool) -> None:
    """Print what the order, the numbers and the marks mean; of the marks only those that are printed."""
    from attune_fit.matching.relaxation.relaxations import EFFORT_RULE

    answers = {wish.answer for option in shown for wish in option.gain.costs}
    marks = [text for answer, text in (("unmet", "✗ not met"), ("unknown", "? unknown")) if answer in answers]
    wishes = f" Wishes: {', '.join(marks)}." if marks else ""
    if not why:
        return print_text(f"[dim]Easiest change first. Estimates assume that the change was made.{wishes}[/dim]")
    return print_text(
        f"[dim]{EFFORT_RULE}[/dim]\n"
        f"[dim]Estimates assume that the change was made.{wishes} Probability: that the client's alliance is higher "
        "with this therapist than with the other. Attune never proposes to lift a conflict, a decline or a "
        "licence rule.[/dim]"
    )


def _format_option(number: int, option: RelaxationOption, *, why: bool) -> Padding:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim")
    lines.add_column()
    lines.add_row(str(number), Text.assemble((_format_requests(option), "bold"), f": {_format_added(option)}"))
    if others := len(option.therapists) - len(option.only_together):
        needs = "therapist needs" if others == 1 else "therapists need"
        lines.add_row("", Text(f"{others} more {needs} only a part of this", style="dim"))
    lines.add_row("best", _format_gain(option, why=why))
    lines.add_row("costs", _format_costs(option))
    if option.instead:
        others_text = format_count(len(option.instead), "other choice")
        lines.add_row("or", f"{others_text} of codes, with the same effect (--json)")
    return Padding(lines, (1, 0, 0, 0))


def _format_requests(option: RelaxationOption) -> str:
    """Return the requests of an option as one sentence without a full stop."""
    first, *others = (step.request for step in option.steps)
    return " and ".join([first, *(request[0].lower() + request[1:] for request in others)])


def _format_added(option: RelaxationOption) -> str:
    """Return the therapists whom all these changes together add; a request names those who make a change."""
    is_named = any(step.side == "therapist" for step in option.steps)
    number = len(option.only_together)
    if any(step.relaxation == "intake" for step in option.steps):
        return f"adds up to {format_count(number, 'therapist')}, depending on the answer"
    up_to = "up to " if option.each and number > 1 else ""
    added = f"{up_to}{format_count(number, 'therapist')}" if is_named else _format_ids(option.only_together)
    return f"adds {added}" + ("" if option.certain else ", if the answer is yes")


def _format_gain(option: RelaxationOption, *, why: bool) -> str:
    """Return the expected alliance with the highest of the added therapists, compared with the highest now."""
    gain = option.gain
    score = f"{gain.therapist_id}: expected {gain.score:.2f}" + (f", band {gain.band}" if why else "")
    if gain.points is None or gain.better is None:
        return score
    change = f"{gain.points:+.2f} points from {gain.against}, the highest now"
    return f"{score}; {change}" + (f"; higher with probability {gain.better:.2f}" if why else "")


def _format_costs(option: RelaxationOption) -> Text:
    """Return the wishes that would no longer be honoured, and the therapists who would leave the list."""
    gain = option.gain
    unmet = Text(" · ").join(format_wish(wish) for wish in gain.costs)
    other = "other " if any(step.relaxation in ("must", "never") for step in option.steps) else ""
    none = f"keeps every {other}wish that {gain.against} meets" if gain.against else f"no {other}wish is lost"
    leave = f"; {_format_ids(option.leave)} would leave the list" if option.leave else ""
    return Text.assemble(unmet if gain.costs else Text(none), leave)


def _format_ids(ids: Sequence[str]) -> str:
    more = len(ids) - N_NAMED
    return ", ".join(ids[:N_NAMED]) + (f" and {more:,} more (--json)" if more > 0 else "")
