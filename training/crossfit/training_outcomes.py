"""The outcomes that models learn from, and the data set made of them: the same for training and for promotion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.features.feature import Feature
from attune_fit.training.crossfit.dataset import TrainingDataset

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def compute_training_outcomes(clinic: Clinic, tables: Tables) -> pd.DataFrame:
    """Return the early alliance of each episode, in POMP on the common scale of the clinic's instruments.

    Returns
    -------
    DataFrame
        As :func:`compute_early_alliance`, on the scale of the main instrument.
    """
    return compute_early_alliance(tables, clinic.instruments, find_main_instrument(tables, clinic))


def build_clinic_records(
    clinic: Clinic, tables: Tables, features: Sequence[Feature], early: pd.DataFrame | None = None
) -> TrainingDataset:
    """Build the training data set of a clinic, with the level terms of its instruments, sites and periods.

    Parameters
    ----------
    clinic, tables
    features : sequence of Feature
    early : DataFrame, optional
        From :func:`compute_training_outcomes`; computed when None.
    """
    early = compute_training_outcomes(clinic, tables) if early is None else early
    site, main = clinic.config.settings.site_column, find_main_instrument(tables, clinic)
    return TrainingDataset.from_tables(tables, early, features, site=site, main=main)
