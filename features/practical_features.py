"""Practical features: how much choice of time, language and format a pair has. That there is any is a rule."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs


def compute_log_shared_slots(pairs: Pairs) -> Floats:
    """Return log(1 + weekly slots free for both), >= 0; NaN where either is unknown."""
    return np.log1p(pairs.count_shared_codes("availability", "availability"))


def count_extra_languages(pairs: Pairs) -> Floats:
    """Count the shared languages beyond the one that therapy needs, >= 0; NaN where either is unknown."""
    return np.maximum(pairs.count_shared_codes("languages", "languages") - 1, 0)


def count_extra_formats(pairs: Pairs) -> Floats:
    """Count the shared session formats beyond the one that is needed, >= 0; NaN where either is unknown."""
    return np.maximum(pairs.count_shared_codes("formats", "formats") - 1, 0)


ROWS: tuple[Feature, ...] = (
    Feature(
        "slots_shared",
        "practical",
        "pair",
        ("availability",),
        ("availability",),
        compute_log_shared_slots,
        "+",
        center=1.2,  # two or three slots
        scale=0.5,
        text_above="shares at least three weekly slots with the client",
        text_below="shares at most two weekly slots with the client",
    ),
    Feature(
        "more_languages",
        "practical",
        "pair",
        ("languages",),
        ("languages",),
        count_extra_languages,
        "+",
        center=0.1,  # most pairs share one language
        scale=0.3,
        text_above="shares more than one language with the client",
    ),
    Feature(
        "formats_to_choose",
        "practical",
        "pair",
        ("formats",),
        ("formats",),
        count_extra_formats,
        "+",
        center=0.3,  # most pairs have one format in common
        scale=0.5,
        text_above="offers the client a choice of session formats",
    ),
)
