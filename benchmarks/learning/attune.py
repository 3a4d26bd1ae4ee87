"""Train as ``attune train`` does, without writing a bundle."""

from __future__ import annotations

from pathlib import Path

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import Config
from attune_fit.training.fitting.fit_model import fit_clinic_model
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME
from benchmarks.learning.method_inputs import MethodInputs

NO_FOLDER = Path("nowhere")  # never written: with 0 trials there is no Optuna study, and no bundle is written


def score_with_attune(inputs: MethodInputs) -> Floats:
    """Train with the default settings, and score all pairs; the verdict decides which parts rank."""
    model = fit_clinic_model(Clinic(NO_FOLDER, Config(), INSTRUMENTS_BY_NAME), inputs.tables).model
    return model.compute_parts(inputs.cross).score
