"""A model in JSON's types and back: everything but the trees and the functions of the features."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import Interval
from attune_fit.models.therapist_effects import Therapists
from attune_fit.models.trees import Learned
from attune_fit.models.weight_posterior import Evidence

DEFINES = ("family", "side", "client", "therapist", "direction")  # what makes a feature the one that was trained


def packed(model: AllianceModel) -> dict[str, Any]:
    """Plain types only; a float keeps every digit, features keep their names but no function."""
    learned = model.learned
    return {
        "features": [
            {"name": row.name, "center": row.center, "scale": row.scale, **definition(row)} for row in model.features
        ],
        "evidence": _plain(model.evidence, without=("names",)),
        "therapists": _plain(model.therapists),
        "learned": None if learned is None else {"names": learned.names, "share": learned.share},
        "width": asdict(model.width),
        "verdict": asdict(model.verdict),
        "instrument": model.instrument,
        "n_outcomes": model.n_outcomes,
        "data_digest": model.data_digest,
    }


def unpacked(said: dict[str, Any], trees: str, features: tuple[Feature, ...]) -> AllianceModel:
    """Build the model that :func:`packed` described, with the features' functions and the trees' text."""
    columns = len(features) + 1
    evidence, therapists, learned, width = (said[part] for part in ("evidence", "therapists", "learned", "width"))
    return AllianceModel(
        features=features,
        evidence=Evidence(
            names=tuple(feature.name for feature in features),
            mean=np.array(evidence["mean"], dtype=float),
            cov=np.array(evidence["cov"], dtype=float).reshape(columns, columns),
            sigma=evidence["sigma"],
            tau=evidence["tau"],
            unit=evidence["unit"],
            relevance=evidence["relevance"],
        ),
        therapists=Therapists(
            ids=tuple(therapists["ids"]),
            effect=np.array(therapists["effect"], dtype=float),
            lean=np.array(therapists["lean"], dtype=float).reshape(-1, columns),
            own=np.array(therapists["own"], dtype=float),
            tau2=therapists["tau2"],
        ),
        learned=None if learned is None else Learned(tuple(learned["names"]), trees, learned["share"]),
        width=Interval(**{**width, "below": tuple(width["below"]), "above": tuple(width["above"])}),
        verdict=Verdict.read(said["verdict"]),
        instrument=said["instrument"],
        n_outcomes=said["n_outcomes"],
        data_digest=said["data_digest"],
    )


def definition(feature: Feature) -> dict[str, Any]:
    """What makes a feature the one it is, as JSON gives it back."""
    keys = (*DEFINES, "compare") if feature.compare else DEFINES
    return {key: list(value) if isinstance(value := getattr(feature, key), tuple) else value for key in keys}


def _plain(row: Evidence | Therapists, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """A dataclass of arrays as lists."""
    fields = {key: getattr(row, key) for key in row.__dataclass_fields__ if key not in without}
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in fields.items()}
