"""Why a therapist is not on a client's list, or not higher up, as it reads in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import out, print_json, said, table, working

if TYPE_CHECKING:
    from attune_fit.matching.explaining.therapist_comparison import TherapistComparison
    from attune_fit.matching.explaining.why_not import ExclusionDetail, WhyNotResult

TERMS = 6  # shown under the families; --json has all of them
DECIDED = {
    "rules": "One of the two cannot be offered: the rules decide, not the score.",
    "bands": "They stand in different bands: the estimates can be told apart, and the higher band comes first.",
    "wishes": "They share a band: the estimates cannot be told apart, and honoured wishes come first.",
    "turn": "They share a band and honour as many wishes: it is a matter of turn.",
}


def told_why_not(folder: Path, client: str, therapist: str, against: str | None, *, as_json: bool) -> None:
    """Say why not."""
    from attune_fit.app.ranking import opened
    from attune_fit.matching.explaining.why_not import explain_why_not

    with working("reading the tables"):
        clinic, tables, model = opened(folder)
        told = explain_why_not(model, clinic, tables, client, therapist, against)
    return print_json(told.to_dict()) if as_json else show_why_not(told)


def show_why_not(told: WhyNotResult) -> None:
    """Print the rules that leave out, or the place on the list; then the comparison."""
    said(f"\n[bold]Client {escape(told.client_id)}, why not therapist {escape(told.therapist_id)}?[/bold]")
    if told.position:
        said(f"Can be offered: number {told.position} of {told.candidates}, band {told.band}.")
    for ground in told.grounds:
        out().print(_ground(ground))
    if told.grounds:
        every = "Every one of these has to be lifted. " if len(told.grounds) > 1 else ""
        said(f"[dim]{every}{_dates(told)}[/dim]")
    if told.versus:
        _show_versus(told, told.versus)
    elif told.position == 1:
        said("First on the list: nobody stands above. Name another with --against.")


def _ground(ground: ExclusionDetail) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim", width=11)
    lines.add_column()
    broken = ground.broken
    lines.add_row(Text(broken.rule, style="red"), Text(broken.says, style="bold"))
    facts = " · ".join(f"{place}: {says or 'unknown'}" for place, says in ((f.place, f.says) for f in ground.facts))
    if facts or ground.limit:
        lines.add_row("tables say", " · ".join(filter(None, (facts, ground.limit))))
    lines.add_row("lifted by", "; or ".join(ground.lifted_by) or f"nothing Attune would propose ({broken.lifts})")
    return lines


def _dates(told: WhyNotResult) -> str:
    """How old what the roster says is."""
    if told.checked_days is None:
        return f"When the roster row was last checked is not known; the tables speak of {told.as_of}."
    days = f"{told.checked_days} day{'' if told.checked_days == 1 else 's'} before {told.as_of}"
    return f"The roster row, its openings and hours with it, was checked on {told.checked_on}, {days}."


def _show_versus(told: WhyNotResult, other: TherapistComparison) -> None:
    """Print the difference by family and by term, and what it decides."""
    from attune_fit.app.views.ranking import wish_text
    from attune_fit.app.views.score_breakdown import FAMILIES, adding_up

    place = f"number {other.position}, band {other.band}" if other.position else "cannot be offered"
    said(
        f"\n[bold]Against {escape(other.therapist_id)}[/bold] ({place}): expected {told.instrument} "
        f"{other.other_score:.2f} against {other.score:.2f}, {other.points:+.2f}. "
        f"{escape(other.therapist_id)} is better with probability {other.better:.2f}."
    )
    out().print(Text(told.verdict, style="italic"))
    grid = table(f"{other.therapist_id} less {told.therapist_id}", "family", ">points", "what it is")
    for (family, _), points in zip(other.families.items(), adding_up(other.families.values()), strict=True):
        grid.add_row(Text(family, style="bold"), f"{points:+.3f}", FAMILIES[family])
    grid.add_section()
    grid.add_row("difference", f"{round(other.points, 3):+.3f}", "")
    out().print(grid)
    terms = table("The largest terms of it", "term", ">points", told.therapist_id, other.therapist_id)
    for term in other.terms[:TERMS]:
        terms.add_row(term.name, f"{term.points:+.3f}", term.here, term.there)
    out().print(terms)
    for name, wishes in ((told.therapist_id, other.wishes), (other.therapist_id, other.other_wishes)):
        if wishes:
            out().print(Text.assemble((f"{name}  ", "bold"), Text(" · ").join(wish_text(wish) for wish in wishes)))
    said(DECIDED[other.decided_by])
