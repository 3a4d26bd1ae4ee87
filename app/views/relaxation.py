"""Print the smallest changes that would add candidates for one client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import format_count, print_text
from attune_fit.app.views.ranking import format_wish

if TYPE_CHECKING:
    from attune_fit.matching.relaxation.expected_gain import ExpectedGain
    from attune_fit.matching.relaxation.relax import RelaxationOption, RelaxationResult

N_NAMED = 12  # therapists named for one option; --json has all of them


def show_relaxation(result: RelaxationResult, verdict: str) -> None:
    """Print the options, least effort first, the rule of this order, and the therapists whom no option adds."""
    from attune_fit.matching.eligibility.rules import find_short_text
    from attune_fit.matching.relaxation.relaxations import EFFORT_RULE

    print_text(
        f"\n[bold]Client {escape(result.client_id)}[/bold] · {format_count(result.roster, 'therapist')} on the roster: "
        f"{result.candidates} available, {result.roster - result.candidates} ruled out"
    )
    print_text(Text(verdict, style="italic"))
    if not result.ways:
        print_text(
            f"No change, and no combination of up to {format_count(result.together, 'change')}, adds a candidate."
        )
    for number, option in enumerate(result.ways, 1):
        print_text(_format_option(number, option))
    if result.found > len(result.ways):
        options = format_count(result.found, "option")
        print_text(f"[dim]{options} found, each code counted. Printed: the first {len(result.ways)} (--most).[/dim]")
    if result.unreached:
        rules = ", ".join(f"{count} {find_short_text(rule)}" for rule, count in result.beyond.items())
        changes = format_count(result.together, "change")
        print_text(f"Therapists not available after up to {changes}: {result.unreached} ({rules}).")
    if result.ways:
        print_text(f"[dim]{EFFORT_RULE}[/dim]")
        print_text(
            "[dim]In brackets: who can make the change. Estimates assume that the change was made. Probability: that "
            "the client's alliance is higher with this therapist than with the other. Attune never proposes to lift a "
            "conflict or a licence rule.[/dim]"
        )


def _format_option(number: int, option: RelaxationOption) -> Padding:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim")
    lines.add_column()
    steps = [Text.assemble((step.says, "bold"), (f" ({step.side})", "dim")) for step in option.steps]
    lines.add_row(
        str(number), Text.assemble((f"{len(option.only_together)} more: ", "green"), Text(" and ").join(steps))
    )
    lines.add_row("adds", _format_therapists(option))
    lines.add_row("gain", _format_gain(option.gain))
    lines.add_row("costs", _format_costs(option))
    if option.instead:
        others = format_count(len(option.instead), "other choice")
        lines.add_row("or", f"{others} of codes, with the same effect (--json)")
    return Padding(lines, (1, 0, 0, 0))


def _format_therapists(option: RelaxationOption) -> str:
    """Return the therapists whom all these changes together add, and how many need fewer of them."""
    own = [step for step in option.steps if step.side != "client"]
    each = ", each by the therapist's own change" if own and len(option.only_together) > 1 else ""
    condition = "" if option.certain else ", if the answer is yes"
    others = len(option.therapists) - len(option.only_together)
    more = f"; and {others} whom fewer of these changes add" if others else ""
    return _format_ids(option.only_together) + each + condition + more


def _format_gain(gain: ExpectedGain) -> str:
    """Return the expected alliance with the highest of the added therapists, compared with the highest now."""
    score = f"{gain.therapist_id}: expected {gain.score:.2f}, band {gain.band}"
    if gain.points is None or gain.better is None:
        return f"{score}; no therapist is available now"
    change = f"{gain.points:+.2f} points from {gain.against}, the highest now"
    return f"{score}; {change}; higher with probability {gain.better:.2f}"


def _format_costs(option: RelaxationOption) -> Text:
    """Return the wishes that would no longer be honoured, and the therapists who would leave the list."""
    gain = option.gain
    unmet = Text(" · ").join(format_wish(wish) for wish in gain.costs)
    none = f"keeps every wish that {gain.against} meets" if gain.against else "keeps every wish"
    leave = f"; {_format_ids(option.leave)} would leave the list" if option.leave else ""
    return Text.assemble(unmet if gain.costs else Text(none), leave)


def _format_ids(ids: Sequence[str]) -> str:
    more = len(ids) - N_NAMED
    return ", ".join(ids[:N_NAMED]) + (f" and {more:,} more (--json)" if more > 0 else "")
