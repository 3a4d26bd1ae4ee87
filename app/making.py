"""The commands about tables as handed in: check, convert."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.markup import escape

from attune_fit.app.terminal.console import out, print_json, said, show_faults, table, working


def checked(folder: Path, *, strict: bool, as_json: bool) -> None:
    """List every fault; exit 1 when something stops (or, if strict, is noted)."""
    from attune_fit.workspace import list_clinic_faults

    with working("reading the tables"):
        found = list_clinic_faults(folder)
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
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.columns import TABLES
    from attune_fit.data.reading.read_clinic import read_tables
    from attune_fit.data.writing.canonical_export import write_tables

    with working("reading the tables"):
        clinic = Clinic.open(folder)
        tables = read_tables(clinic)
    write_tables(tables, target, clinic.config)
    rows = {name: len(getattr(tables, name)) for name in TABLES}
    if as_json:
        return print_json({"out": str(target), "rows": rows, "digest": tables.digest(), "notes": len(tables.warnings)})
    shown = table("", "table", ">rows")
    for name, count in rows.items():
        shown.add_row(f"{name}.csv", f"{count:,}")
    out().print(shown)
    noted = f" What was noted: attune check {escape(str(folder))}." if tables.warnings else ""
    return said(f"Written to [bold]{escape(str(target))}[/bold].{noted}")
