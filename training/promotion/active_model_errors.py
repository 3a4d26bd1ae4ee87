"""What the live model says of records it was not made from, for whoever wants to know where it errs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.outcomes.early_alliance import early_alliance
from attune_fit.features.catalogue import features_for
from attune_fit.features.pairs import Sides
from attune_fit.models.active_model import DAY0, day0
from attune_fit.models.feature_migration import adapted
from attune_fit.models.feature_scales import scaled
from attune_fit.training.crossfit.dataset import Records
from attune_fit.training.crossfit.out_of_fold import Predicted, predicted
from attune_fit.training.crossfit.pipeline import Made, crossfit
from attune_fit.training.crossfit.splits import split
from attune_fit.training.fitting.fit_model import FOLDS
from attune_fit.training.promotion.champion_challenger import champion

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def held_back(clinic: Clinic, tables: Tables, seed: int = 0) -> tuple[Records, Predicted] | None:
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
    features = scaled(features_for(clinic.config, tables), Sides(tables))
    begun = replace(adapted(day0(), features), data_digest=tables.digest())
    live = champion(clinic, tables, begun)
    records = Records.of(tables, early_alliance(tables, clinic.instruments), live.features)
    if live.name == DAY0:
        return (records, predicted(records, [Made(live.model, np.arange(len(records)))])) if len(records) else None
    folds = split("client", records, FOLDS, seed)
    if live.recipe is None or not folds:
        return None
    return records, predicted(records, crossfit(live.recipe, records, folds))
