"""What the live model says of records it was not made from, for whoever wants to know where it errs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.features.catalogue import list_clinic_features
from attune_fit.features.pairs import Sides
from attune_fit.models.active_model import STARTING_MODEL_NAME, load_starting_model
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions, predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.fit_model import N_FOLDS
from attune_fit.training.promotion.champion_challenger import find_champion

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def crossfit_active_model(
    clinic: Clinic, tables: Tables, seed: int = 0
) -> tuple[TrainingDataset, OutOfFoldPredictions] | None:
    """Make the live model anew by its own recipe, without the clients it is then asked about.

    Bundles keep no predictions of single records, only how they were made. Day 0 has seen no record and is asked as it
    is.

    Parameters
    ----------
    clinic, tables
    seed : int
        Decides who is held back together.

    Returns
    -------
    Records, Predicted
        Rows of the second are those of the first. None where there are no records, too few clients, or nobody knows
        how the live bundle was made.

    Raises
    ------
    DataFault
        If the live bundle cannot be read.
    """
    features = fill_scales(list_clinic_features(clinic.config, tables), Sides(tables))
    begun = replace(migrate_model(load_starting_model(), features), data_digest=tables.digest())
    live = find_champion(clinic, tables, begun)
    records = TrainingDataset.from_tables(tables, compute_early_alliance(tables, clinic.instruments), live.features)
    if live.name == STARTING_MODEL_NAME:
        return (
            (records, predict_out_of_fold(records, [FoldModel(live.model, np.arange(len(records)))]))
            if len(records)
            else None
        )
    folds = split_records("client", records, N_FOLDS, seed)
    if live.recipe is None or not folds:
        return None
    return records, predict_out_of_fold(records, crossfit_models(live.recipe, records, folds))
