"""The sum behind one pair's score, as it reads in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from app.show import out, said, table

if TYPE_CHECKING:
    from matching.explain import Explanation

PARTS = {
    "baseline": "what the client's intake says about any therapist; it never moves a ranking",
    "evidence": "published effects on this pair, moved by this clinic's records",
    "learned": "what LightGBM adds to them",
    "limit": "no rating lies beyond the ends of the form",
    "therapist": "the therapist's own effect, shrunken; 0 for one not seen yet",
}
SMALL = 0.005  # points: below, a term is not seen in the second decimal


def show_explanation(told: Explanation) -> None:
    """Print the four parts, the terms that can be seen, and the rules that leave the therapist out."""
    said(f"\n[bold]Client {escape(told.client_id)} with therapist {escape(told.therapist_id)}[/bold]")
    for broken in told.rules:
        why = f"{broken.rule}: {broken.says}. What would lift it: {broken.lifts}."
        out().print(Text.assemble(("Not to be offered, ", "red"), why))
    out().print(Text(told.verdict, style="italic"))
    parts = table("", "part", f">{told.instrument} points", "what it is")
    for name, points in told.parts.items():
        parts.add_row(name, f"{points:+.3f}", PARTS[name])
    parts.add_section()
    parts.add_row("expected alliance", f"{told.score:.3f}", f"one early rating: {told.low:.2f} to {told.high:.2f}")
    out().print(parts)
    terms = table("Term by term", "term", "family", ">points", "what is true of the pair")
    seen = [one for one in told.addends if abs(one.points) >= SMALL]
    for one in seen:
        terms.add_row(
            one.name, one.family, f"{one.points:+.3f}", one.says if one.known else "unknown: taken as typical"
        )
    rest = [one for one in told.addends if abs(one.points) < SMALL]
    if rest:
        terms.add_row(f"{len(rest)} others", "", f"{sum(one.points for one in rest):+.3f}", "each under 0.005 points")
    out().print(terms)
    said("[dim]Terms are measured from a typical pair; reasons in a ranking from the average of those offered.[/dim]")
