"""Center and scale of features without a published norm, estimated from the clinic's own possible pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs, Sides

MAX_SCALE_CLIENTS = 500  # clients; enough for a mean and an SD


def fill_scales(features: Sequence[Feature], sides: Sides) -> tuple[Feature, ...]:
    """Fill in the center and scale of features that have none (NaN).

    Center and scale are the mean and standard deviation over all therapists and at most :data:`MAX_SCALE_CLIENTS`
    clients, at even steps through the table. A feature that is unknown everywhere gets 0 and 1; a constant feature gets
    scale 1.
    """
    incomplete = [feature for feature in features if math.isnan(feature.center) or math.isnan(feature.scale)]
    if not incomplete:
        return tuple(features)
    clients = len(sides.tables.clients)
    sample = np.unique(np.linspace(0, clients - 1, min(clients, MAX_SCALE_CLIENTS)).astype(np.intp))
    values = PairFrame.from_pairs(Pairs.cross(sides, sample), incomplete).values.reshape(-1, len(incomplete))
    filled = {feature.name: fill_scale(feature, values[:, column]) for column, feature in enumerate(incomplete)}
    return tuple(filled.get(feature.name, feature) for feature in features)


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
