"""Scores of records as they were made: at their instrument's, site's and period's level, with their day's weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.models.alliance_model import AllianceModel, ScoreParts
from attune_fit.training.crossfit.dataset import TrainingDataset


def compute_record_parts(model: AllianceModel, records: TrainingDataset, rows: Indices) -> ScoreParts:
    """Compute the parts of the score of some records, as they were made.

    The baseline is that of their instrument, site and period, and the weights are those of their day.
    """
    standard = records.standardised_features[rows]
    linear = replace(model, learned=None)
    parts = linear.compute_parts_from_features(standard, records.therapist_ids, records.therapist[rows])
    return replace(
        parts,
        baseline=parts.baseline + records.compute_levels(rows, model.evidence.levels),
        evidence=parts.evidence + compute_drift(model, standard, records.measured_on[rows]),
        learned=predict_trees(model, records, rows),
    )


def compute_record_score(model: AllianceModel, records: TrainingDataset, rows: Indices) -> Floats:
    """Compute the score of some records, as :func:`compute_record_parts`, without its uncertainty; (rows,), POMP."""
    standard = records.standardised_features[rows]
    effect, _, _ = model.therapists.select_for_roster(records.therapist_ids)
    drift = compute_drift(model, standard, records.measured_on[rows])
    levels, learned = records.compute_levels(rows, model.evidence.levels), predict_trees(model, records, rows)
    return compute_linear_score(model, standard) + levels + drift + learned + effect[records.therapist[rows]]


def compute_linear_score(model: AllianceModel, standard: Floats) -> Floats:
    """Compute intercept and linear layer at today's weights from features (..., p), NaN where unknown; POMP."""
    return np.asarray(model.intercept + fill_unknown(standard, model.features) @ model.evidence.mean[1:])


def predict_trees(model: AllianceModel, records: TrainingDataset, rows: Indices) -> Floats:
    """Return what the model's trees add to the score of some records, shape (rows,), POMP."""
    if model.learned is None:
        return np.zeros(len(rows))
    return model.learned.predict(model.feature_names, records.standardised_features[rows])


def compute_drift(model: AllianceModel, standard: Floats, measured_on: npt.NDArray[np.datetime64]) -> Floats:
    """Compute what the weights of earlier days add to the score beyond those of today, POMP.

    Parameters
    ----------
    model : AllianceModel
    standard : array of shape (n, ..., p)
        Features in units of their scale; NaN where unknown.
    measured_on : array of datetime64, shape (n,)

    Returns
    -------
    array of shape (n, ...)
    """
    drift = model.evidence.drift
    if not drift.names:
        return np.zeros(standard.shape[:-1])
    columns = [model.feature_names.index(name) for name in drift.names]
    change: Floats = fill_unknown(standard, model.features)[..., columns] @ drift.change
    return (change.T * drift.compute_age(measured_on)).T
