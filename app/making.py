"""The commands about tables: simulate, check, convert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.show import out, print_json, said, show_faults, table, working


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
    with working(f"making {clients:,} clients and {therapists:,} therapists"):
        made = simulate(clients, therapists, seed, World(fit=fit_share, therapist=therapist_share, mix=mix))
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
    said(
        f"[bold]{folder}[/bold] holds {result['clients']:,} clients, {result['therapists']:,} therapists and "
        f"{result['outcomes']:,} outcome records. The truth is in {folder / 'truth'}; training never reads it."
    )
    return said(f"Next: [bold]attune train {folder}[/bold]")


def checked(folder: Path, *, strict: bool, as_json: bool) -> None:
    """List every fault; exit 1 when something stops (or, if strict, is noted)."""
    import typer

    from data.clinic import Clinic
    from data.reading import faults

    with working("reading the tables"):
        found = faults(Clinic.open(folder))
    stops = sum(fault.stops for fault in found)
    if as_json:
        print_json({"stops": stops, "notes": len(found) - stops, "faults": [vars(fault) for fault in found]})
    else:
        show_faults(found)
        if not found:
            said("Nothing to mend: every table reads as it should.")
        elif not stops:
            said(f"Nothing stops: {len(found)} noted. Next: [bold]attune train {folder}[/bold]")
    if stops or (strict and found):
        raise typer.Exit(1)


def converted(folder: Path, target: Path, *, as_json: bool) -> None:
    """Write the canonical tables."""
    from data.clinic import Clinic
    from data.columns import TABLES
    from data.convert import write_tables
    from data.reading import read

    with working("reading the tables"):
        tables = read(Clinic.open(folder))
    write_tables(tables, target)
    rows = {name: len(getattr(tables, name)) for name in TABLES}
    if as_json:
        return print_json({"out": str(target), "rows": rows, "digest": tables.digest(), "notes": len(tables.notes)})
    shown = table("table", ">rows")
    for name, count in rows.items():
        shown.add_row(f"{name}.csv", f"{count:,}")
    out().print(shown)
    noted = f" {len(tables.notes)} things were noted: attune check {folder} lists them." if tables.notes else ""
    return said(f"Written to [bold]{target}[/bold].{noted}")
