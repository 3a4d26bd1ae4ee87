"""What all who wait lack, as a roster is planned: on the screen, or as a file without small counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import counted, out, print_json, said, table, working

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.matching.capacity.capacity import CapacityReport
    from attune_fit.matching.capacity.hiring_profile import HiringResult
    from attune_fit.matching.capacity.shortage_counts import Reach, Shortage

SHOWN = 3  # codes or therapists under each kind of change; --json has all of them
WORDS = {
    "licensed_regions": "is licensed in",
    "payers": "takes",
    "languages": "speaks",
    "formats": "offers",
    "availability": "works",
}


def lacking(folder: Path, codes: int, target: Path | None, *, as_json: bool) -> None:
    """Count what those who wait lack; print it, or write it."""
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients
    from attune_fit.data.writing.table_writer import write_frame_blocks
    from attune_fit.matching.capacity.capacity import build_capacity_report
    from attune_fit.workspace import check_output_path, read_clinic

    with working("reading the tables") as step:
        clinic, tables = read_clinic(folder)
        if target is not None:
            check_output_path(clinic, target)
        found = build_capacity_report(clinic, tables, find_waiting_clients(clinic, tables), codes, step)
    if target is not None:
        rows = write_frame_blocks([as_frame(found)], target)
        if as_json:
            return print_json({"out": str(target), "rows": rows})
        note = "; none tells a count below 10"
        return out().print(Text.assemble(f"{counted(rows, 'row')} in ", (str(target), "bold"), note))
    return print_json(found.to_dict()) if as_json else show_capacity(found)


def as_frame(found: CapacityReport) -> pd.DataFrame:
    """Every code and therapist as a row; no count that is small is told, nor one whose difference from another is."""
    import pandas as pd

    named = [(one.relaxation, one.side, one.rule, one.what, one.therapists) for one in found.lacks]
    rows = [(*name, *_told(one.reach)) for name, one in zip(named, found.lacks, strict=True)]
    return pd.DataFrame(rows, columns=["relaxation", "side", "rule", "what", "therapists", "first", "few", "every"])


def _told(reach: Reach) -> list[str]:
    """Counts of which each holds the one before: what is left when a smaller is taken from a larger is a count too.

    >>> from attune_fit.matching.capacity.shortage_counts import Reach
    >>> _told(Reach(0, 12, 30)), _told(Reach(3, 25, 30)), _told(Reach(12, 12, 12))
    (['0', '12', '30'], ['fewer than 10', 'not told', '30'], ['12', '12', '12'])
    """
    from attune_fit.training.reporting.model_card import suppress_small_count

    counts, said = astuple(reach), [str(suppress_small_count(reach.every))]
    above = [reach.every]
    for count in reversed(counts[:-1]):
        beside = all(suppress_small_count(more - count) == more - count for more in above)
        said.append(str(suppress_small_count(count)) if beside or suppress_small_count(count) != count else "not told")
        above += [count] if beside else []
    return said[::-1]


def show_capacity(found: CapacityReport) -> None:
    """Print what is missing, the kinds of change that help most first, and a new therapist."""
    said(
        f"\n[bold]{counted(found.waiting, 'client')} wait[/bold] · {found.roster} therapists on the roster. "
        f"{len(found.nobody)} can be offered nobody, {found.few} fewer than {found.shortlist}."
    )
    if found.nobody:
        out().print(Text(f"Nobody: {', '.join(found.nobody[:12])}{' ...' if len(found.nobody) > 12 else ''}"))
    if not found.together:
        return said("No single change of a therapist's or the clinic's would add a candidate for any of them.")
    title, counts = (
        "One change, and how many clients it gives a candidate",
        (">their first", f">under {found.shortlist}"),
    )
    grid = table(title, *counts, ">in all", "change", ">therapists")
    for kind, lacks in _by_kind(found):
        grid.add_row(*_counts(kind), Text(_says(kind), style="bold"), str(kind.therapists))
        for lack in lacks[:SHOWN]:
            grid.add_row(*_counts(lack), f"  {lack.what}", str(lack.therapists))
        if len(lacks) > SHOWN:
            grid.add_row("", "", "", f"  {len(lacks) - SHOWN} more (--json)", "", style="dim")
    out().print(grid)
    said(
        "[dim]Counted where the change is all that stands between a client and some therapist. One opening serves one "
        "client at a time. Whom a client's own changes would bring: attune relax.[/dim]"
    )
    _show_hire(found.hire, first=bool(found.nobody))
    return None


def _by_kind(found: CapacityReport) -> Iterator[tuple[Shortage, list[Shortage]]]:
    for kind in found.together:
        yield kind, [one for one in found.lacks if (one.relaxation, one.rule) == (kind.relaxation, kind.rule)]


def _counts(lack: Shortage) -> tuple[str, ...]:
    return tuple(f"{count:,}" for count in astuple(lack.reach))


def _says(kind: Shortage) -> str:
    """The kind of change as a clause, whatever the code."""
    from attune_fit.matching.relaxation.change import TableChange
    from attune_fit.matching.relaxation.relaxations import RELAXATIONS

    row = next(row for row in RELAXATIONS if row.name == kind.relaxation)
    return TableChange(row, kind.rule, "…" if row.counted_by == "code" else "").description


def _show_hire(hire: HiringResult, *, first: bool) -> None:
    """Say whom to hire."""
    if not hire.wanted or not hire.profile.clients:
        return
    what = "a first candidate" if first else "one candidate more"
    whom = "who can be offered nobody" if first else "who can be offered few"
    for profile in dict.fromkeys((_phrase(hire.profile.codes), _phrase(hire.narrow.codes))):
        count = hire.profile.clients if profile == _phrase(hire.profile.codes) else hire.narrow.clients
        text = f"One therapist who {profile} would give {count} of the {counted(hire.wanted, 'client')} {whom} {what}."
        out().print(Text(text))
    said(f"[dim]{hire.how} Every code they have would give it to {hire.all_codes}; wishes about a person are not "
         "counted on, and one opening serves one client at a time.[/dim]")  # fmt: skip


def _phrase(codes: dict[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{WORDS[name]} {', '.join(some)}" for name, some in codes.items())
