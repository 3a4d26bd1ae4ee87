"""Conversion of a model to JSON types and back; trees and feature functions are not included."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.dropout_model import DropoutCheck, DropoutModel
from attune_fit.models.level_terms import LevelTerms
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.scale_models import ScaleModels
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.trees import BoostedTrees
from attune_fit.models.weight_drift import WeightDrift
from attune_fit.models.weight_posterior import WeightDistribution

DEFINITION_FIELDS = ("family", "side", "client", "therapist", "direction")  # a weight is valid only for the same ones


def serialize_model(model: AllianceModel) -> dict[str, Any]:
    """Return the model in JSON types: floats keep every digit; features keep their names but no function."""
    learned = model.learned
    scales = {} if model.scales is None else {"scales": _serialize_scales(model.scales)}
    return {
        "features": [
            {"name": row.name, **_convert_numbers(row), **build_feature_definition(row)} for row in model.features
        ],
        **_serialize_linear_layer(model),
        "drift": _convert_to_lists(model.evidence.drift),
        "learned": None if learned is None else {"names": learned.names, "share": learned.stacking_weight},
        "width": asdict(model.width),
        "verdict": asdict(model.verdict),
        "instrument": model.instrument,
        "n_outcomes": model.n_outcomes,
        "data_digest": model.data_digest,
        **({} if model.dropout is None else {"dropout": _serialize_dropout(model.dropout)}),
        **scales,
    }


def _serialize_linear_layer(model: AllianceModel) -> dict[str, Any]:
    """Return the weights, the level terms and the therapist effects of a model in JSON types."""
    return {
        "evidence": _convert_to_lists(model.evidence, without=("names", "levels", "drift")),
        "levels": _convert_to_lists(model.evidence.levels),
        "therapists": _convert_to_lists(model.therapists),
    }


def _serialize_scales(scales: ScaleModels) -> dict[str, Any]:
    """Return goal, task and bond in JSON types; their features are those of the total."""
    return {
        "contrasts": [_serialize_linear_layer(contrast) for contrast in scales.contrasts],
        "offset": scales.offset,
        "widths": [asdict(width) for width in scales.widths],
        "n_records": scales.n_records,
    }


def deserialize_model(content: dict[str, Any], trees: str, features: tuple[Feature, ...]) -> AllianceModel:
    """Build the model from the dict of :func:`serialize_model`, the text of the trees, and the features."""
    learned, columns = content["learned"], len(features) + 1
    return replace(
        _read_linear_layer(content, features),
        learned=None if learned is None else BoostedTrees(tuple(learned["names"]), trees, learned["share"]),
        width=_read_interval(content["width"]),
        verdict=Verdict.from_dict(content["verdict"]),
        instrument=content["instrument"],
        n_outcomes=content["n_outcomes"],
        data_digest=content["data_digest"],
        dropout=_read_dropout(content.get("dropout"), columns),
        scales=_read_scales(content.get("scales"), features),
    )


def _read_linear_layer(content: dict[str, Any], features: tuple[Feature, ...]) -> AllianceModel:
    """Return a model of the weights and the therapist effects alone."""
    columns, evidence, therapists = len(features) + 1, content["evidence"], content["therapists"]
    return AllianceModel(
        features=features,
        evidence=WeightDistribution(
            names=tuple(feature.name for feature in features),
            mean=np.array(evidence["mean"], dtype=float),
            cov=np.array(evidence["cov"], dtype=float).reshape(columns, columns),
            sigma=evidence["sigma"],
            tau=evidence["tau"],
            unit=evidence["unit"],
            relevance=evidence["relevance"],
            levels=_read_level_terms(content.get("levels")),
            drift=_read_drift(content.get("drift")),
        ),
        therapists=_read_therapist_effects(therapists, columns),
    )


def _read_scales(content: dict[str, Any] | None, features: tuple[Feature, ...]) -> ScaleModels | None:
    """Return goal, task and bond; None for a bundle without them."""
    if content is None:
        return None
    bond, task = (_read_linear_layer(contrast, features) for contrast in content["contrasts"])
    first, second, third = map(_read_interval, content["widths"])
    return ScaleModels((bond, task), content["offset"], (first, second, third), content["n_records"])


def _serialize_dropout(dropout: DropoutModel) -> dict[str, Any]:
    """Return the model of dropout in JSON types."""
    check = None if dropout.check is None else dropout.check._asdict()
    therapists = _convert_to_lists(dropout.therapists)
    return {**_convert_to_lists(dropout, without=("therapists", "check")), "therapists": therapists, "check": check}


def _read_dropout(content: dict[str, Any] | None, columns: int) -> DropoutModel | None:
    """Return the model of dropout; None for a bundle without one."""
    if content is None:
        return None
    numbers = {name: content[name] for name in ("intercept", "slope", "n_records", "n_dropouts")}
    return DropoutModel(
        np.array(content["mean"], dtype=float),
        np.array(content["cov"], dtype=float).reshape(columns, columns),
        _read_therapist_effects(content["therapists"], columns),
        **numbers,
        check=None if content["check"] is None else DropoutCheck(**content["check"]),
    )


def _read_therapist_effects(content: dict[str, Any], columns: int) -> TherapistEffects:
    return TherapistEffects(
        ids=tuple(content["ids"]),
        effect=np.array(content["effect"], dtype=float),
        lean=np.array(content["lean"], dtype=float).reshape(-1, columns),
        own=np.array(content["own"], dtype=float),
        tau2=content["tau2"],
    )


def _read_interval(content: dict[str, Any]) -> PredictionInterval:
    """Return the prediction interval; in a bundle of an earlier version both sides have one ``narrowing``, or none."""
    one_for_both = {"narrowing_below": content["narrowing"]} if "narrowing" in content else {}
    return PredictionInterval(
        **{**one_for_both, **content, "below": tuple(content["below"]), "above": tuple(content["above"])}
    )


def _read_level_terms(content: dict[str, Any] | None) -> LevelTerms:
    """Return the level terms; none for a bundle of an earlier version."""
    if content is None:
        return LevelTerms()
    return LevelTerms(tuple(content["names"]), np.array(content["effect"], dtype=float), content["site_column"])


def _read_drift(content: dict[str, Any] | None) -> WeightDrift:
    """Return the drift of the weights; none for a bundle of an earlier version."""
    if content is None:
        return WeightDrift()
    return WeightDrift(tuple(content["names"]), np.array(content["change"], dtype=float), content["reference"])


def build_feature_definition(feature: Feature) -> dict[str, Any]:
    """Return the fields that identify a feature, in the types that JSON gives back."""
    keys = (*DEFINITION_FIELDS, "compare") if feature.compare else DEFINITION_FIELDS
    return {key: list(value) if isinstance(value := getattr(feature, key), tuple) else value for key in keys}


def _convert_numbers(feature: Feature) -> dict[str, float]:
    """Return the numbers of a feature that a bundle keeps; without a typical value where it is not estimated."""
    typical = {} if math.isnan(feature.typical) else {"typical": feature.typical}
    return {"center": feature.center, "scale": feature.scale, **typical}


def _convert_to_lists(
    row: WeightDistribution | TherapistEffects | LevelTerms | WeightDrift | DropoutModel, without: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a dataclass of arrays as a dict of lists, without the fields ``without``."""
    fields = {key: getattr(row, key) for key in row.__dataclass_fields__ if key not in without}
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in fields.items()}
