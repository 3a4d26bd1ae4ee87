"""Moving a model to another list of features: new features start at their prior, removed ones are dropped."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.dropout_model import DropoutModel, build_dropout_prior
from attune_fit.models.scale_models import ScaleModels
from attune_fit.models.weight_posterior import HELD_PRIOR_SD, WeightDistribution, build_prior


def migrate_model(model: AllianceModel, features: Sequence[Feature]) -> AllianceModel:
    """Return the same model over another list of features.

    Parameters
    ----------
    model : AllianceModel
    features : sequence of Feature
        The new list, each with its center and scale. A feature that the model has keeps its center and scale of
        training, and its typical value. A model without a typical value, such as the starting model, takes that of the
        list.

    Returns
    -------
    AllianceModel
        Weights that stay keep their posterior; new weights have their prior, and none for goal, task and bond. The
        trees stay if every feature that a tree splits on stays; else the model has no trees.
    """
    old_columns = {feature.name: column for column, feature in enumerate(model.features, start=1)}
    rows = tuple(
        _keep_training(model.features[old_columns[row.name] - 1], row) if row.name in old_columns else row
        for row in features
    )
    prior = build_prior(rows, unit=model.evidence.unit)
    new, old = _match_columns([row.name for row in rows], old_columns)

    mean, cov = prior.mean.copy(), prior.cov.copy()
    mean[new] = model.evidence.mean[old]
    cov[np.ix_(new, new)] = model.evidence.cov[np.ix_(old, old)]
    slopes = np.zeros((len(model.therapists.ids), len(rows) + 1))
    slopes[:, new] = model.therapists.lean[:, old]

    drift = model.evidence.drift.select_features(prior.names)
    evidence = replace(model.evidence, names=prior.names, mean=mean, cov=cov, drift=drift)
    keeps_trees = model.learned is not None and model.learned.find_split_features() <= {row.name for row in rows}
    return replace(
        model,
        features=rows,
        evidence=evidence,
        therapists=replace(model.therapists, lean=slopes),
        learned=model.learned if keeps_trees else None,
        dropout=None if model.dropout is None else _migrate_dropout(model.dropout, prior, rows, new, old),
        scales=None if model.scales is None else _migrate_scales(model.scales, model, features),
    )


def _migrate_scales(scales: ScaleModels, model: AllianceModel, features: Sequence[Feature]) -> ScaleModels:
    """Return the scales over another list of features; a new feature moves no scale more than another."""
    known = set(model.feature_names)
    bond, task = (_remove_weights(migrate_model(contrast, features), known) for contrast in scales.contrasts)
    return replace(scales, contrasts=(bond, task))


def _remove_weights(contrast: AllianceModel, known: Collection[str]) -> AllianceModel:
    """Return a contrast in which each feature outside ``known`` has the weight 0."""
    evidence = contrast.evidence
    is_new = np.array([False, *(name not in known for name in evidence.names)])
    cov = evidence.cov.copy()
    cov[is_new, is_new] = HELD_PRIOR_SD**2
    return replace(contrast, evidence=replace(evidence, mean=np.where(is_new, 0.0, evidence.mean), cov=cov))


def _migrate_dropout(
    dropout: DropoutModel, prior: WeightDistribution, rows: Sequence[Feature], new: list[int], old: list[int]
) -> DropoutModel:
    """Return the model of dropout over the new list of features."""
    mean, cov = build_dropout_prior(prior, rows)
    mean[new], cov[np.ix_(new, new)] = dropout.mean[old], dropout.cov[np.ix_(old, old)]
    slopes = np.zeros((len(dropout.therapists.ids), len(mean)))
    slopes[:, new] = dropout.therapists.lean[:, old]
    return replace(dropout, mean=mean, cov=cov, therapists=replace(dropout.therapists, lean=slopes))


def _keep_training(trained: Feature, row: Feature) -> Feature:
    """Return the feature of the model, with the typical value of the clinic's tables where the model has none."""
    return replace(trained, typical=row.typical) if math.isnan(trained.typical) else trained


def _match_columns(names: Sequence[str], old_columns: dict[str, int]) -> tuple[list[int], list[int]]:
    """Return the new and the old positions of the columns in both lists; the intercept is column 0 of both."""
    both = [(column, old_columns[name]) for column, name in enumerate(names, start=1) if name in old_columns]
    return [0, *(new for new, _ in both)], [0, *(old for _, old in both)]
