"""Build the starting model: published weights, pooled with those of synthetic clinics."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from threadpoolctl import threadpool_limits

from attune_fit.data.synthetic.simulate import write_sample
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models import model_bundle
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.weight_posterior import pool_linear_opinions
from attune_fit.training.fitting.synthetic_weights import N_SYNTHETIC_CLINICS, fit_synthetic_weights


def build_starting_model(folder: Path, seed: int = 0, *, n_synthetic_clinics: int = N_SYNTHETIC_CLINICS) -> str:
    """Write the bundle of the starting model to ``folder``.

    The pair weights pool the published ones with those of synthetic clinics, half and half, see
    :mod:`synthetic_weights`. The other weights stay as published. It has no trees: what trees learn in one clinic does
    not hold in another one, so a clinic's own records grow them, see :mod:`tree_weight`.

    Parameters
    ----------
    folder : Path
    seed : int
        The same seed gives the same bytes on one machine.
    n_synthetic_clinics : int
        Synthetic clinics whose weights are pooled with the published ones; 0 keeps the published weights.

    Returns
    -------
    str
        Name of the bundle.
    """
    model = AllianceModel.from_published(FEATURES)
    if n_synthetic_clinics:
        with threadpool_limits(limits=1):  # sums must not depend on the number of cores
            found = fit_synthetic_weights(FEATURES, n_synthetic_clinics, seed)
        model = replace(model, evidence=pool_linear_opinions(model.evidence, FEATURES, *found))
    return model_bundle.save(model, folder)


def main() -> None:
    """Rebuild the files that the package contains: the sample clinic and the starting model, in their own folders."""
    write_sample(Path(str(files("attune_fit.data.synthetic"))) / "sample")
    build_starting_model(Path(str(files("attune_fit.models"))) / "day0")
