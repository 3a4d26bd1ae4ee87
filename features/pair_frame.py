"""The feature matrix of some pairs, raw and standardized."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs

BLOCK_PAIRS = 8192  # larger blocks are hardly faster, smaller ones are slower


def fill_unknown(standard: Floats, features: Sequence[Feature]) -> Floats:
    """Return standardized features (..., n_features) with the clinic's typical value where one is unknown (NaN)."""
    typical = np.array([feature.standard_typical for feature in features])
    return np.where(np.isnan(standard), typical, standard)


@dataclass(frozen=True)
class PairFrame:
    """The features of some pairs.

    Attributes
    ----------
    features : tuple of Feature
        One for each entry of the last axis.
    values : array of shape (*pairs.shape, n_features)
        Each feature in its own unit; NaN where unknown.
    """

    features: tuple[Feature, ...]
    values: Floats

    @classmethod
    def from_pairs(cls, pairs: Pairs, features: Sequence[Feature]) -> PairFrame:
        """Build the columns of ``features`` for ``pairs``; time and memory grow with pairs times features.

        The pairs are worked through in blocks: the arrays of a block stay in the processor's cache, and features
        share what they compute for it.
        """
        values = np.empty((*pairs.shape, len(features)))
        rows: Floats = np.empty(0)  # the features of a block: each is written to one piece of memory
        for place, block in pairs.iterate_blocks(BLOCK_PAIRS):
            if rows.shape[1:] != block.shape:
                rows = np.empty((len(features), *block.shape))
            for number, feature in enumerate(features):
                rows[number] = feature.function(block)
            values[place] = np.moveaxis(rows, 0, -1)
        return cls(tuple(features), values)

    def take(self, pairs: Indices) -> PairFrame:
        """Return the features of some of the pairs, by their positions in a list of pairs."""
        return PairFrame(self.features, self.values[pairs])

    def standardize(self) -> Floats:
        """Return ``(value - center) / scale`` of each feature, shape (*pairs.shape, n_features); NaN where unknown."""
        center = np.array([feature.center for feature in self.features])
        scale = np.array([feature.scale for feature in self.features])
        standard: Floats = self.values - center
        standard /= scale  # in place, to save one copy of a large array
        return standard
