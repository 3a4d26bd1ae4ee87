"""Center, scale and typical value of features, estimated from the clinic's own possible pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.feature import Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides

MAX_SCALE_CLIENTS = 500  # clients; enough for a mean and an SD
MAX_TYPICAL_PAIRS = 20_000  # pairs; the standard error of a mean over them is below .01 of an SD


def fill_scales(features: Sequence[Feature], sides: Sides) -> tuple[Feature, ...]:
    """Fill in the center and scale of features that have none (NaN), and the typical value of every feature.

    Center and scale are the mean and standard deviation over all therapists and at most :data:`MAX_SCALE_CLIENTS`
    clients, at even steps through the table. A feature that is unknown everywhere gets 0 and 1; a constant feature gets
    scale 1. The typical value is the mean over the pairs of :func:`sample_possible_pairs`; NaN where all are unknown.
    A center, scale or typical value that a feature has already is kept.
    """
    clients = len(sides.tables.clients)
    steps = np.unique(np.linspace(0, clients - 1, min(clients, MAX_SCALE_CLIENTS)).astype(np.intp))
    incomplete = [feature for feature in features if math.isnan(feature.center) or math.isnan(feature.scale)]
    scaled = {
        feature.name: fill_scale(feature, values)
        for feature, values in _compute_values(incomplete, Pairs.cross(sides, steps))
    }
    rows = [scaled.get(feature.name, feature) for feature in features]
    untypical = [feature for feature in rows if math.isnan(feature.typical)]
    typical = {
        feature.name: fill_typical(feature, values)
        for feature, values in _compute_values(untypical, sample_possible_pairs(sides))
    }
    return tuple(typical.get(feature.name, feature) for feature in rows)


def fill_scale(feature: Feature, values: Floats) -> Feature:
    """Fill in the center and scale of one feature, where it has none, from its values: shape (n,), NaN where unknown.

    A feature without a known value gets 0 and 1; a constant feature gets scale 1.
    """
    known = values[~np.isnan(values)]
    mean, sd = (float(known.mean()), float(known.std())) if len(known) else (0.0, 1.0)
    center = mean if math.isnan(feature.center) else feature.center
    scale = feature.scale
    if math.isnan(scale):
        scale = sd if sd > 1e-9 * max(1.0, abs(mean)) else 1.0
    return replace(feature, center=center, scale=scale)


def fill_typical(feature: Feature, values: Floats) -> Feature:
    """Fill in the typical value of one feature, where it has none: the mean of its known values, shape (n,).

    It stays NaN where no value is known.
    """
    known = values[~np.isnan(values)]
    is_filled = not len(known) or not math.isnan(feature.typical)
    return feature if is_filled else replace(feature, typical=float(known.mean()))


def sample_possible_pairs(sides: Sides, most: int = MAX_TYPICAL_PAIRS) -> Pairs:
    """Return all pairs of the clinic, or an even sample of ``most`` of them.

    Every therapist is in the sample about equally often, and so is every client. The order of rows in the files does
    not matter: people are taken in the order of their ids.
    """
    tables = sides.tables
    n_clients, n_therapists = len(tables.clients), len(tables.therapists)
    if n_clients * n_therapists <= most:
        return Pairs.cross(sides)
    clients = _sort_by_id(tables.clients["client_id"].to_numpy(str))
    therapists = _sort_by_id(tables.therapists["therapist_id"].to_numpy(str))
    step = np.arange(most)
    return Pairs.from_rows(sides, clients[step * n_clients // most], therapists[step % n_therapists])


def _sort_by_id(ids: npt.NDArray[np.str_]) -> Indices:
    """Return the row numbers in the order of the ids."""
    return np.argsort(ids, kind="stable").astype(np.intp)


def _compute_values(features: Sequence[Feature], pairs: Pairs) -> list[tuple[Feature, Floats]]:
    """Return each feature with its values over the pairs, shape (pairs,); no pair is computed without a feature."""
    if not features:
        return []
    values = PairFrame.from_pairs(pairs, features).values.reshape(-1, len(features))
    return list(zip(features, values.T, strict=True))
