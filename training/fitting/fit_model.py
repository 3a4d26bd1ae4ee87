"""Outcomes become a model, and what it says of records it was not made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.features.catalogue import list_clinic_features
from attune_fit.features.pairs import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions, predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.crossfit.splits import SPLITS, Fold, split_records
from attune_fit.training.evaluation.baselines import compare_with_baselines
from attune_fit.training.evaluation.metrics import METRICS
from attune_fit.training.evaluation.pair_effect_test import assess_pair_effect
from attune_fit.training.evaluation.re_pairing import RePairingSample, build_re_pairing_sample
from attune_fit.training.fitting.leakage_warnings import list_leakage_warnings
from attune_fit.training.fitting.outcome_copies import check_outcome_copies
from attune_fit.training.fitting.tree_weight import choose_recipe
from attune_fit.training.fitting.tune import DEFAULT_MINUTES, TuningResult, split_search_folds, tune_trees

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

N_FOLDS = 5


@dataclass(frozen=True)
class ModelFitResult:
    """A model and all that is known of how it does.

    Attributes
    ----------
    model : AllianceModel
    starting_model : AllianceModel
        What the clinic starts from: day 0 over the same features. It has seen no outcome.
    recipe : Recipe
        How it was made.
    records : Records
        What it was made from; none without outcomes.
    folds : list of Fold
        By client; none where the records do not allow it.
    fold_models : list of Made
        The recipe's models of the folds.
    predictions_by_split : dict of str to Predicted
        What models say of records held back, by name of :data:`SPLITS`.
    metrics : dict of str to float
        By name of :data:`METRICS`; what could not be measured is left out.
    tuning : Tuned
        How local trees were grown when they were on trial, and what else was tried.
    notes : tuple of str
        What to look into before it is believed, see :func:`list_leakage_warnings`.
    """

    model: AllianceModel
    starting_model: AllianceModel
    recipe: Recipe
    records: TrainingDataset
    folds: list[Fold] = field(default_factory=list)
    fold_models: list[FoldModel] = field(default_factory=list)
    predictions_by_split: dict[str, OutOfFoldPredictions] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tuning: TuningResult = field(default_factory=TuningResult)
    notes: tuple[str, ...] = ()


def fit_clinic_model(
    clinic: Clinic, tables: Tables, seed: int = 0, trials: int = 0, minutes: float = DEFAULT_MINUTES,
    say: Callable[[str], None] = lambda _: None,
) -> ModelFitResult:  # fmt: skip
    """Make a model from a clinic's outcomes and measure it; nothing is written but the Optuna study.

    Parameters
    ----------
    clinic, tables, seed, trials, minutes, say
        As in :func:`train`.
    """
    settings = clinic.config.settings
    early = compute_early_alliance(tables, clinic.instruments)
    features = fill_scales(list_clinic_features(clinic.config, tables), Sides(tables))
    begun = replace(migrate_model(load_starting_model(), features), data_digest=tables.digest()).with_interval_level(
        settings.interval
    )
    check_outcome_copies(tables, early, features)
    records = TrainingDataset.from_tables(tables, early, begun.features)
    start = Recipe(start=begun.learned, prior=begun.evidence, seed=seed)
    if not len(records):
        say("There are no early alliance records yet, so the model is the starting model from synthetic clinics.")
        return ModelFitResult(begun, begun, start, records, notes=list_leakage_warnings(tables, early, records, [], {}))

    say(f"Building the features of {len(records):,} early alliance records.")
    folds = split_records("client", records, N_FOLDS, seed)
    if not folds:
        say("All records are of one client, so no metric can be measured. They still move the published weights.")
    tuned = tune_trees(records, split_search_folds(records, seed), start, trials=trials, minutes=minutes,
                   storage=clinic.artifacts / "optuna.db", say=say)  # fmt: skip
    say("Testing on held-out records whether trees improve the score.")
    recipe, fallback = choose_recipe(records, folds, start, tuned.growth)
    made: list[FoldModel] = []
    held_back, judged = predict_out_of_fold(records, made), Verdict("nothing", n=len(records))
    if folds:
        say("Testing whether the model helps to choose between therapists.")
        made = crossfit_models(recipe, records, folds)
        held_back, met = predict_with_re_pairings(records, made, settings.site_column)
        judged = assess_pair_effect(met, len(records), seed, compare_with_baselines(records, folds, met, seed))
    if judged.kind == "nothing":
        recipe = replace(fallback, held=_list_declared_pair_features(records))
        if folds:
            made = crossfit_models(recipe, records, folds)
            held_back, _ = predict_with_re_pairings(records, made, settings.site_column)

    say("Computing the metrics.")
    on = {"client": held_back} | _predict_other_splits(recipe, records, seed)
    metrics = compute_metrics(on)
    metrics.pop("pair_added_r", None)  # one name, one number: the verdict's, of the model that was on trial
    if judged.r is not None:
        metrics["pair_added_r"] = judged.r
    model = replace(
        recipe.fit(records, np.arange(len(records))),
        width=PredictionInterval.from_out_of_fold(settings.interval, held_back.score, held_back.standardised_residuals),
        verdict=judged,
        instrument=str(early["instrument"].mode().iloc[0]),
        n_outcomes=len(records),
        data_digest=begun.data_digest,
    )
    notes = list_leakage_warnings(tables, early, records, made, metrics)
    return ModelFitResult(model, begun, recipe, records, folds, made, on, metrics, tuned, notes)


def compute_metrics(on: dict[str, OutOfFoldPredictions]) -> dict[str, float]:
    """Every metric on its own split; those that cannot be measured are left out."""
    values = {metric.name: metric.function(on[metric.split]) for metric in METRICS}
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def predict_with_re_pairings(
    records: TrainingDataset, made: Sequence[FoldModel], site: str
) -> tuple[OutOfFoldPredictions, RePairingSample]:
    """What models say of records they were not made from, and of the therapists these clients could have met."""
    said = predict_out_of_fold(records, made)
    met = build_re_pairing_sample(records, made, said, site)
    said.centered_pair_part[met.rows] = met.observed_pair_part
    return said, met


def _predict_other_splits(recipe: Recipe, records: TrainingDataset, seed: int) -> dict[str, OutOfFoldPredictions]:
    """What the recipe's models say of records held back in every way but by client."""
    others = [row.name for row in SPLITS if row.name != "client"]
    return {
        name: predict_out_of_fold(
            records, crossfit_models(recipe, records, split_records(name, records, N_FOLDS, seed))
        )
        for name in others
    }


def _list_declared_pair_features(records: TrainingDataset) -> frozenset[str]:
    """Pair features of the clinic's own: without a verdict that they add something they stay at their prior.

    Published weights move in any case: their prior is narrow and holds them near what is known, whereas a declared
    weight has nothing to hold it but the clinic's own records.
    """
    return frozenset(row.name for row in records.features if row.family == "declared" and row.side != "client")
