"""Score by the rows of MODELS: trained as ``attune train`` does, without writing a bundle, or fitted for comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import Config
from attune_fit.training.fitting.fit_model import fit_clinic_model
from attune_fit.training.methods.model_catalogue import ModelRow
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME
from benchmarks.learning.method_inputs import MethodInputs

NO_FOLDER = Path("nowhere")  # never written: with 0 trials there is no Optuna study, and no bundle is written


def score_with_attune(inputs: MethodInputs, row: ModelRow) -> Floats:
    """Train a model with the default settings, and score all pairs; the verdict decides which parts rank.

    Parameters
    ----------
    inputs : MethodInputs
    row : ModelRow
        A model that can be trained.
    """
    clinic = Clinic(NO_FOLDER, Config(), INSTRUMENTS_BY_NAME)
    model = fit_clinic_model(clinic, inputs.tables, row=row).model
    return model.compute_parts(inputs.cross).score


def score_with_row(inputs: MethodInputs, row: ModelRow) -> Floats:
    """Score all pairs by a row that serves comparison alone, fitted to all records."""
    records, (_, cross) = inputs.records, inputs.features
    scorer = row.fit(records, np.arange(len(records)))
    return inputs.reshape_scores(scorer(inputs.cross, cross.reshape(*inputs.shape, cross.shape[-1])))
