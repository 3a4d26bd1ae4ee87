"""Champion and challenger: compare the live model with a new one on records that neither was fitted to."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.features.feature import Feature
from attune_fit.models import model_bundle
from attune_fit.models.active_model import adapt_to_clinic, load_model
from attune_fit.models.active_pointer import STARTING_MODEL_NAME, build_bundle_path, read_active_name
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import FIRST_KIND_ONLY
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe
from attune_fit.training.crossfit.training_outcomes import build_clinic_records
from attune_fit.training.evaluation.paired_comparison import PairedComparison, compare_models
from attune_fit.training.fitting.crossfit_recipe import (
    CrossFit,
    build_starting_weights_recipe,
    predict_with_re_pairings,
)
from attune_fit.training.fitting.fit_model import ModelFitResult
from attune_fit.training.methods.model_catalogue import DEFAULT_MODEL

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

LATER_FIELDS = ("has_linear_layer", "client_share", "has_drift")  # of Recipe, which bundles of earlier versions lack


@dataclass(frozen=True)
class Champion:
    """The model that a clinic ranks with now.

    Attributes
    ----------
    name : str
        Name of its bundle, or :data:`STARTING_MODEL_NAME`.
    model : AllianceModel
        The model over the features that the clinic uses now.
    features : tuple of Feature
        Those of these features that the model was fitted with.
    recipe : Recipe or None
        How to refit it to other records. None for the starting model, and if the recipe is unknown.
    trained_until : date or None
        No record dated after this day was used to fit it.
    """

    name: str
    model: AllianceModel
    features: tuple[Feature, ...]
    recipe: Recipe | None = None
    trained_until: dt.date | None = None


def find_champion(clinic: Clinic, tables: Tables, starting_model: AllianceModel) -> Champion:
    """Return the live model.

    Parameters
    ----------
    clinic, tables
    starting_model : AllianceModel
        The starting model over the clinic's features: recipes start from its trees.

    Raises
    ------
    DataFault
        If the live bundle cannot be read.
    """
    name = read_active_name(clinic)
    if name == STARTING_MODEL_NAME:
        return Champion(STARTING_MODEL_NAME, starting_model, starting_model.features)
    stored = load_model(clinic, tables, name)
    model = adapt_to_clinic(clinic, tables, stored)
    features = tuple(row for row in model.features if row.name in stored.feature_names)
    description = model_bundle.read_recipe(build_bundle_path(clinic, name)) or {}
    until = dt.date.fromisoformat(description["until"]) if "until" in description else None
    recipe = rebuild_recipe(description.get("recipe"), migrate_model(starting_model, features))
    return Champion(name, model, features, recipe, until)


def describe_recipe(recipe: Recipe, records: TrainingDataset, model: str = DEFAULT_MODEL) -> dict[str, Any]:
    """Return the recipe as a bundle stores it, in JSON's types.

    ``until`` is the day of the last record, or of the tables if no record is dated. ``model`` is the name of the row of
    :data:`MODELS`. The default model, and fields of :data:`LATER_FIELDS` at their default, are not mentioned, so that
    the bundles of earlier versions mean the same.
    """
    description = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.compare}
    for later in LATER_FIELDS:
        if description[later] == getattr(Recipe(), later):
            del description[later]
    description["growth"] = None if recipe.growth is None else asdict(recipe.growth)
    description["tree_weights"] = list(recipe.tree_weights)
    description["held"] = sorted(recipe.held)
    dated = records.measured_on[~np.isnat(records.measured_on)]
    until = dated.max() if len(dated) else np.datetime64(records.sides.tables.as_of)
    name = {} if model == DEFAULT_MODEL else {"model": model}
    return {"until": str(until), "recipe": description} | name


def rebuild_recipe(description: dict[str, Any] | None, starting_model: AllianceModel) -> Recipe | None:
    """Return the recipe that :func:`describe_recipe` described; None if this version of Attune lacks one of its fields.

    Parameters
    ----------
    description : dict or None
    starting_model : AllianceModel
        The model that clinics start from now: an update of Attune changes the prior of every recipe.

    Notes
    -----
    Bundles of version 0.7 and before have starting trees, ``start``, which no recipe has now, and one kind of local
    trees with the weight ``share``.
    """
    if description is None:
        return None
    if "share" in description:
        first = 1.0 if description.get("growth") is None else description["share"]  # without trees it has no meaning
        description = {name: value for name, value in description.items() if name not in ("start", "share")} | {
            "tree_weights": [first, *FIRST_KIND_ONLY[1:]]
        }
    growth, weights = description.get("growth"), description.get("tree_weights")
    if not set(description) <= {field.name for field in fields(Recipe)} or not _are_tree_weights(weights):
        return None
    if growth is not None and not set(growth) <= {field.name for field in fields(TreeHyperparameters)}:
        return None
    rebuilt = {
        "tree_weights": tuple(weights or ()),
        "growth": None if growth is None else TreeHyperparameters(**growth),
        "held": frozenset(description["held"]),
    }
    return Recipe(**{**description, **rebuilt}, prior=starting_model.evidence)


def _are_tree_weights(values: Any) -> bool:
    """Return whether there is a weight of 0 or more for each kind of trees, as this version knows them."""
    return (
        isinstance(values, list)
        and len(values) == len(FIRST_KIND_ONLY)
        and all(isinstance(value, int | float) and 0 <= value < math.inf for value in values)
    )


def compare_with_champion(
    challenger: ModelFitResult, champion: Champion, clinic: Clinic, tables: Tables, seed: int
) -> tuple[list[PairedComparison], list[str]]:
    """Compare a new model with the live one, on records that neither was fitted to.

    Both models learn from the same folds, so both lose the same by learning from a part of the records. Of the starting
    model the pair weights are unchanged, and levels and therapist effects are fitted; see
    :func:`build_starting_weights_recipe`. Of a bundle the recipe is refitted. The bundle itself is also compared, on
    records dated after its training, of clients it cannot have seen. That needs :data:`MIN_TEST_RECORDS` records.

    Returns
    -------
    list of PairedComparison, list of str
        The comparisons, and notes on what could not be compared and why.

    Notes
    -----
    The new recipe was chosen on these folds, the old one on others: a small advantage for the new model.
    """
    records, site = challenger.records, clinic.config.settings.site_column
    new, n = challenger.predictions_by_split["client"], len(records)
    on, notes = f"{n:,} held-out records", []
    comparisons: list[PairedComparison] = []
    if champion.name == STARTING_MODEL_NAME:
        start = Recipe(prior=champion.model.evidence)
        starting = build_starting_weights_recipe(challenger.recipe, start, records)
        with_levels = CrossFit.from_folds(starting, records, challenger.folds, site)
        comparisons += compare_models(new, with_levels.predictions, on, seed)
    elif champion.recipe is None:
        notes.append(
            f"Bundle {champion.name} could not be refitted: its recipe is missing, or from another version of Attune."
        )
    elif champion.recipe == challenger.recipe and _has_same_features(champion.features, records.features):
        notes.append(
            f"Both models have the same recipe. Bundle {champion.name} was fitted to "
            f"{champion.model.n_outcomes:,} records."
        )
    else:
        refit_records = rebuild_records(records, champion.features, clinic, tables)
        refitted = CrossFit.from_folds(champion.recipe, refit_records, challenger.folds, site)
        comparisons += compare_models(new, refitted.predictions, on, seed)
    if champion.trained_until is not None:
        later = find_unseen_rows(records, champion.trained_until)
        if len(later) >= MIN_TEST_RECORDS:
            both = _predict_later_records(challenger, champion, later, clinic, tables)
            on = f"{len(later):,} records dated after the training of bundle {champion.name}"
            comparisons += compare_models(*both, on, seed)
        else:
            notes.append(
                f"Fewer than {MIN_TEST_RECORDS} records are dated after the training of bundle {champion.name}, "
                "so these were not compared."
            )
    return comparisons, notes


def find_unseen_rows(records: TrainingDataset, until: dt.date) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return the rows of clients all of whose records are dated after ``until``."""
    after = records.measured_on > np.datetime64(until)  # NaT compares as false, so undated records are excluded
    return np.flatnonzero(after & ~np.isin(records.client, records.client[~after]))


