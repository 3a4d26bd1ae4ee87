"""The use case `attune train`: fit a model, measure it, decide whether it becomes live, and write all of it down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.models import model_bundle
from attune_fit.models.active_pointer import build_bundle_path
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.training.crossfit.splits import SPLITS
from attune_fit.training.evaluation.metrics import METRICS
from attune_fit.training.fitting.fit_model import ModelFitResult, fit_clinic_model
from attune_fit.training.fitting.tune import DEFAULT_MINUTES, TuningTrial
from attune_fit.training.methods.model_catalogue import DEFAULT_MODEL, find_trainable_model
from attune_fit.training.promotion.activate import apply_decision
from attune_fit.training.promotion.artifact_access import check_artifacts_writable
from attune_fit.training.promotion.champion_challenger import describe_recipe
from attune_fit.training.promotion.mlflow_tracking import ChildRun, TrainingRun, log_training
from attune_fit.training.promotion.promotion_decision import decide_promotion
from attune_fit.training.reporting.model_card import build_card_facts, build_run_facts
from attune_fit.training.reporting.model_card_page import format_model_card

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

CARD_FILE, CARD_FACTS_FILE = "card.md", "card.json"


@dataclass(frozen=True)
class TrainingResult:
    """The result of one training.

    Attributes
    ----------
    model : AllianceModel
    bundle : str
        Name of its bundle.
    folder : Path
        Where the bundle is.
    verdict : Verdict
    metrics : dict of str to float
        Mean over repeated splits, by name of :data:`METRICS`; what cannot be measured is left out. ``pair_added_r`` is
        the verdict's, from the first split.
    n_outcomes : int
        Early alliance records used.
    run : str
        Id of the MLflow run.
    promoted : bool
        Whether the clinic now ranks with it.
    because : str
        Why, or why not.
    notes : tuple of str
        Warnings to read before the model is trusted.
    metrics_spread : dict of str to float
        Standard deviation of each metric over the repeated splits; 0.0 where only one split is possible.
    n_splits : dict of str to int
        How many splits there were, by name of :data:`SPLITS`.
    model_name : str
        Name of the row of :data:`MODELS` that was trained.
    """

    model: AllianceModel
    bundle: str
    folder: Path
    verdict: Verdict
    metrics: dict[str, float]
    n_outcomes: int
    run: str
    promoted: bool
    because: str
    notes: tuple[str, ...] = ()
    metrics_spread: dict[str, float] = field(default_factory=dict)
    n_splits: dict[str, int] = field(default_factory=dict)
    model_name: str = DEFAULT_MODEL


def train(
    clinic: Clinic,
    tables: Tables,
    *,
    seed: int = 0,
    trials: int = 0,
    minutes: float = DEFAULT_MINUTES,
    report_progress: Callable[[str], None] = lambda _: None,
    model: str = DEFAULT_MODEL,
) -> TrainingResult:
    """Train a model on a clinic's outcomes, and make it live if it passes every check against the live model.

    Parameters
    ----------
    clinic : Clinic
        Everything is written under its ``artifacts/``.
    tables : Tables
        As :func:`read_tables` gives them.
    seed : int
        Decides folds, resamples and the columns that trees can read. The same data and seed give the same bundle, byte
        by byte.
    trials : int
        Optuna trials; 0 uses the default hyperparameters.
    minutes : float
        No trial starts after this time.
    report_progress : callable
        Takes progress lines, one sentence each.
    model : str
        Name of a row of :data:`MODELS` that can be trained.

    Raises
    ------
    DataFault
        If no such model can be trained (the message lists those that can), or ``artifacts/`` cannot be written. Both
        are found before anything is computed.
    """
    row = find_trainable_model(model)
    check_artifacts_writable(clinic)  # before minutes of computing
    fit = fit_clinic_model(clinic, tables, seed, trials, minutes, report_progress, row)
    fitted, recipe = fit.model, describe_recipe(fit.recipe, fit.records, row.name)
    name = model_bundle.compute_bundle_name(fitted, recipe)
    decision = decide_promotion(fit, name, clinic, tables, seed, report_progress)

    folder = build_bundle_path(clinic, name)
    model_bundle.save(fitted, folder, recipe)
    options = {"model": row.name, "seed": seed, "trials": trials}
    sha256 = model_bundle.compute_sha256((folder / model_bundle.MANIFEST_FILE).read_bytes())
    card = build_card_facts(fitted, name, sha256) | build_run_facts(fit, decision, options)
    if (
        decision.what != "kept" or not (folder / CARD_FILE).exists()
    ):  # a live bundle keeps the decision that made it live
        write_atomically(folder / CARD_FACTS_FILE, json.dumps(card, indent=1, allow_nan=False) + "\n")
        write_atomically(folder / CARD_FILE, format_model_card(card))

    report_progress("Recording the run in MLflow.")
    tags = {"bundle": name, "model": row.name, "data": fitted.data_digest, "verdict": fitted.verdict.kind,
            "decision": decision.what}  # fmt: skip
    params = {**options, "n_outcomes": fitted.n_outcomes, **asdict(fit.tuning.growth)}
    child_runs = [*_list_split_runs(fit), *map(_build_trial_run, fit.tuning.trials)]
    draw = partial(_draw_plots, fit) if fit.predictions_by_split else None
    is_live = decision.what == "promoted" or decision.replaced == name
    metrics = _add_spreads(fit.metrics, fit)
    run = log_training(clinic.artifacts, folder,
                TrainingRun(params, metrics, tags, fitted.n_outcomes, child_runs, draw, is_live))  # fmt: skip
    promoted = apply_decision(clinic, name, fitted, decision)
    fitted = replace(fitted, bundle=name)
    return TrainingResult(
        fitted, name, folder, fitted.verdict, fit.metrics, fitted.n_outcomes, run, promoted, decision.because,
        fit.notes, fit.metrics_spread, fit.n_splits, row.name,
    )  # fmt: skip


def _list_split_runs(fit: ModelFitResult) -> Iterator[ChildRun]:
    """Yield a child run for each way of holding records out, with its metrics."""
    for row in SPLITS:
        if row.name in fit.predictions_by_split:
            names = {metric.name for metric in METRICS if metric.split == row.name}
            metrics = {name: value for name, value in fit.metrics.items() if name in names}
            records = len(fit.predictions_by_split[row.name].y)
            params = {"claim": row.claim, "records": records, "splits": fit.n_splits.get(row.name, 1)}
            yield ChildRun(f"held back: {row.name}", params, _add_spreads(metrics, fit))


def _add_spreads(metrics: dict[str, float], fit: ModelFitResult) -> dict[str, float]:
    """Return the metrics, and the standard deviation of each over splits as ``NAME_spread``."""
    return metrics | {f"{name}_spread": fit.metrics_spread[name] for name in metrics if name in fit.metrics_spread}


def _build_trial_run(trial: TuningTrial) -> ChildRun:
    """Build the child run of an Optuna trial."""
    error = "rmse_on_first_folds" if trial.is_pruned else "rmse_out_of_fold"
    return ChildRun(f"trial {trial.number}", {**trial.params, "pruned": trial.is_pruned},
                {error: trial.value**0.5, "seconds": trial.seconds})  # fmt: skip


def _draw_plots(fit: ModelFitResult, folder: Path) -> None:
    """Draw the plots of a training; matplotlib is loaded only now."""
    from attune_fit.training.reporting.training_plots import draw_plots

    draw_plots(folder, fit.model, fit.predictions_by_split["client"])
