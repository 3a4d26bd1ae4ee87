"""The command `attune demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def demo(
    clinic: Annotated[
        Path, typer.Argument(metavar="[CLINIC]", help="Folder to make. An earlier demo there is replaced.")
    ] = Path("demo"),
    seed: Annotated[int, typer.Option(min=0, help="Each seed gives another clinic.")] = 0,
) -> None:
    """Make a synthetic clinic, train on it, and rank the therapists for one client who waits, in a minute."""
    from attune_fit.app.terminal.console import show_progress
    from attune_fit.app.views.demo import show_demo
    from attune_fit.demo_clinic import N_CLIENTS, N_THERAPISTS, build_demo

    first_step = f"making a synthetic clinic of {N_CLIENTS} clients and {N_THERAPISTS} therapists"
    with show_progress(first_step) as report_progress:
        made = build_demo(clinic, seed, report_progress)
    show_demo(made, clinic)
