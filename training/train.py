"""Outcomes become a model that is measured, judged, written down, and ranked with where nothing speaks against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.writing.atomic_write import write_atomically
from attune_fit.models import bundle
from attune_fit.models.active_model import build_bundle_path
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.training.crossfit.splits import SPLITS
from attune_fit.training.evaluation.metrics import METRICS
from attune_fit.training.fitting.fit_model import ModelFitResult, fit_clinic_model
from attune_fit.training.fitting.tune import DEFAULT_MINUTES, TuningTrial
from attune_fit.training.promotion.activate import apply_decision
from attune_fit.training.promotion.champion_challenger import describe_recipe
from attune_fit.training.promotion.decision import decide_promotion
from attune_fit.training.promotion.mlflow_tracking import ChildRun, TrainingRun, log_training
from attune_fit.training.reporting.model_card import build_card_facts, build_run_facts
from attune_fit.training.reporting.model_card_page import format_model_card

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

CARD_FILE, CARD_FACTS_FILE = "card.md", "card.json"


@dataclass(frozen=True)
class TrainingResult:
    """What a training gave.

    Attributes
    ----------
    model : AllianceModel
    bundle : str
        Name of its bundle.
    folder : Path
        Where the bundle stands.
    verdict : Verdict
    metrics : dict of str to float
        By name of :data:`METRICS`; what could not be measured is left out.
    n_outcomes : int
        Early alliance records used.
    run : str
        Id of the MLflow run.
    promoted : bool
        Whether the clinic ranks with it now.
    because : str
        Why, or why not.
    notes : tuple of str
        What to look into before it is believed.
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


def train(
    clinic: Clinic,
    tables: Tables,
    *,
    seed: int = 0,
    trials: int = 0,
    minutes: float = DEFAULT_MINUTES,
    say: Callable[[str], None] = lambda _: None,
) -> TrainingResult:
    """Train on a clinic's outcomes, and make the result live where it is not worse than what is live.

    Parameters
    ----------
    clinic : Clinic
        Everything is written under its ``artifacts/``.
    tables : Tables
        As :func:`read_tables` gives them.
    seed : int
        Decides folds, resamples and the columns trees may read. Same data, same seed: the same bundle, byte by byte.
    trials : int
        Optuna trials; 0 uses the default growth.
    minutes : float
        No trial is begun after that.
    say : callable
        Told what is being done, a sentence at a time.
    """
    learnt = fit_clinic_model(clinic, tables, seed, trials, minutes, say)
    model, recipe = learnt.model, describe_recipe(learnt.recipe, learnt.records)
    name = bundle.compute_bundle_name(model, recipe)
    decision = decide_promotion(learnt, name, clinic, tables, seed, say)

    folder = build_bundle_path(clinic, name)
    bundle.save(model, folder, recipe)
    made = {"seed": seed, "trials": trials}
    sha256 = bundle.compute_sha256((folder / bundle.MANIFEST_FILE).read_bytes())
    card = build_card_facts(model, name, sha256) | build_run_facts(learnt, decision, made)
    if (
        decision.what != "kept" or not (folder / CARD_FILE).exists()
    ):  # the decision that made it live is the one to keep
        write_atomically(folder / CARD_FACTS_FILE, json.dumps(card, indent=1, allow_nan=False) + "\n")
        write_atomically(folder / CARD_FILE, format_model_card(card))

    say("Recording the run in MLflow.")
    tags = {"bundle": name, "data": model.data_digest, "verdict": model.verdict.kind, "decision": decision.what}
    params = {**made, "n_outcomes": model.n_outcomes, **asdict(learnt.tuning.growth)}
    parts = [*_list_split_runs(learnt), *map(_build_trial_run, learnt.tuning.trials)]
    draw = partial(_draw_plots, learnt) if learnt.predictions_by_split else None
    live = decision.what == "promoted" or decision.replaced == name
    run = log_training(clinic.artifacts, folder,
                TrainingRun(params, learnt.metrics, tags, model.n_outcomes, parts, draw, live))  # fmt: skip
    promoted = apply_decision(clinic, name, model, decision)
    model = replace(model, bundle=name)
    return TrainingResult(
        model, name, folder, model.verdict, learnt.metrics, model.n_outcomes, run, promoted, decision.because,
        learnt.notes,
    )  # fmt: skip


def _list_split_runs(learnt: ModelFitResult) -> Iterator[ChildRun]:
    """What was measured in each way of holding records back."""
    for row in SPLITS:
        if row.name in learnt.predictions_by_split:
            named = {metric.name for metric in METRICS if metric.split == row.name}
            metrics = {name: value for name, value in learnt.metrics.items() if name in named}
            yield ChildRun(
                f"held back: {row.name}",
                {"claim": row.claim, "records": len(learnt.predictions_by_split[row.name].y)},
                metrics,
            )


def _build_trial_run(one: TuningTrial) -> ChildRun:
    """What Optuna tried."""
    error = "rmse_on_first_folds" if one.is_pruned else "rmse_out_of_fold"
    return ChildRun(f"trial {one.number}", {**one.params, "pruned": one.is_pruned},
                {error: one.value**0.5, "seconds": one.seconds})  # fmt: skip


def _draw_plots(learnt: ModelFitResult, folder: Path) -> None:
    """Draw what the training saw; matplotlib is loaded only now."""
    from attune_fit.training.reporting.plots import draw_plots

    draw_plots(folder, learnt.model, learnt.predictions_by_split["client"])
