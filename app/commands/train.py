"""The command `attune train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, Seed
from attune_fit.app.terminal.errors import handle_errors

if TYPE_CHECKING:
    pass


@handle_errors
def train(
    clinic: ClinicFolder,
    trials: Annotated[
        int, typer.Option(min=0, help="How many settings of LightGBM to try with Optuna; 0 tries none.")
    ] = 0,
    minutes: Annotated[float, typer.Option(min=0.0, help="No trial starts after this many minutes.")] = 10.0,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Train a model on the clinic's outcomes, and measure whether it helps to choose between therapists."""
    from attune_fit.app.terminal.console import print_json, show_progress
    from attune_fit.app.views.training import show_training
    from attune_fit.result_frames import convert_training
    from attune_fit.training import train as training
    from attune_fit.workspace import list_client_ids, read_clinic

    with show_progress("reading the tables") as report_progress:
        source, tables = read_clinic(clinic)
        seed = source.config.settings.seed if seed is None else seed
        result = training.train(source, tables, seed=seed, trials=trials, minutes=minutes, say=report_progress)
    if json:
        return print_json(convert_training(result))
    return show_training(result, clinic, has_waiting=bool(list_client_ids(source, tables, waiting_only=True)))
