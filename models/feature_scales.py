"""Typical value and spread of features that no publication gives: seen in the clinic's own possible pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attune_fit.features.feature import Feature
from attune_fit.features.pairs import PairFrame, Pairs, Sides

MAX_SCALE_CLIENTS = 500


def fill_scales(features: Sequence[Feature], sides: Sides) -> tuple[Feature, ...]:
    """Fill in the centre and scale that a feature leaves open (NaN).

    They are the mean and standard deviation over all therapists and at most :data:`MAX_SCALE_CLIENTS` clients, evenly drawn
    from the tables in their given order. A feature unknown everywhere gets 0 and 1; one that never varies gets scale 1.
    """
    open_ = [feature for feature in features if math.isnan(feature.center) or math.isnan(feature.scale)]
    if not open_:
        return tuple(features)
    clients = len(sides.tables.clients)
    some = np.unique(np.linspace(0, clients - 1, min(clients, MAX_SCALE_CLIENTS)).astype(np.intp))
    values = PairFrame.from_pairs(Pairs.cross(sides, some), open_).values.reshape(-1, len(open_))
    filled = {feature.name: _fill_scale(feature, values[:, column]) for column, feature in enumerate(open_)}
    return tuple(filled.get(feature.name, feature) for feature in features)


def _fill_scale(feature: Feature, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Feature:
    known = values[~np.isnan(values)]
    mean, spread = (float(known.mean()), float(known.std())) if len(known) else (0.0, 1.0)
    center = mean if math.isnan(feature.center) else feature.center
    scale = feature.scale
    if math.isnan(scale):
        scale = spread if spread > 1e-9 * max(1.0, abs(mean)) else 1.0
    return replace(feature, center=center, scale=scale)
