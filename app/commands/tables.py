"""Commands over tables: draw a synthetic clinic, find faults, write canonical tables."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import tells_faults

commands = typer.Typer()
PANEL = "Tables"  # under which heading `--help` lists them


class Mix(StrEnum):
    """What carries fit in a synthetic clinic."""

    balanced = "balanced"
    wishes = "wishes"
    style = "style"
    attachment = "attachment"
    problems = "problems"
    complementarity = "complementarity"
    threshold = "threshold"
    null = "null"


def _list_worlds(asked: bool) -> None:
    """Print the named worlds and stop."""
    if asked:
        from attune_fit.app.simulating import list_worlds

        list_worlds()
        raise typer.Exit


@commands.command(rich_help_panel=PANEL)
@tells_faults
def simulate(
    clinic: Annotated[Path, typer.Argument(metavar="CLINIC", help="Folder to make; must be empty or new.")],
    world: Annotated[
        str,
        typer.Option(metavar="NAME|FILE", help="What is true: a named world (--worlds lists them), or a world.toml."),
    ] = "published",
    clients: Annotated[
        int | None, typer.Option(min=1, help="How many, a tenth of them waiting; the world's own size when left out.")
    ] = None,
    therapists: Annotated[int | None, typer.Option(min=1, help="How many; likewise.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same clinic.")] = 0,
    fit_share: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.5, help="Share of variance that intake tells of the pair; makes room for itself."),
    ] = None,
    therapist_share: Annotated[
        float | None, typer.Option(min=0.0, max=0.5, help="Share of alliance variance that the therapist carries.")
    ] = None,
    mix: Annotated[Mix | None, typer.Option(help="What carries fit; null: nothing does.")] = None,
    items: Annotated[
        bool, typer.Option("--items", help="Keep the twelve answers of each form, not only scores.")
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report", help="Compare clinics of this world and size with what is published: a table, and pictures."
        ),
    ] = False,
    _worlds: Annotated[
        bool, typer.Option("--worlds", help="List the named worlds and stop.", is_eager=True, callback=_list_worlds)
    ] = False,
    json: AsJson = False,
) -> None:
    """Make a synthetic clinic: tables as a clinic has them, and beside them the truth, which training never reads."""
    from attune_fit.app.simulating import simulated

    changes = {"fit": fit_share, "therapist": therapist_share, "mix": mix.value if mix else None}
    said = {name: value for name, value in changes.items() if value is not None}
    simulated(clinic, world, said, clients, therapists, seed, items=items, report=report, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def check(
    clinic: ClinicFolder,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on notes too.")] = False,
    json: AsJson = False,
) -> None:
    """List every fault of the clinic's tables at once: what stops, and what is only noted."""
    from attune_fit.app.making import checked

    checked(clinic, strict=strict, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def convert(
    clinic: ClinicFolder,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the canonical tables.", show_default=False)],
    json: AsJson = False,
) -> None:
    """Write the clinic's tables in canonical form, as CSV."""
    from attune_fit.app.making import converted

    converted(clinic, out, as_json=json)
