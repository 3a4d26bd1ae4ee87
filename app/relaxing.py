"""What would help one client, as a coordinator reads it in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import counted, out, print_json, said, working

if TYPE_CHECKING:
    from attune_fit.matching.relaxation.expected_gain import ExpectedGain
    from attune_fit.matching.relaxation.relax import RelaxationOption, RelaxationResult

NAMED = 12  # therapists named for one way; --json has all of them


def relaxed(folder: Path, client: str, most: int, *, as_json: bool) -> None:
    """Find what would help a client."""
    from attune_fit.app.ranking import opened
    from attune_fit.matching.relaxation.relax import relax

    with working("reading the tables") as step:
        clinic, tables, model = opened(folder)
        step("trying what could change")
        found = relax(model, clinic, tables, client, most)
    if as_json:
        return print_json(found.to_dict())
    return show_relaxed(found)


def show_relaxed(found: RelaxationResult) -> None:
    """Print the ways, the smallest first, then who stays out of reach."""
    said(
        f"\n[bold]Client {escape(found.client_id)}[/bold] · {found.roster} therapists on the roster: "
        f"{found.candidates} can be offered, {found.roster - found.candidates} cannot"
    )
    out().print(Text(found.verdict, style="italic"))
    if not found.ways:
        said(f"No change, and no {found.together} together, that anybody could make now would add a candidate.")
    for number, way in enumerate(found.ways, 1):
        out().print(_way(number, way))
    if found.found > len(found.ways):
        ways = counted(found.found, "way")
        said(f"[dim]{ways} found, each code by itself; shown are those that ask least and bring most (--most).[/dim]")
    if found.unreached:
        rules = ", ".join(f"{count} by {rule}" for rule, count in found.beyond.items())
        said(f"Out of reach of up to {counted(found.together, 'change')}: {found.unreached} ({rules}).")
    if found.ways:
        said(
            "[dim]In brackets: whose change it is. Estimates are made as if the change had been made. Better: the "
            "probability that this therapist is the better of the two for the client. A conflict is never lifted, and "
            "the law of a region is nobody's wish.[/dim]"
        )


def _way(number: int, way: RelaxationOption) -> Padding:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim")
    lines.add_column()
    steps = Text(" and ").join(Text.assemble((step.says, "bold"), (f" ({step.side})", "dim")) for step in way.steps)
    lines.add_row(str(number), Text.assemble((f"{len(way.only_together)} more: ", "green"), steps))
    lines.add_row("who", _who(way))
    lines.add_row("worth", _worth(way.gain))
    lines.add_row("costs", _costs(way))
    if way.instead:
        lines.add_row("or", f"{counted(len(way.instead), 'other choice')} of codes, with the same effect (--json)")
    return Padding(lines, (1, 0, 0, 0))


def _who(way: RelaxationOption) -> str:
    own = [step for step in way.steps if step.side != "client"]
    each = ", each by a change of their own" if own and len(way.only_together) > 1 else ""
    sure = "" if way.certain else ", where the answer is yes"
    others = len(way.therapists) - len(way.only_together)
    more = f"; with {others} whom fewer of these changes bring" if others else ""
    return _listed(way.only_together) + each + sure + more


def _worth(gain: ExpectedGain) -> str:
    score = f"{gain.therapist_id} is expected {gain.score:.2f}, band {gain.band}"
    if gain.points is None or gain.better is None:
        return f"{score}; nobody can be offered now"
    return f"{score}: {gain.points:+.2f} on {gain.against}, the highest now; better with probability {gain.better:.2f}"


def _costs(way: RelaxationOption) -> Text:
    from attune_fit.app.views.ranking import wish_text

    gain = way.gain
    lost = Text(" · ").join(wish_text(wish) for wish in gain.costs)
    whom = f"no wish that {gain.against} honours" if gain.against else "no wish"
    costs = lost if gain.costs else Text(whom)
    leave = f"; {_listed(way.leave)} would leave the list" if way.leave else ""
    return Text.assemble(costs, leave)


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - NAMED
    return ", ".join(ids[:NAMED]) + (f" and {more:,} more (--json)" if more > 0 else "")
