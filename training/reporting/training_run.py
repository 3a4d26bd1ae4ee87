"""Build what MLflow records of a training: its settings, the figures that decide, child runs, the card and plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.splits import SPLITS
from attune_fit.training.evaluation.metrics import METRICS
from attune_fit.training.fitting.fit_model import ModelFitResult
from attune_fit.training.fitting.tune import TuningTrial
from attune_fit.training.promotion.mlflow_tracking import ChildRun, TrainingRun
from attune_fit.training.promotion.promotion_decision import PromotionDecision
from attune_fit.training.reporting.model_card_report import format_card_report

if TYPE_CHECKING:
    from attune_fit.models.pair_effect_verdict import Verdict

HELD_OUT_METRICS = {"held_out_r": "out_of_fold_r", "rmse": "rmse", "calibration_slope": "calibration_slope"}


def build_training_run(
    fit: ModelFitResult,
    decision: PromotionDecision,
    options: Mapping[str, Any],
    card: Mapping[str, Any],
    active: str,
) -> TrainingRun:
    """Build the run of a training; its ledger and pointer are written.

    Parameters
    ----------
    fit : ModelFitResult
    decision : PromotionDecision
    options : mapping
        Model, seed and number of trials.
    card : mapping
        Facts of the model card; ``bundle`` is the name of the bundle.
    active : str
        Name of the bundle that is live now; empty if it cannot be read, so that no bundle gets the alias.
    """
    fitted = fit.model
    tags = {"bundle": card["bundle"], "model": options["model"], "data": fitted.data_digest,
            "verdict": fitted.verdict.kind, "decision": decision.what}  # fmt: skip
    held_out = fit.predictions_by_split.get("client")
    return TrainingRun(
        params={**options, "n_outcomes": fitted.n_outcomes, **asdict(fit.tuning.growth)},
        metrics=list_deciding_figures(fit),
        tags=tags,
        n_outcomes=fitted.n_outcomes,
        child_runs=[*_list_split_runs(fit), *map(_build_trial_run, fit.tuning.trials)],
        draw_plots=None if held_out is None else partial(draw_training_plots, fitted, held_out),
        active=active,
        description=_describe_run(fit, decision),
        card_page=format_card_report(dict(card)),
    )


def _describe_run(fit: ModelFitResult, decision: PromotionDecision) -> str:
    """Return the verdict, what a search changed, and the decision."""
    searched = [fit.tuning.effect.sentence] if fit.tuning.effect else []
    return " ".join([fit.model.verdict.plain_sentence, *searched, decision.because])


def list_deciding_figures(fit: ModelFitResult) -> dict[str, float]:
    """List the few figures that decide about a model, for the columns of MLflow's table of runs.

    Returns
    -------
    dict of str to float
        ``held_out_r``, ``rmse`` (POMP) and ``calibration_slope`` are means over repeated splits. ``pair_added_r`` and
        its 95% interval, and ``pair_added_p``, are the verdict's. ``learning_gain`` is the r that learning from the
        records added. ``dropout_auc`` and ``dropout_slope`` (calibration) are of dropout. ``tuning_gain`` is the error
        that the search took away, POMP. A figure that was not measured is left out. All other metrics are in the child
        runs.
    """
    dropout = fit.model.dropout.check if fit.model.dropout else None
    tuning = fit.tuning.effect.comparison if fit.tuning.effect else None
    figures = {
        **{name: fit.metrics.get(metric) for name, metric in HELD_OUT_METRICS.items()},
        **_list_verdict_figures(fit.model.verdict),
        "dropout_auc": dropout.auc if dropout else None,
        "dropout_slope": dropout.slope if dropout else None,
        "tuning_gain": tuning.gain if tuning else None,
        "records": float(len(fit.records)),
        "therapists": float(len(np.unique(fit.records.therapist))),
    }
    return {name: float(value) for name, value in figures.items() if value is not None and np.isfinite(value)}


def _list_verdict_figures(verdict: Verdict) -> dict[str, float | None]:
    """List the figures of a verdict; None where not measured."""
    gain, gain_low, gain_high = verdict.learned or (None, None, None)
    return {
        "pair_added_r": verdict.r,
        "pair_added_r_low": verdict.low,
        "pair_added_r_high": verdict.high,
        "pair_added_p": verdict.p,
        "learning_gain": gain,
        "learning_gain_low": gain_low,
        "learning_gain_high": gain_high,
    }


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


def draw_training_plots(model: AllianceModel, held_out: OutOfFoldPredictions, folder: Path) -> None:
    """Draw the plots of a training; matplotlib is loaded only now."""
    from attune_fit.training.reporting.training_plots import draw_plots

    draw_plots(folder, model, held_out)
