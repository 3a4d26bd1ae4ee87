"""The command `attune convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def convert(
    clinic: ClinicFolder,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the canonical tables.", show_default=False)],
    json: AsJson = False,
) -> None:
    """Write the clinic's tables in canonical form, as CSV."""
    from rich.markup import escape

    from attune_fit.app.terminal.console import build_table, print_json, print_text, show_progress
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.columns import TABLES
    from attune_fit.data.formats.table_formats import CANONICAL_SUFFIX
    from attune_fit.data.reading.read_clinic import read_tables
    from attune_fit.data.writing.canonical_export import write_tables

    with show_progress("reading the tables"):
        source = Clinic.open(clinic)
        tables = read_tables(source)
    write_tables(tables, out, source.config)
    rows = {name: len(getattr(tables, name)) for name in TABLES}
    if json:
        return print_json({"out": str(out), "rows": rows, "digest": tables.digest(), "notes": len(tables.warnings)})
    grid = build_table("", "table", ">rows")
    for name, count in rows.items():
        grid.add_row(f"{name}{CANONICAL_SUFFIX}", f"{count:,}")
    print_text(grid)
    warnings = f" Warnings: attune check {escape(str(clinic))}" if tables.warnings else ""
    return print_text(f"Written to [bold]{escape(str(out))}[/bold].{warnings}")
