"""The model that is live, held against a new one on records that neither has seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.features.feature import Feature
from attune_fit.models import bundle
from attune_fit.models.active_model import (
    STARTING_MODEL_NAME,
    adapt_to_clinic,
    build_bundle_path,
    load_model,
    read_active_name,
)
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.evaluation.paired_comparison import PairedComparison, compare_models
from attune_fit.training.fitting.fit_model import ModelFitResult, predict_with_re_pairings

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class Champion:
    """What a clinic ranks with now.

    Attributes
    ----------
    name : str
        Of its bundle, or :data:`STARTING_MODEL_NAME`.
    model : AllianceModel
        As it ranks, over the features the clinic uses now.
    features : tuple of Feature
        Of these, the ones it was made with.
    recipe : Recipe or None
        How to make it anew from other records; None for day 0, which was made from none, and where nobody knows.
    trained_until : date or None
        It has seen no record dated after this day.
    """

    name: str
    model: AllianceModel
    features: tuple[Feature, ...]
    recipe: Recipe | None = None
    trained_until: dt.date | None = None


def find_champion(clinic: Clinic, tables: Tables, begun: AllianceModel) -> Champion:
    """Find what is live.

    Parameters
    ----------
    clinic, tables
    begun : AllianceModel
        Day 0 over the clinic's features: its trees are what recipes start from.

    Raises
    ------
    DataFault
        If the live bundle cannot be read.
    """
    name = read_active_name(clinic)
    if name == STARTING_MODEL_NAME:
        return Champion(STARTING_MODEL_NAME, begun, begun.features)
    raw = load_model(clinic, tables, name)
    model = adapt_to_clinic(clinic, tables, raw)
    own = tuple(row for row in model.features if row.name in raw.feature_names)
    how = bundle.read_recipe(build_bundle_path(clinic, name)) or {}
    until = dt.date.fromisoformat(how["until"]) if "until" in how else None
    return Champion(name, model, own, rebuild_recipe(how.get("recipe"), migrate_model(begun, own)), until)


def describe_recipe(recipe: Recipe, records: TrainingDataset) -> dict[str, Any]:
    """What a bundle keeps of how it was made, in JSON's types; of the trees it started from, their digest.

    ``until`` is the day of the last record, or of the tables where no record is dated.
    """
    said = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.compare}
    start: BoostedTrees | None = said["start"]
    said["start"] = (
        None
        if start is None
        else {"digest": bundle.compute_sha256(start.text.encode()), "share": start.stacking_weight}
    )
    said["growth"] = None if recipe.growth is None else asdict(recipe.growth)
    said["held"] = sorted(recipe.held)
    dated = records.measured_on[~np.isnat(records.measured_on)]
    until = dated.max() if len(dated) else np.datetime64(records.sides.tables.as_of)
    return {"until": str(until), "recipe": said}


def rebuild_recipe(said: dict[str, Any] | None, begun: AllianceModel) -> Recipe | None:
    """The recipe that :func:`describe_recipe` described; None where this Attune does not know all it asks for.

    Parameters
    ----------
    said : dict or None
    begun : AllianceModel
        What clinics start from now. Where its trees are no longer those the recipe started from, they take their place
        with the share those had: an update of Attune changes the start of every recipe.
    """
    if said is None or not set(said) <= {field.name for field in fields(Recipe)}:
        return None
    trees = begun.learned
    start = None if said["start"] is None or trees is None else replace(trees, stacking_weight=said["start"]["share"])
    growth = None if said["growth"] is None else TreeHyperparameters(**said["growth"])
    return Recipe(**{**said, "start": start, "growth": growth, "held": frozenset(said["held"])}, prior=begun.evidence)


def compare_with_champion(
    learnt: ModelFitResult, old: Champion, clinic: Clinic, tables: Tables, seed: int
) -> tuple[list[PairedComparison], list[str]]:
    """Hold a new model against the one that is live.

    Day 0 has seen no record and is taken as it is. A bundle has seen some of these records, so its recipe is made anew
    on the folds of the new model; and as it is, it is asked about records dated after it was made, of clients it cannot
    have seen, where there are at least :data:`MIN_TEST_RECORDS`.

    Returns
    -------
    list of Compared, list of str
        The figures, and what could not be compared and why.

    Notes
    -----
    The new recipe was chosen on these folds, the old one on others: a small advantage to the new one.
    """
    site, new, n = clinic.config.settings.site_column, learnt.predictions_by_split["client"], len(learnt.records)
    on, notes = f"{n:,} records held back", []
    found: list[PairedComparison] = []
    if old.name == STARTING_MODEL_NAME:
        as_it_is, _ = predict_with_re_pairings(learnt.records, [FoldModel(old.model, np.arange(n))], site)
        found += compare_models(new, as_it_is, on, seed)
    elif old.recipe is None:
        notes.append(f"How bundle {old.name} was made is not known here, so it could not be made anew.")
    elif old.recipe == learnt.recipe and _has_same_features(old.features, learnt.records.features):
        notes.append(f"Both are made in the same way, bundle {old.name} from {old.model.n_outcomes:,} records.")
    else:
        records = rebuild_records(learnt.records, old.features, clinic, tables)
        anew, _ = predict_with_re_pairings(records, crossfit_models(old.recipe, records, learnt.folds), site)
        found += compare_models(new, anew, on, seed)
    if old.trained_until is not None:
        later = find_unseen_rows(learnt.records, old.trained_until)
        if len(later) >= MIN_TEST_RECORDS:
            found += compare_models(
                *_predict_later_records(learnt, old, later, clinic, tables),
                f"{len(later):,} records it had not seen",
                seed,
            )
        else:
            notes.append(f"Fewer than {MIN_TEST_RECORDS} records came after bundle {old.name} was made.")
    return found, notes


def find_unseen_rows(records: TrainingDataset, until: dt.date) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Rows dated after ``until``, of clients of whom every record is."""
    after = records.measured_on > np.datetime64(until)  # NaT is after nothing
    return np.flatnonzero(after & ~np.isin(records.client, records.client[~after]))


def rebuild_records(
    records: TrainingDataset, features: Sequence[Feature], clinic: Clinic, tables: Tables
) -> TrainingDataset:
    """The same records over other features."""
    if _has_same_features(features, records.features):
        return records
    return TrainingDataset.from_tables(tables, compute_early_alliance(tables, clinic.instruments), features)


def _predict_later_records(
    learnt: ModelFitResult, old: Champion, later: np.ndarray[Any, np.dtype[np.intp]], clinic: Clinic, tables: Tables
) -> tuple[OutOfFoldPredictions, OutOfFoldPredictions]:
    """What the new recipe says of later records held back, and the old model as it is."""
    site = clinic.config.settings.site_column
    held = [FoldModel(one.model, np.intersect1d(one.test, later)) for one in learnt.fold_models]
    new, _ = predict_with_re_pairings(learnt.records, [one for one in held if len(one.test)], site)
    said, _ = predict_with_re_pairings(
        rebuild_records(learnt.records, old.model.features, clinic, tables), [FoldModel(old.model, later)], site
    )
    return new, said


def _has_same_features(some: Sequence[Feature], others: Sequence[Feature]) -> bool:
    """Whether two lists of features give the same numbers."""
    return [(f.name, f.center, f.scale) for f in some] == [(f.name, f.center, f.scale) for f in others]
