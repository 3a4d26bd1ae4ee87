"""What decides whether a part of a score can be a reason or a caution, and does not depend on the client."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.trees import DIRECTION_SIGNS

MIN_CONTRIBUTION_POMP = 0.125  # half of .01 on an item mean from 1 to 5: a smaller part is printed as .00


@dataclass(frozen=True)
class ReasonCriteria:
    """The criteria of a model's p features at one clinic.

    Attributes
    ----------
    model : AllianceModel
    is_turned : array of bool, shape (p,)
        Features that act against their stated direction here, from :func:`find_turned_weights`.
    points_per_pomp : float
        Points of the instrument for one POMP.
    """

    model: AllianceModel
    is_turned: Bools
    points_per_pomp: float

    @property
    def features(self) -> tuple[Feature, ...]:
        """The model's features."""
        return self.model.features

    @cached_property
    def has_weight(self) -> Bools:
        """Features of the pair that can move the score, by a weight or a tree split; shape (p,)."""
        model = self.model
        trees = frozenset() if model.learned is None else model.learned.find_split_features()
        in_trees = np.array([name in trees for name in model.feature_names], dtype=bool)
        return np.asarray(((model.evidence.mean[1:] != 0) | in_trees) & ~model.is_client_feature)

    @cached_property
    def missing_sd(self) -> Floats:
        """Standard deviation that an unknown feature adds to a score, POMP; shape (p,)."""
        return np.sqrt(self.model.evidence.missing_value_variance)

    @cached_property
    def _centers(self) -> Floats:
        return np.array([feature.center for feature in self.features], dtype=float)

    @cached_property
    def _has_text_above(self) -> Bools:
        return np.array([bool(one.text_above) and one.side != "client" for one in self.features], dtype=bool)

    @cached_property
    def _has_text_below(self) -> Bools:
        return np.array([bool(one.text_below) and one.side != "client" for one in self.features], dtype=bool)

    @cached_property
    def _walls(self) -> Floats:
        return np.array([DIRECTION_SIGNS[feature.wall] for feature in self.features], dtype=float)

    def find_reportable(self, values: Floats, sign: int) -> Bools:
        """Find the parts whose sentence is true of the pair, and that break no promised direction.

        Parameters
        ----------
        values : array of shape (..., p)
            The features in their own units; NaN where unknown.
        sign : {1, -1}
            Whether the parts raise or lower the score.

        Returns
        -------
        array of bool, shape (..., p + 1)
            The last element is the therapist effect, whose sentence is always true.
        """
        above, below = values > self._centers, values < self._centers  # no sentence at the center or where unknown
        side = above.astype(float) - below
        keeps_promise = side * sign * self._walls >= 0
        reportable = ((above & self._has_text_above) | (below & self._has_text_below)) & keeps_promise
        return np.concatenate([reportable, np.ones((*values.shape[:-1], 1), dtype=bool)], axis=-1)

    def find_wished_columns(self, attributes: frozenset[str]) -> Bools:
        """Find the features, other than wishes, that read a column the client has a wish about; shape (p + 1,).

        ``attributes`` are the columns of the therapists that the client's wishes are about.
        """
        reads_one = [
            PREFERENCES_TABLE not in feature.client and not attributes.isdisjoint(feature.therapist)
            for feature in self.features
        ]
        return np.array([*reads_one, False], dtype=bool)
