"""The command `attune train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, Seed
from attune_fit.app.terminal.errors import handle_errors

if TYPE_CHECKING:
    from attune_fit.training.train import TrainingResult


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
    from attune_fit.training import train as training
    from attune_fit.workspace import list_client_ids, read_clinic

    with show_progress("reading the tables") as report_progress:
        source, tables = read_clinic(clinic)
        seed = source.config.settings.seed if seed is None else seed
        result = training.train(source, tables, seed=seed, trials=trials, minutes=minutes, say=report_progress)
    if json:
        return print_json(_to_dict(result))
    return show_training(result, clinic, has_waiting=bool(list_client_ids(source, tables, waiting_only=True)))


def _to_dict(result: TrainingResult) -> dict[str, Any]:
    from dataclasses import asdict

    metrics = ("metrics", "metrics_spread", "n_splits")
    names = ("bundle", *metrics, "n_outcomes", "run", "promoted", "because", "notes")
    plain = {name: getattr(result, name) for name in names}
    verdict = {**asdict(result.verdict), "sentence": result.verdict.sentence, "reach": result.verdict.power_sentence}
    return {**plain, "folder": str(result.folder), "verdict": verdict}
