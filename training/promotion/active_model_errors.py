"""Out-of-fold predictions of the live model, to see where it is wrong (the fairness report reads them)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions, predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.crossfit.training_outcomes import build_clinic_records
from attune_fit.training.fitting.fit_model import N_FOLDS
from attune_fit.training.promotion.champion_challenger import find_champion

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def crossfit_active_model(
    clinic: Clinic, tables: Tables, seed: int = 0
) -> tuple[TrainingDataset, OutOfFoldPredictions] | None:
    """Refit the live model by its own recipe, and return its out-of-fold predictions, in POMP.

    A bundle stores its recipe, not its predictions of single records. The starting model was fitted to no record of the
    clinic, so it predicts all records without a refit.

    Parameters
    ----------
    clinic, tables
    seed : int
        Decides which clients share a fold.

    Returns
    -------
    TrainingDataset, OutOfFoldPredictions
        Rows of the second are those of the first. None without records, with too few clients, or if the recipe of the
        live bundle is unknown.

    Raises
    ------
    DataFault
        If the live bundle cannot be read.
    """
    features = fill_scales(list_clinic_features(clinic.config, tables), Sides(tables))
    starting_model = replace(migrate_model(load_starting_model(), features), data_digest=tables.training_digest())
    champion = find_champion(clinic, tables, starting_model)
    records = build_clinic_records(clinic, tables, champion.features)
    if champion.name == STARTING_MODEL_NAME:
        if not len(records):
            return None
        return records, predict_out_of_fold(records, [FoldModel(champion.model, np.arange(len(records)))])
    folds = split_records("client", records, N_FOLDS, seed)
    if champion.recipe is None or not folds:
        return None
    return records, predict_out_of_fold(records, crossfit_models(champion.recipe, records, folds))
