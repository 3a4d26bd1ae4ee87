"""The commands about tables: simulate, check, convert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from app.show import counted, out, print_json, said, show_faults, table, working


def simulated(
    folder: Path,
    clients: int,
    therapists: int,
    seed: int,
    fit_share: float,
    therapist_share: float,
    mix: str,
    *,
    as_json: bool,
) -> None:
    """Make a synthetic clinic in an empty or new folder."""
    from data.faults import DataFault, Fault
    from data.synthetic.clinic import simulate, write
    from data.synthetic.world import World

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fix = "Name a new or an empty folder; nothing was changed."
        raise DataFault([Fault(True, str(folder), "", "something is there already", fix)])
    try:
        world = World(fit=fit_share, therapist=therapist_share, mix=mix)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with working(f"making {clients:,} clients and {therapists:,} therapists"):
        made = simulate(clients, therapists, seed, world)
        write(made, folder)
    result: dict[str, Any] = {
        "clinic": str(folder),
        "clients": len(made.tables.clients),
        "therapists": len(made.tables.therapists),
        "outcomes": len(made.tables.outcomes),
        "seed": seed,
    }
    if as_json:
        return print_json(result)
    name = escape(str(folder))
    said(
        f"[bold]{name}[/bold] holds {counted(clients, 'client')}, {counted(therapists, 'therapist')} and "
        f"{counted(len(made.tables.outcomes), 'outcome record')}. The truth beside them is "
        "never read by training."
    )
    return said(f"Next: [bold]attune train {name}[/bold]")


def checked(folder: Path, *, strict: bool, as_json: bool) -> None:
    """List every fault; exit 1 when something stops (or, if strict, is noted)."""
    from app.reading import every_fault

    with working("reading the tables"):
        found = every_fault(folder)
    stops = sum(fault.stops for fault in found)
    if as_json:
        print_json({"stops": stops, "notes": len(found) - stops, "faults": [vars(fault) for fault in found]})
    else:
        show_faults(found)
        if not found:
            said("Nothing to mend: every table reads as it should.")
        elif not stops:
            said(f"Nothing stops: {len(found)} noted. Next: [bold]attune train {escape(str(folder))}[/bold]")
    if stops or (strict and found):
        raise typer.Exit(1)


def converted(folder: Path, target: Path, *, as_json: bool) -> None:
    """Write the canonical tables."""
    from data.clinic import Clinic
    from data.columns import TABLES
    from data.convert import write_tables
    from data.reading import read

    with working("reading the tables"):
        clinic = Clinic.open(folder)
        tables = read(clinic)
    write_tables(tables, target, clinic.config)
    rows = {name: len(getattr(tables, name)) for name in TABLES}
    if as_json:
        return print_json({"out": str(target), "rows": rows, "digest": tables.digest(), "notes": len(tables.notes)})
    shown = table("", "table", ">rows")
    for name, count in rows.items():
        shown.add_row(f"{name}.csv", f"{count:,}")
    out().print(shown)
    noted = f" What was noted: attune check {escape(str(folder))}." if tables.notes else ""
    return said(f"Written to [bold]{escape(str(target))}[/bold].{noted}")
