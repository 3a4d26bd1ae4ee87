"""The command `attune simulate`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson
from attune_fit.app.terminal.errors import handle_errors


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


def _list_worlds(flag: bool) -> None:
    """Print the named worlds and stop."""
    if flag:
        from attune_fit.app.views.calibration import show_worlds

        show_worlds()
        raise typer.Exit


@handle_errors
def simulate(
    clinic: Annotated[Path, typer.Argument(metavar="CLINIC", help="Folder to make; it must be new or empty.")],
    world: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE", help="The true effects: a named world (--worlds lists them), or a world.toml."
        ),
    ] = "published",
    clients: Annotated[
        int | None, typer.Option(min=1, help="Number of clients; a tenth of them wait. Default: the size of the world.")
    ] = None,
    therapists: Annotated[
        int | None, typer.Option(min=1, help="Number of therapists. Default: the size of the world.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same clinic.")] = 0,
    fit_share: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=0.5,
            help="Share of alliance variance from fit, which intake predicts. The pair's share grows with it.",
        ),
    ] = None,
    therapist_share: Annotated[
        float | None, typer.Option(min=0.0, max=0.5, help="Share of alliance variance from the therapist.")
    ] = None,
    mix: Annotated[Mix | None, typer.Option(help="Which features carry fit; null: none.")] = None,
    items: Annotated[
        bool, typer.Option("--items", help="Write the twelve answers of each form, not only scores.")
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report", help="Compare clinics of this world and size with published statistics: a table and charts."
        ),
    ] = False,
    _worlds: Annotated[
        bool, typer.Option("--worlds", help="List the named worlds and stop.", is_eager=True, callback=_list_worlds)
    ] = False,
    json: AsJson = False,
) -> None:
    """Make a synthetic clinic: its tables, and in a folder of its own the truth, which training never reads."""
    from attune_fit.app.terminal.console import format_count, print_result, show_progress
    from attune_fit.app.views.calibration import show_simulation
    from attune_fit.simulated_clinic import write_simulated_clinic
    from attune_fit.simulation import choose_size

    clients, therapists = choose_size(world, clients, therapists)
    sizes = f"{format_count(clients, 'client')} and {format_count(therapists, 'therapist')}"
    with show_progress(f"making {sizes}") as report_progress:
        try:
            result = write_simulated_clinic(
                clinic, clients, therapists, seed, world, items=items, fit_share=fit_share,
                therapist_share=therapist_share, mix=mix and mix.value, report=report, report_progress=report_progress,
            )  # fmt: skip
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    return print_result(result, lambda: show_simulation(result.result), json)
