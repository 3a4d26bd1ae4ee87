"""The command that makes a synthetic clinic, and says how it compares with what is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape

from attune_fit.app.terminal.console import counted, out, print_json, said, table, working

if TYPE_CHECKING:
    from attune_fit.data.synthetic.calibration.compare import StatisticComparison
    from attune_fit.data.synthetic.world import World

LEAST = (30, 3)  # clients and therapists that a report can say anything of
SIBLINGS = 10  # clinics of the same world and size that the report's intervals are read from


def simulated(
    folder: Path,
    world: str,
    changes: Mapping[str, Any],
    clients: int | None,
    therapists: int | None,
    seed: int,
    *,
    items: bool,
    report: bool,
    as_json: bool,
) -> None:
    """Make a synthetic clinic in an empty or new folder."""
    from attune_fit.data.faults import DataFault
    from attune_fit.data.synthetic.named_worlds import WORLDS
    from attune_fit.data.synthetic.simulate import simulate, write_clinic
    from attune_fit.data.synthetic.world_file import find_world

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fix = "Name a new or an empty folder; nothing was changed."
        raise DataFault.error(str(folder), "", "something is there already", fix=fix)
    size = WORLDS.get(world, WORLDS["published"])
    clients, therapists = clients or size.clients, therapists or size.therapists
    true = _changed(find_world(world), changes)
    if report and (clients < LEAST[0] or therapists < LEAST[1]):
        raise typer.BadParameter(f"--report needs at least {LEAST[0]} clients and {LEAST[1]} therapists")
    with working(f"making {counted(clients, 'client')} and {counted(therapists, 'therapist')}") as step:
        try:
            made = simulate(clients, therapists, seed, true, items=items)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        write_clinic(made, folder)
        compared = _reported(folder, true, clients, therapists, seed, step) if report else []
    result: dict[str, Any] = {
        "clinic": str(folder),
        "world": world,
        "clients": len(made.tables.clients),
        "therapists": len(made.tables.therapists),
        "outcomes": len(made.tables.outcomes),
        "seed": seed,
        "truth": str(folder / "truth"),
    }
    if report:
        result["calibration"] = [row.to_dict() for row in compared]
    if as_json:
        return print_json(result)
    name = escape(str(folder))
    said(
        f"[bold]{name}[/bold] holds {counted(clients, 'client')}, {counted(therapists, 'therapist')} and "
        f"{counted(len(made.tables.outcomes), 'outcome record')}. What is true of them lies in "
        f"[bold]{escape(str(folder / 'truth'))}[/bold]; training never reads it."
    )
    if report:
        show_calibration(compared)
        said(f"With pictures: [bold]{escape(str(folder / 'truth' / 'calibration.html'))}[/bold]")
    return said(f"Next: [bold]attune train {name}[/bold]")


def list_worlds() -> None:
    """Print the named worlds."""
    from attune_fit.data.synthetic.named_worlds import WORLDS

    shown = table(
        "Worlds for attune simulate CLINIC --world NAME", "world", "what is true in it", "a sound method should"
    )
    for row in WORLDS.values():
        shown.add_row(row.name, row.description, row.requirement)
    out().print(shown)


def show_calibration(compared: list[StatisticComparison]) -> None:
    """Print each statistic beside what is published."""
    from attune_fit.data.synthetic.calibration.compare import VERDICT_MARKS, format_statistic_value, summarize_verdicts

    shown = table("Beside what is published", "statistic", ">published", ">simulated", ">this clinic", "")
    for family, rows in groupby(compared, key=lambda row: row.statistic.family):
        shown.add_section()
        shown.add_row(f"[bold]{family}[/bold]")
        for row in rows:
            shown.add_row(
                row.statistic.name,
                row.published_text,
                row.simulated_text,
                format_statistic_value(row.values[0]),
                VERDICT_MARKS[row.verdict],
            )
    out().print(shown)
    said(
        f"{summarize_verdicts(compared)}\nsimulated: mean over {SIBLINGS} clinics of this world and size, with its 95% interval; "
        "this clinic is the first of them. ✓ the mean lies within what is published and its interval is no wider; "
        "✗ the whole interval lies outside; ~ cannot be told; unmarked: not judged. A world that differs on purpose "
        "misses on purpose."
    )


def _changed(world: World, changes: Mapping[str, Any]) -> World:
    """The world with what was said on the command line; a larger fit makes room for itself in the pair's share."""
    from attune_fit.data.synthetic.world import MIXES

    changes = dict(changes)
    if "mix" in changes:
        changes["carriers"] = ()
    carried = MIXES[changes["mix"]] if "mix" in changes else world.carrier_shares
    if changes.get("fit") and not carried:
        raise typer.BadParameter(
            "nothing carries fit in this world: say what does with --mix, or leave out --fit-share"
        )
    if changes.get("mix") == "null":
        changes["fit"] = 0.0
    if changes.get("fit", 0.0) > world.dyad:
        changes["dyad"] = changes["fit"]
    try:
        return world.replace(**changes) if changes else world
    except ValueError as error:
        told = [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]  # type: ignore[attr-defined]
        raise typer.BadParameter("; ".join(told)) from None


def _reported(
    folder: Path, world: World, clients: int, therapists: int, seed: int, step: Callable[[str], None]
) -> list[StatisticComparison]:
    """Compare this world, at this size, with what is published; write the page with pictures."""
    from attune_fit.data.synthetic.calibration.calibration_page import write_calibration_page
    from attune_fit.data.synthetic.calibration.compare import run_calibration

    compared = run_calibration(world, clients, therapists, range(seed, seed + SIBLINGS), step)
    step("drawing")
    write_calibration_page(compared, world, clients, therapists, seed, folder / "truth" / "calibration.html")
    return compared
