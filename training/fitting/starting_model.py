"""Makes the model every clinic starts from: published weights, and trees grown on synthetic clinics."""

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
from attune_fit.features.catalogue import FEATURES
from attune_fit.models import bundle
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.models.weight_posterior import pool_linear_opinions
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.evaluation.metrics import center_within_groups
from attune_fit.training.fitting.synthetic_weights import N_SYNTHETIC_CLINICS, fit_synthetic_weights
from attune_fit.training.fitting.tree_weight import MIN_TREE_WEIGHT, compute_stacking_weight

# Most of them as published figures have it, and some where one thing alone carries fit, so that no mix is taken for
# granted; the share is set on clinics of other seeds.
TRAINING_MIXES = ("balanced",) * 12 + ("wishes", "style", "attachment", "problems")
VALIDATION_MIXES = ("balanced",) * 6 + ("wishes", "style", "attachment", "problems")
STARTING_TREE_PARAMS = TreeHyperparameters(trees=100, leaves=7, rate=0.05, least=300, ridge=50.0, columns=0.5)
CLIENTS_PER_CLINIC, THERAPISTS_PER_CLINIC = 2500, 40
TRANSFER_SHARE = 0.5  # assumed: half of what holds between synthetic clinics holds in a real one


def build_starting_model(
    folder: Path,
    seed: int = 0,
    *,
    grown_on: Sequence[str] = TRAINING_MIXES,
    held_out: Sequence[str] = VALIDATION_MIXES,
    clients: int = CLIENTS_PER_CLINIC,
    growth: TreeHyperparameters = STARTING_TREE_PARAMS,
    worlds: int = N_SYNTHETIC_CLINICS,
) -> str:
    """Write the bundle to ``folder``.

    The weights of the pair lie half way between what is published and what synthetic clinics need, see
    :mod:`synthetic_weights`; the others stay as published. Trees are grown on what they leave of the outcomes of
    synthetic clinics, less the mean of each therapist's clients, so that they learn who suits whom and not who is good.
    Their share is half of what other synthetic clinics justify, for these have the same maker; a clinic's own records
    correct it.

    Parameters
    ----------
    folder : Path
    seed : int
        The same seed gives the same bytes on one machine.
    grown_on, held_out : sequences of str
        The mix of each clinic, see :data:`MIXES`.
    clients : int
        Of each clinic.
    growth : Growth
    worlds : int
        Synthetic clinics whose weights are pooled with the published ones; 0 leaves these alone.

    Returns
    -------
    str
        Name of the bundle.
    """
    model = AllianceModel.from_published(FEATURES)
    if worlds:
        model = replace(
            model,
            evidence=pool_linear_opinions(model.evidence, FEATURES, *fit_synthetic_weights(FEATURES, worlds, seed)),
        )
    columns = [column for column, feature in enumerate(FEATURES) if feature.side != "client"]
    names = tuple(FEATURES[column].name for column in columns)
    seeds = np.random.SeedSequence(seed).generate_state(len(grown_on) + len(held_out))
    standard, left = _compute_residuals(model, zip(grown_on, seeds, strict=False), clients)
    text = fit_trees(standard[:, columns], left, [FEATURES[column].direction for column in columns], growth, seed)
    whole = BoostedTrees(names, text, 1.0)
    standard, left = _compute_residuals(model, zip(held_out, seeds[len(grown_on) :], strict=True), clients)
    share = TRANSFER_SHARE * compute_stacking_weight(left, whole.predict(model.feature_names, standard))
    learned = BoostedTrees(names, text, share) if share >= MIN_TREE_WEIGHT else None
    return bundle.save(replace(model, learned=learned), folder)


def main() -> None:
    """Rebuild what ships: the sample clinic and the bundle, in their own folders."""
    write_sample(Path(str(files("attune_fit.data.synthetic"))) / "sample")
    build_starting_model(Path(str(files("attune_fit.models"))) / "day0")


def _compute_residuals(model: AllianceModel, clinics: Iterable[tuple[str, int]], clients: int) -> tuple[Floats, Floats]:
    """Features of the pairs that met in some synthetic clinics, and what the model leaves of their outcomes."""
    instruments = {row.name: row for row in INSTRUMENTS}
    standard, left = [], []
    for mix, seed in clinics:
        tables = simulate(clients, THERAPISTS_PER_CLINIC, int(seed), World(mix=mix), waiting=0).tables
        records = TrainingDataset.from_tables(tables, compute_early_alliance(tables, instruments), FEATURES)
        parts = model.compute_parts_from_features(
            records.standardised_features, records.therapist_ids, records.therapist
        )
        standard.append(records.standardised_features)
        left.append(center_within_groups(records.y - parts.score, records.therapist))
    return np.concatenate(standard), np.concatenate(left)
