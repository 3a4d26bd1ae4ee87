"""Fit a clinic's model to its outcomes, and measure it on records that it has not seen (cross-fitting)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.outcomes.equating import find_reference_instrument
from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions, predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models, fit_ahead
from attune_fit.training.crossfit.splits import SPLITS, Fold, count_repeats, draw_splits
from attune_fit.training.crossfit.training_outcomes import build_clinic_records, compute_training_outcomes
from attune_fit.training.crossfit.variance_choice import choose_variances
from attune_fit.training.evaluation.metrics import compute_mean_metrics, compute_mean_over_splits, compute_pair_added_r
from attune_fit.training.evaluation.rank_outcome import RankOutcome, measure_held_out_rank
from attune_fit.training.fitting.crossfit_recipe import (
    CrossFit,
    build_starting_weights_recipe,
    predict_splits_with_re_pairings,
)
from attune_fit.training.fitting.fit_dropout import fit_dropout
from attune_fit.training.fitting.fit_scales import ScaleFit, fit_scales
from attune_fit.training.fitting.leakage_warnings import list_leakage_warnings
from attune_fit.training.fitting.outcome_copies import check_outcome_copies
from attune_fit.training.fitting.pair_weight_choice import choose_pair_weights
from attune_fit.training.fitting.tune import DEFAULT_MINUTES, TuningResult, split_search_folds, tune_trees
from attune_fit.training.fitting.tuning_effect import measure_tuning_effect
from attune_fit.training.methods.model_catalogue import DEFAULT_MODEL, MODELS, ModelRow
from attune_fit.training.methods.tree_weight import TreeWeights, compute_tree_weights

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.parallel.executor import Executor

N_FOLDS = 5
MIN_PARALLEL_RECORDS = 2_000  # below, a process takes longer to start than it saves


@dataclass(frozen=True)
class ModelFitResult:
    """A fitted model, how it was made, and how well it predicts.

    Attributes
    ----------
    model : AllianceModel
    starting_model : AllianceModel
        The model the clinic starts from: day 0 over the same features. It has seen no outcome.
    recipe : Recipe
        How the model was made.
    records : TrainingDataset
        The records it was made from; empty without outcomes.
    folds : list of Fold
        By client, the first of the repeated splits; empty where the records do not allow one.
    fold_models : list of FoldModel
        The recipe's models of ``folds``.
    predictions_by_split : dict of str to OutOfFoldPredictions
        Of held-out records, by name of :data:`SPLITS`, on the first split of each name.
    metrics : dict of str to float
        Mean over repeated splits, by name of :data:`METRICS`; what cannot be measured is left out. ``pair_added_r`` is
        the verdict's, from the first split.
    metrics_spread : dict of str to float
        Standard deviation of each metric over the repeated splits; 0.0 where only one split is possible.
    n_splits : dict of str to int
        How many splits there were, by name of :data:`SPLITS`.
    tuning : TuningResult
        Hyperparameters of local trees, and the trials that found them.
    notes : tuple of str
        Warnings to read before the model is trusted, see :func:`list_leakage_warnings`.
    row : ModelRow
        Which model of :data:`MODELS` it is.
    rank_outcome : RankOutcome or None
        Held-out outcome on the rank of the therapist seen; None where it cannot be measured.
    scales : ScaleFit
        Goal, task and bond, and their predictions of held-out records.
    own_trees : TreeWeights or None
        How far the clinic's own trees count; None for a model without such a choice.
    """

    model: AllianceModel
    starting_model: AllianceModel
    recipe: Recipe
    records: TrainingDataset
    folds: list[Fold] = field(default_factory=list)
    fold_models: list[FoldModel] = field(default_factory=list)
    predictions_by_split: dict[str, OutOfFoldPredictions] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    metrics_spread: dict[str, float] = field(default_factory=dict)
    n_splits: dict[str, int] = field(default_factory=dict)
    tuning: TuningResult = field(default_factory=TuningResult)
    notes: tuple[str, ...] = ()
    row: ModelRow = MODELS[DEFAULT_MODEL]
    rank_outcome: RankOutcome | None = None
    scales: ScaleFit = field(default_factory=ScaleFit)
    own_trees: TreeWeights | None = None


def fit_clinic_model(
    clinic: Clinic, tables: Tables, seed: int = 0, trials: int = 0, minutes: float = DEFAULT_MINUTES,
    report_progress: Callable[[str], None] = lambda _: None, row: ModelRow | None = None,
    executor: Executor | None = None,
) -> ModelFitResult:  # fmt: skip
    """Fit a model to a clinic's outcomes and measure it; only the Optuna study is written to disk.

    The first split by client decides about the model: trees, verdict, intervals, and the comparison with the live
    model. The metrics are means over that split and further ones, see :func:`draw_splits`.

    Parameters
    ----------
    clinic, tables, seed, trials, minutes, report_progress, executor
        As in :func:`train`. Fewer than :data:`MIN_PARALLEL_RECORDS` records are too few for other processes.
    row : ModelRow, optional
        Which model, see :func:`find_trainable_model`; Attune's own when None.

    Raises
    ------
    ValueError
        If the row serves comparison alone.
    """
    with threadpool_limits(limits=1):  # matrices are small; and sums must not depend on the number of cores
        return _fit_clinic_model(
            clinic, tables, seed, trials, minutes, report_progress, row or MODELS[DEFAULT_MODEL], executor
        )


def load_fold_libraries() -> None:
    """Load what work on a fold needs. To call this function, a process loads its module and all that this imports."""
    load_lightgbm()


def _fit_clinic_model(
    clinic: Clinic, tables: Tables, seed: int, trials: int, minutes: float, report_progress: Callable[[str], None],
    row: ModelRow, executor: Executor | None,
) -> ModelFitResult:  # fmt: skip
    """Do the work of :func:`fit_clinic_model`."""
    choose_recipe = row.choose_recipe
    if choose_recipe is None:
        raise ValueError(f"The model `{row.name}` serves comparison alone. Train another one.")
    settings, site = clinic.config.settings, clinic.config.settings.site_column
    early = compute_training_outcomes(clinic, tables)
    features = fill_scales(list_clinic_features(clinic.config, tables), Sides(tables))
    starting_model = replace(migrate_model(load_starting_model(), features), data_digest=tables.training_digest())
    starting_model = starting_model.with_interval_level(settings.interval)
    check_outcome_copies(tables, early, features)
    records = build_clinic_records(clinic, tables, starting_model.features, early)
    start = Recipe(prior=starting_model.evidence, seed=seed)
    if executor is not None and (len(records) >= MIN_PARALLEL_RECORDS or trials):
        records = replace(records, executor=executor)
        executor.start(load_fold_libraries)
    if not len(records):
        report_progress(
            "There are no early alliance records yet, so the model is the starting model from synthetic clinics."
        )
        notes = list_leakage_warnings(tables, early, records, [], {})
        model = replace(
            starting_model, dropout=fit_dropout(tables, starting_model.evidence, starting_model.features, seed)
        )
        return ModelFitResult(model, starting_model, start, records, notes=notes, row=row)

    report_progress(f"Building the features of {len(records):,} early alliance records.")
    repeats = count_repeats(len(records))
    splits = {row.name: draw_splits(row.name, records, N_FOLDS, seed, repeats) for row in SPLITS}
    folds = splits["client"][0]
    if not folds:
        report_progress(
            "All records are of one client, so no metric can be measured. They still move the published weights."
        )
    clinic_start, start = start, choose_variances(records, np.arange(len(records)), row.adapt_start(start))
    trials, storage = trials if row.grows_trees else 0, clinic.artifacts / "optuna.db"
    tuning = tune_trees(records, split_search_folds(records, seed), start, trials=trials, minutes=minutes,
                        storage=storage, report_progress=report_progress)  # fmt: skip
    if row.grows_trees and start.has_linear_layer:
        report_progress("Testing on held-out records whether trees improve the score.")

    def choose_recipes(growth: TreeHyperparameters) -> tuple[Recipe, Recipe, Recipe]:
        """Return the recipe, its fallback, and the rival with the starting weights."""
        recipe, fallback = choose_recipe(records, folds, start, growth)
        return recipe, fallback, build_starting_weights_recipe(recipe, clinic_start, records)

    found = choose_recipes(tuning.growth)
    if folds:
        report_progress("Testing whether the model helps to choose between therapists.")
    choice = choose_pair_weights(found, records, folds, site, seed, report_progress)
    has_linear_layer, recipe = found[0].has_linear_layer, choice.chosen.recipe
    chosen, verdict = choice.chosen, choice.verdict
    effect = measure_tuning_effect(
        len(tuning.trials), chosen, found, lambda: choose_recipes(TreeHyperparameters()), records, folds, site, seed
    )

    own_trees = None
    if row.weighs_trees:
        found_weights = compute_tree_weights(records, folds, start, tuning.growth)
        own_trees = replace(found_weights, is_used=recipe.growth is not None)
        report_progress(own_trees.sentence)
    report_progress("Computing the metrics.")
    by_split, metrics, spread = _measure(chosen, choice.tested, verdict, records, splits, site)
    held_out = chosen.predictions
    scales = fit_scales(records, early, held_out, folds)
    width = PredictionInterval.from_out_of_fold(settings.interval, held_out.score, held_out.standardised_residuals)
    model = replace(
        recipe.fit(records, np.arange(len(records))),
        width=width,
        verdict=verdict,
        instrument=find_reference_instrument(early, find_main_instrument(tables, clinic)),
        n_outcomes=len(records),
        data_digest=starting_model.data_digest,
        dropout=fit_dropout(tables, starting_model.evidence, starting_model.features, seed),
        scales=scales.models,
    )
    notes = list_leakage_warnings(tables, early, records, chosen.fold_models, metrics)
    if recipe.has_linear_layer and not has_linear_layer:
        ranks = (
            "starting weights rank" if verdict.keeps_starting_weights else "linear layer with published weights ranks"
        )
        notes = (*notes, f"{row.label[0].upper()}{row.label[1:]} shows no pair effect on held-out records, so the "
                         f"{ranks}.")  # fmt: skip
    return ModelFitResult(
        model,
        starting_model,
        recipe,
        records,
        folds,
        chosen.fold_models,
        {name: repeats[0] for name, repeats in by_split.items()},
        metrics,
        spread,
        {name: len(of_name) for name, of_name in splits.items()},
        replace(tuning, effect=effect),
        notes,
        row,
        measure_held_out_rank(records, chosen.sample, chosen.fold_models) if chosen.sample is not None else None,
        scales,
        own_trees,
    )


def _measure(
    chosen: CrossFit, tested: CrossFit, verdict: Verdict, records: TrainingDataset,
    splits: Mapping[str, Sequence[Sequence[Fold]]], site: str,
) -> tuple[dict[str, list[OutOfFoldPredictions]], dict[str, float], dict[str, float]]:  # fmt: skip
    """Measure the chosen recipe on every split; return predictions by split, and means and spreads of the metrics.

    One name, one number: ``pair_added_r`` is the verdict's, and its spread is that of the recipe the verdict tested.
    """
    is_tested = chosen.recipe == tested.recipe and verdict.r is not None
    further = splits["client"][1:]
    others = [folds for name in splits if name != "client" for folds in splits[name]]
    fit_ahead(records, [(chosen.recipe, fold) for folds in (*further, *others) for fold in folds])
    by_split = {
        name: _predict_splits(chosen.recipe, records, splits[name], site if name == "time" else None)
        for name in splits
        if name != "client"
    }
    by_split["client"] = [
        chosen.predictions, *_predict_splits(chosen.recipe, records, further, site if is_tested else None)
    ]  # fmt: skip
    metrics, spread = compute_mean_metrics(by_split)
    for values in (metrics, spread):
        values.pop("pair_added_r", None)
    if verdict.r is not None:
        repeats = by_split["client"]
        if not is_tested:
            repeats = [tested.predictions, *_predict_splits(tested.recipe, records, further, site)]
        metrics["pair_added_r"] = verdict.r
        _, spread["pair_added_r"] = compute_mean_over_splits(compute_pair_added_r, repeats)
    return by_split, metrics, spread


def _predict_splits(
    recipe: Recipe, records: TrainingDataset, splits: Sequence[Sequence[Fold]], site: str | None = None
) -> list[OutOfFoldPredictions]:
    """Predict the held-out records of each split; their centred pair part too if ``site`` is given."""
    fold_models = [crossfit_models(recipe, records, folds) for folds in splits]
    if site is None or not all(fold_models):
        return [predict_out_of_fold(records, models) for models in fold_models]
    return [predictions for predictions, _ in predict_splits_with_re_pairings(records, fold_models, site)]
