"""The command `attune train`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, Cluster, Jobs, Seed
from attune_fit.app.terminal.errors import handle_errors

DEFAULT_MODEL = "attune"


def _list_models(flag: bool) -> None:
    """Print the models and stop."""
    if flag:
        from attune_fit.app.views.models import show_model_catalogue

        show_model_catalogue()
        raise typer.Exit


@handle_errors
def train(
    clinic: ClinicFolder,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="Which model to train (--models lists them).")
    ] = DEFAULT_MODEL,
    trials: Annotated[
        int, typer.Option(min=0, help="How many settings of LightGBM to try with Optuna; 0 tries none.")
    ] = 0,
    minutes: Annotated[float, typer.Option(min=0.0, help="No trial starts after this many minutes.")] = 10.0,
    seed: Seed = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    _models: Annotated[
        bool, typer.Option("--models", help="List the models and stop.", is_eager=True, callback=_list_models)
    ] = False,
    json: AsJson = False,
) -> None:
    """Train a model on the clinic's outcomes, and measure whether it helps to choose between therapists."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.training import show_training
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic, report_progress=report_progress)
        result = workspace.train(model, trials=trials, minutes=minutes, seed=seed, jobs=jobs, cluster=cluster)
    return print_result(result, lambda: show_training(result.result, workspace), json)
