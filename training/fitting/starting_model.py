"""Build the starting model: published weights, and trees grown on synthetic clinics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate, write_sample
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models import model_bundle
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.models.weight_posterior import pool_linear_opinions
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.evaluation.metrics import center_within_groups
from attune_fit.training.fitting.synthetic_weights import N_SYNTHETIC_CLINICS, fit_synthetic_weights
from attune_fit.training.methods.tree_weight import MIN_TREE_WEIGHT, compute_stacking_weight

# Most clinics follow the published figures. In some a single factor carries fit, so that the model does not rely on one
# mix. The stacking weight is set on clinics of other seeds.
TRAINING_MIXES = ("balanced",) * 12 + ("wishes", "style", "attachment", "problems")
VALIDATION_MIXES = ("balanced",) * 6 + ("wishes", "style", "attachment", "problems")
STARTING_TREE_PARAMS = TreeHyperparameters(trees=100, leaves=7, rate=0.05, least=300, ridge=50.0, columns=0.5)
CLIENTS_PER_CLINIC, THERAPISTS_PER_CLINIC = 2500, 40
TRANSFER_SHARE = 0.5  # assumed: half of an effect that transfers between synthetic clinics transfers to a real one


def build_starting_model(
    folder: Path,
    seed: int = 0,
    *,
    training_mixes: Sequence[str] = TRAINING_MIXES,
    validation_mixes: Sequence[str] = VALIDATION_MIXES,
    clients: int = CLIENTS_PER_CLINIC,
    growth: TreeHyperparameters = STARTING_TREE_PARAMS,
    n_synthetic_clinics: int = N_SYNTHETIC_CLINICS,
) -> str:
    """Write the bundle of the starting model to ``folder``.

    The pair weights pool the published ones with those of synthetic clinics, half and half, see
    :mod:`synthetic_weights`. The other weights stay as published. Trees are grown on the residuals in synthetic
    clinics. The mean of each therapist's clients is subtracted, so that the trees learn about pairs and not about
    therapists. Their stacking weight is half of what other synthetic clinics support, because all these clinics come
    from the same simulator. A clinic's own records correct it.

    Parameters
    ----------
    folder : Path
    seed : int
        The same seed gives the same bytes on one machine.
    training_mixes, validation_mixes : sequences of str
        The mix of each clinic, see :data:`MIXES`.
    clients : int
        Clients of each clinic.
    growth : TreeHyperparameters
    n_synthetic_clinics : int
        Synthetic clinics whose weights are pooled with the published ones; 0 keeps the published weights.

    Returns
    -------
    str
        Name of the bundle.
    """
    model = AllianceModel.from_published(FEATURES)
    if n_synthetic_clinics:
        model = replace(
            model,
            evidence=pool_linear_opinions(
                model.evidence, FEATURES, *fit_synthetic_weights(FEATURES, n_synthetic_clinics, seed)
            ),
        )
    columns = [column for column, feature in enumerate(FEATURES) if feature.side != "client"]
    names = tuple(FEATURES[column].name for column in columns)
    seeds = np.random.SeedSequence(seed).generate_state(len(training_mixes) + len(validation_mixes))
    standard, residual = _compute_residuals(model, zip(training_mixes, seeds, strict=False), clients)
    directions = [FEATURES[column].direction for column in columns]  # as the prior means: no records speak against them
    text = fit_trees(standard[:, columns], residual, directions, growth, seed)
    trees = BoostedTrees(names, text, 1.0)
    standard, residual = _compute_residuals(
        model, zip(validation_mixes, seeds[len(training_mixes) :], strict=True), clients
    )
    weight = TRANSFER_SHARE * compute_stacking_weight(residual, trees.predict(model.feature_names, standard))
    learned = BoostedTrees(names, text, weight) if weight >= MIN_TREE_WEIGHT else None
    return model_bundle.save(replace(model, learned=learned), folder)


def main() -> None:
    """Rebuild the files that the package contains: the sample clinic and the starting model, in their own folders."""
    write_sample(Path(str(files("attune_fit.data.synthetic"))) / "sample")
    build_starting_model(Path(str(files("attune_fit.models"))) / "day0")


def _compute_residuals(model: AllianceModel, clinics: Iterable[tuple[str, int]], clients: int) -> tuple[Floats, Floats]:
    """Return the features and the centred residuals of the pairs that met in some synthetic clinics."""
    instruments = {row.name: row for row in INSTRUMENTS}
    standard, residuals = [], []
    for mix, seed in clinics:
        tables = simulate(clients, THERAPISTS_PER_CLINIC, int(seed), World(mix=mix), waiting=0).tables
        records = TrainingDataset.from_tables(tables, compute_early_alliance(tables, instruments), FEATURES)
        parts = model.compute_parts_from_features(
            records.standardised_features, records.therapist_ids, records.therapist
        )
        standard.append(records.standardised_features)
        residuals.append(center_within_groups(records.y - parts.score, records.therapist))
    return np.concatenate(standard), np.concatenate(residuals)
