"""Print what capacity is missing for the clients who wait, or write it to a file without small counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.journal_hints import format_roster_check

if TYPE_CHECKING:
    from attune_fit.matching.capacity.capacity import CapacityReport
    from attune_fit.matching.capacity.shortage_counts import Shortage

N_SHORTAGES = 3  # codes or therapists printed under each kind of change; --json has all of them
BRANCH = "└"  # begins a row that belongs to the row above it
N_CLIENTS_NAMED = 12  # clients without a candidate named in the terminal; --json has all of them
VERBS = {
    "licensed_regions": "is licensed in",
    "payers": "takes",
    "languages": "speaks",
    "formats": "offers",
    "availability": "works",
}


def show_written_capacity(rows: int, target: Path) -> None:
    """Print where the table was written, and how many rows it has."""
    note = "; counts below 10 are hidden"
    print_text(Text.assemble(f"{format_count(rows, 'row')} in ", (str(target), "bold"), note))


def show_capacity(report: CapacityReport, folder: object = "CLINIC") -> None:
    """Print what is missing, the kinds of change that help most clients first, and whom to hire.

    ``folder`` is that of the clinic, for the command that records a check of a roster row.
    """
    clients, roster = format_count(report.waiting, "client"), format_count(report.roster, "therapist")
    print_text(
        f"\n[bold]{clients} waiting[/bold] · {roster} on the roster. "
        f"Clients without a candidate: {len(report.without_candidate)}; "
        f"with fewer than {report.shortlist}: {report.few}."
    )
    if report.without_candidate:
        more = " ..." if len(report.without_candidate) > N_CLIENTS_NAMED else ""
        print_text(Text(f"Without a candidate: {', '.join(report.without_candidate[:N_CLIENTS_NAMED])}{more}"))
    if report.together:
        _show_shortages(report)
        if to_check := [lack.what for lack in report.lacks if lack.relaxation == "checked"]:
            print_text(format_roster_check(folder, to_check[0]))
    else:
        print_text("No single change by a therapist or by the clinic would add a candidate for any of them.")
    _show_hire(report)


def _show_shortages(report: CapacityReport) -> None:
    """Print each kind of change, and under it the codes or the therapists that help most clients."""
    title = "One change, and the number of clients to whom it adds a candidate"
    grid = build_table(
        title, "one therapist …", ">first candidate", f">had under {report.shortlist}", ">all", ">therapists"
    )
    for kind, shortages in _group_by_kind(report):
        name = Text(_describe_kind(kind).removeprefix("the therapist "), style="bold")
        grid.add_row(name, *_format_reach(kind), str(kind.therapists))
        for shortage in shortages[:N_SHORTAGES]:
            grid.add_row(f"{BRANCH} {shortage.what}", *_format_reach(shortage), str(shortage.therapists))
        if len(shortages) > N_SHORTAGES:
            grid.add_row(f"{BRANCH} {len(shortages) - N_SHORTAGES} more (--json)", style="dim")
    print_text(grid)
    print_text(
        f"[dim]{BRANCH}: one code or one therapist of the change above it. A client counts if this one change makes "
        "a therapist available. One opening serves one client at a time. Changes by a client: attune relax.[/dim]"
    )


def _group_by_kind(report: CapacityReport) -> Iterator[tuple[Shortage, list[Shortage]]]:
    for kind in report.together:
        yield kind, [lack for lack in report.lacks if (lack.relaxation, lack.rule) == (kind.relaxation, kind.rule)]


def _format_reach(shortage: Shortage) -> tuple[str, ...]:
    return tuple(f"{count:,}" for count in astuple(shortage.reach))


def _describe_kind(kind: Shortage) -> str:
    """Return the kind of change as a clause, with "…" in the place of the code."""
    from attune_fit.matching.relaxation.proposed_change import TableChange
    from attune_fit.matching.relaxation.relaxations import RELAXATIONS

    row = next(row for row in RELAXATIONS if row.name == kind.relaxation)
    return TableChange(row, kind.rule, "…" if row.counted_by == "code" else "").description


def _show_hire(report: CapacityReport) -> None:
    """Print the profile of a new therapist who would help most of these clients, or that there is none."""
    hire = report.hire
    if not hire.wanted:
        return print_text(
            f"No new therapist is needed: every client has {format_count(report.shortlist, 'candidate')} or more."
        )
    whom = _format_whom(hire.wanted, has_none=bool(report.without_candidate))
    if not hire.profile.clients:
        return print_text(
            f"No profile of a new therapist surely helps {whom}: a need is unknown, or is checked only after the hire."
        )
    for profile in dict.fromkeys((_format_profile(hire.profile.codes), _format_profile(hire.narrow.codes))):
        count = hire.profile.clients if profile == _format_profile(hire.profile.codes) else hire.narrow.clients
        helped = whom if count == hire.wanted else f"{count} of {whom}"
        print_text(Text(f"One therapist who {profile} would help {helped}."))
    print_text(f"[dim]{hire.how} A therapist with every code these clients need would help {hire.all_codes}. "
               "Wishes about a person are not counted. One opening serves one client at a time.[/dim]")  # fmt: skip
    return None


def _format_whom(number: int, *, has_none: bool) -> str:
    """Return the clients to hire for.

    >>> _format_whom(1, has_none=True), _format_whom(14, has_none=False)
    ('the 1 client who has no candidate', 'the 14 clients who have few candidates')
    """
    has = "has" if number == 1 else "have"
    return f"the {format_count(number, 'client')} who {has} {'no candidate' if has_none else 'few candidates'}"


def _format_profile(codes: dict[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{VERBS[name]} {', '.join(values)}" for name, values in codes.items())
