"""What models say of records they were not made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel


@dataclass(frozen=True)
class OutOfFoldPredictions:
    """Out-of-fold predictions; arrays of one length, in POMP unless said.

    Attributes
    ----------
    y : array
        Early alliance as rated.
    score, sd : arrays
        Expected alliance, and the standard deviation of one rating about it.
    score_without_pair_part : array
        The score without its pair part: what is expected whoever suits whom.
    therapist_effect : array
        The therapist's own effect.
    centered_pair_part : array
        The pair part less its mean over the therapists this client could have met: what is said about the choice alone.
        NaN where nobody asked, see :func:`build_re_pairing_sample`.
    therapist : array of int
        Whom the client met.
    net_honoured_wishes : array
        The clinic's simple rule: wishes honoured, less wishes not honoured.
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
        """How far each rating fell from its prediction, in predicted standard deviations."""
        return (self.y - self.score) / self.sd


def predict_out_of_fold(records: TrainingDataset, made: Sequence[FoldModel]) -> OutOfFoldPredictions:
    """Predict the rows each model was not made from, in the order of the records."""
    columns: dict[str, list[Floats]] = {"score": [], "sd": [], "score_without_pair_part": [], "therapist_effect": []}
    for one in made:
        standard = records.standardised_features[one.test]
        parts = one.model.compute_parts_from_features(standard, records.therapist_ids, records.therapist[one.test])
        columns["score"].append(parts.score)
        columns["sd"].append(np.sqrt(parts.sd**2 + one.model.evidence.sigma**2))
        columns["score_without_pair_part"].append(
            parts.score - (_linear_pair_part(one.model, standard) + parts.learned)
        )
        columns["therapist_effect"].append(parts.therapist)
    rows = np.concatenate([np.empty(0, dtype=np.intp), *(one.test for one in made)])
    order = np.argsort(rows)
    rows = rows[order]
    joined = {name: np.concatenate([np.empty(0), *parts])[order] for name, parts in columns.items()}
    return OutOfFoldPredictions(
        y=records.y[rows],
        centered_pair_part=np.full(len(rows), np.nan),
        therapist=records.therapist[rows],
        net_honoured_wishes=count_net_honoured_by_record(records, rows),
        **joined,
    )


def compute_pair_part(model: AllianceModel, standard: Floats) -> Floats:
    """What pair features and trees add, of the shape of the pairs."""
    linear = _linear_pair_part(model, standard)
    return linear if model.learned is None else linear + model.learned.predict(model.feature_names, standard)


def _linear_pair_part(model: AllianceModel, standard: Floats) -> Floats:
    """What pair features add in the linear layer."""
    of_pair = np.array([feature.side == "pair" for feature in model.features], dtype=bool)
    linear: Floats = np.nan_to_num(standard[..., of_pair], nan=0.0) @ model.evidence.mean[1:][of_pair]
    return linear


def count_net_honoured_by_record(records: TrainingDataset, rows: Indices) -> Floats:
    """What a clinic would count without Attune, for the pairs of some records."""
    return count_net_honoured_wishes(Pairs.from_rows(records.sides, records.client[rows], records.therapist[rows]))


def count_net_honoured_wishes(pairs: Pairs) -> Floats:
    """Wishes honoured less wishes not honoured, each as one; of the shape of the pairs."""
    wanted = [
        pairs.count_wishes(strength, "met") - pairs.count_wishes(strength, "unmet") for strength in ("must", "prefer")
    ]
    refused = [
        pairs.count_wishes(strength, "unmet") - pairs.count_wishes(strength, "met") for strength in ("avoid", "never")
    ]
    return pairs.broadcast(sum([*wanted, *refused]))
