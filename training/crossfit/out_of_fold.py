"""Out-of-fold predictions: each record is predicted by a model that was fitted without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.features.pairs import Pairs
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel
from attune_fit.training.crossfit.record_scores import compute_drift, compute_record_parts


@dataclass(frozen=True)
class OutOfFoldPredictions:
    """Out-of-fold predictions of n records; arrays of shape (n,), in POMP unless another unit is given.

    Attributes
    ----------
    y : array
        Early alliance as rated.
    score, sd : arrays
        Expected alliance, and the standard deviation of one rating around it.
    score_without_pair_part : array
        The score minus its pair part: the expectation if every therapist suited this client equally.
    therapist_effect : array
        The therapist's own effect.
    centered_pair_part : array
        The pair part minus its mean over the therapists this client could have met. It describes the choice between
        therapists alone. NaN for records outside :func:`build_re_pairing_sample`.
    therapist : array of int
        Row label of the therapist the client met.
    net_honoured_wishes : array
        The clinic's simple rule: wishes honoured minus wishes not honoured, a count.
    """

    y: Floats
    score: Floats
    sd: Floats
    score_without_pair_part: Floats
    therapist_effect: Floats
    centered_pair_part: Floats
    therapist: Indices
    net_honoured_wishes: Floats

    @property
    def standardised_residuals(self) -> Floats:
        """Rating minus prediction, in predicted standard deviations, shape (n,)."""
        return (self.y - self.score) / self.sd


def predict_out_of_fold(records: TrainingDataset, fold_models: Sequence[FoldModel]) -> OutOfFoldPredictions:
    """Predict the test rows of each fold with that fold's model, in the order of the records."""
    columns: dict[str, list[Floats]] = {"score": [], "sd": [], "score_without_pair_part": [], "therapist_effect": []}
    for fold in fold_models:
        standard = records.standardised_features[fold.test]
        parts = compute_record_parts(fold.model, records, fold.test)
        columns["score"].append(parts.score)
        columns["sd"].append(np.sqrt(parts.sd**2 + fold.model.evidence.sigma**2))
        pair_part = _compute_linear_pair_part(fold.model, standard, records.measured_on[fold.test]) + parts.learned
        columns["score_without_pair_part"].append(parts.score - pair_part)
        columns["therapist_effect"].append(parts.therapist)
    rows = np.concatenate([np.empty(0, dtype=np.intp), *(fold.test for fold in fold_models)])
    order = np.argsort(rows)
    rows = rows[order]
    joined = {name: np.concatenate([np.empty(0), *values])[order] for name, values in columns.items()}
    return OutOfFoldPredictions(
        y=records.y[rows],
        centered_pair_part=np.full(len(rows), np.nan),
        therapist=records.therapist[rows],
        net_honoured_wishes=count_net_honoured_by_record(records, rows),
        **joined,
    )


def compute_pair_part(
    model: AllianceModel, standard: Floats, measured_on: npt.NDArray[np.datetime64] | None = None
) -> Floats:
    """Return the pair part of each score, in POMP: what pair features and trees add.

    Parameters
    ----------
    model : AllianceModel
    standard : array of shape (..., p)
        Features in units of their scale; NaN where unknown.
    measured_on : array of datetime64, shape (n,), optional
        The day of each record, along the first axis of ``standard``; today's weights when None.

    Returns
    -------
    array of shape (...)
    """
    linear = _compute_linear_pair_part(model, standard, measured_on)
    return linear if model.learned is None else linear + model.learned.predict(model.feature_names, standard)


def _compute_linear_pair_part(
    model: AllianceModel, standard: Floats, measured_on: npt.NDArray[np.datetime64] | None
) -> Floats:
    """Return what pair features add in the linear layer; an unknown feature adds nothing."""
    is_pair_feature = np.array([feature.side == "pair" for feature in model.features], dtype=bool)
    weights = model.evidence.mean[1:][is_pair_feature]
    linear: Floats = fill_unknown(standard, model.features)[..., is_pair_feature] @ weights
    return linear if measured_on is None else linear + compute_drift(model, standard, measured_on)


def count_net_honoured_by_record(records: TrainingDataset, rows: Indices) -> Floats:
    """Count the net honoured wishes of each record's pair, shape (rows,): what a clinic would count without Attune."""
    pairs = Pairs.from_rows(records.sides, records.client, records.therapist)
    return records.compute_once("net honoured wishes", lambda: count_net_honoured_wishes(pairs))[rows]


def count_net_honoured_wishes(pairs: Pairs) -> Floats:
    """Count wishes honoured minus wishes not honoured, one point each; an array in the shape of the pairs."""
    wanted = [
        pairs.count_wishes(strength, "met") - pairs.count_wishes(strength, "unmet") for strength in ("must", "prefer")
    ]
    unwanted = [
        pairs.count_wishes(strength, "unmet") - pairs.count_wishes(strength, "met") for strength in ("avoid", "never")
    ]
    return pairs.broadcast(sum([*wanted, *unwanted]))