def rebuild_records(
    records: TrainingDataset, features: Sequence[Feature], clinic: Clinic, tables: Tables
) -> TrainingDataset:
    """Return the same records with other features."""
    if _has_same_features(features, records.features):
        return records
    return build_clinic_records(clinic, tables, features)


def _predict_later_records(
    challenger: ModelFitResult,
    champion: Champion,
    later: np.ndarray[Any, np.dtype[np.intp]],
    clinic: Clinic,
    tables: Tables,
) -> tuple[OutOfFoldPredictions, OutOfFoldPredictions]:
    """Return predictions of later records: out-of-fold by the new model, and by the unchanged champion."""
    site = clinic.config.settings.site_column
    fold_models = [FoldModel(fold.model, np.intersect1d(fold.test, later)) for fold in challenger.fold_models]
    new, _ = predict_with_re_pairings(challenger.records, [fold for fold in fold_models if len(fold.test)], site)
    champion_records = rebuild_records(challenger.records, champion.model.features, clinic, tables)
    old, _ = predict_with_re_pairings(champion_records, [FoldModel(champion.model, later)], site)
    return new, old


def _has_same_features(first: Sequence[Feature], second: Sequence[Feature]) -> bool:
    """Return whether two lists of features give the same numbers."""
    return [(f.name, f.center, f.scale) for f in first] == [(f.name, f.center, f.scale) for f in second]
