"""The use case `attune train`: fit a model, measure it, decide whether it becomes live, and write all of it down."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from attune_fit.data.clinic_lock import LOCK_FILE, ClinicBusyFault, lock_clinic
from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault
from attune_fit.models import model_bundle
from attune_fit.models.active_pointer import build_bundle_path, read_active_name
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.training.fitting.fit_model import ModelFitResult, fit_clinic_model
from attune_fit.training.fitting.tune import DEFAULT_MINUTES
from attune_fit.training.methods.model_catalogue import DEFAULT_MODEL, find_trainable_model
from attune_fit.training.promotion.activate import apply_decision
from attune_fit.training.promotion.artifact_access import check_artifacts_writable
from attune_fit.training.promotion.champion_challenger import describe_recipe
from attune_fit.training.promotion.mlflow_environment import MlflowUnavailableError
from attune_fit.training.promotion.mlflow_tracking import (
    describe_server_choice,
    find_run_store,
    open_run_store,
)
from attune_fit.training.promotion.promotion_decision import PromotionDecision, decide_promotion
from attune_fit.training.promotion.run_recorder import RunRecorder
from attune_fit.training.reporting.model_card import build_card_facts, build_run_facts
from attune_fit.training.reporting.model_card_page import format_model_card
from attune_fit.training.reporting.training_run import build_training_run

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.parallel.executor import Executor
    from attune_fit.training.fitting.tuning_effect import TuningEffect

CARD_FILE, CARD_FACTS_FILE = "card.md", "card.json"
COMMAND = "attune train"
LOCK_SECONDS = 600.0  # how long a finished training waits for another command, before it saves its bundle and stops


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
        Id of the MLflow run; empty if MLflow could not record it, and then ``run_note`` gives the reason.
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
    run_note : str
        Why the run is not in MLflow, and what to do; empty if it is there.
    tuning : TuningEffect or None
        What the search for settings of the trees changed; None without one.
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
    run_note: str = ""
    tuning: TuningEffect | None = None


def train(
    clinic: Clinic,
    tables: Tables,
    *,
    seed: int = 0,
    trials: int = 0,
    minutes: float = DEFAULT_MINUTES,
    report_progress: Callable[[str], None] = lambda _: None,
    model: str = DEFAULT_MODEL,
    executor: Executor | None = None,
    recorder: RunRecorder | None = None,
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
    executor : Executor, optional
        Works on folds and trials; it decides no result. Default: this process.
    recorder : RunRecorder, optional
        Records the run. Default: this process.

    Raises
    ------
    DataFault
        If no such model can be trained (the message lists those that can), or ``artifacts/`` cannot be written. Both
        are found before anything is computed. Also if another command keeps the clinic locked for
        :data:`LOCK_SECONDS`: the bundle is saved then, and the message shows how to promote it.

    Notes
    -----
    The clinic is locked while the decision about the live model is made and written, not while the model is fitted: a
    rollback does not wait for hours of trials. MLflow is checked before, and recorded last: without it the training is
    the same.
    """
    row = find_trainable_model(model)
    check_artifacts_writable(clinic)  # before minutes of computing
    store, run_note = find_run_store(clinic), ""
    notes = [describe_server_choice(clinic)]
    with lock_clinic(clinic.artifacts, COMMAND, report_progress) as takeover:
        notes.append(takeover)
        try:
            notes.append(open_run_store(store))
        except MlflowUnavailableError as error:  # known before the computing, not after
            run_note = str(error)
            report_progress(f"{run_note} The training goes on without it.")
    recorder = recorder or RunRecorder()
    fit = fit_clinic_model(clinic, tables, seed, trials, minutes, report_progress, row, executor)
    recipe = describe_recipe(fit.recipe, fit.records, row.name)
    name = model_bundle.compute_bundle_name(fit.model, recipe)
    options = {"model": row.name, "seed": seed, "trials": trials}
    try:
        with lock_clinic(clinic.artifacts, COMMAND, report_progress, LOCK_SECONDS) as takeover:
            notes.append(takeover)
            with threadpool_limits(limits=1):  # as in the fit: sums must not depend on the number of cores
                decision = decide_promotion(fit, name, clinic, tables, seed, report_progress)
            card = _build_card(name, fit, recipe, decision, options)
            folder = _save_bundle(clinic, name, fit, recipe, card)
            promoted = apply_decision(clinic, name, fit.model, decision)
            run = ""
            if not run_note:
                report_progress("Recording the run in MLflow.")
                training_run = build_training_run(fit, decision, options, card, _read_active_name(clinic))
                run, run_note = recorder.record(store, folder, training_run)
    except ClinicBusyFault as busy:
        because = "Another command was at work on the live model, so this model was not compared with it."
        kept = PromotionDecision("kept", because, "")
        _save_bundle(clinic, name, fit, recipe, _build_card(name, fit, recipe, kept, options))
        raise _explain_saved_bundle(clinic, name, busy) from None
    fitted = replace(fit.model, bundle=name)
    return TrainingResult(
        fitted, name, folder, fitted.verdict, fit.metrics, fitted.n_outcomes, run, promoted, decision.because,
        (*fit.notes, *filter(None, notes)), fit.metrics_spread, fit.n_splits, row.name, run_note,
        fit.tuning.effect,
    )  # fmt: skip


def _build_card(
    name: str, fit: ModelFitResult, recipe: dict[str, Any], decision: PromotionDecision, options: dict[str, Any]
) -> dict[str, Any]:
    """Return the facts of the model card of a training."""
    sha256 = model_bundle.compute_manifest_digest(fit.model, recipe)
    return build_card_facts(fit.model, name, sha256) | build_run_facts(fit, decision, options)


def _save_bundle(clinic: Clinic, name: str, fit: ModelFitResult, recipe: dict[str, Any], card: dict[str, Any]) -> Path:
    """Save the bundle of a training with its card; return its folder."""
    folder, cards = build_bundle_path(clinic, name), {}
    has_card = (folder / CARD_FILE).exists()
    if card["decision"]["what"] != "kept" or not has_card:  # a live bundle keeps the decision that made it live
        facts = json.dumps(card, indent=1, allow_nan=False) + "\n"
        cards = {CARD_FACTS_FILE: facts, CARD_FILE: format_model_card(card)}
    model_bundle.save(fit.model, folder, recipe, cards)
    return folder


def _explain_saved_bundle(clinic: Clinic, name: str, busy: ClinicBusyFault) -> DataFault:
    """Return the fault of a training that could not decide: its bundle is saved, and can be promoted by hand."""
    command = f"attune models promote {format_word(clinic.folder)} {name} --because TEXT"
    fix = f"The new model is saved as bundle {name}, and no work is lost. Rank with it: {command}"
    message = f"{busy.owner} is still at work on the live model"
    return DataFault.error("training-not-decided", f"artifacts/{LOCK_FILE}", "", message, fix=fix)


def _read_active_name(clinic: Clinic) -> str:
    """Return the name of the live bundle; empty if it cannot be read, so that no bundle gets the alias."""
    try:
        return read_active_name(clinic)
    except DataFault:
        return ""
