"""Scores of all pairs of a synthetic population, of which the kinds of fit are made."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.synthetic.code_frequencies import NUMERIC_COLUMNS
from attune_fit.data.synthetic.fit_mechanisms import FIT_MECHANISMS
from attune_fit.data.synthetic.people import People, build_cross_rows
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame, fill_unknown
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides

CLIENT_NUMBERS = (*(row.column for row in NUMERIC_COLUMNS), "age")
CLIENT_SETS = ("presenting_problems", "wishes", "availability", "formats")  # their number of entries is used
THERAPIST_NUMBERS = (*(f"{style}_style" for style in STYLES), "interpersonal_skill", "years_experience", "age")
THERAPIST_SETS = ("specialties", "orientations", "availability", "languages")
PAIR_FEATURES = tuple(feature for feature in FEATURES if feature.side == "pair")


@dataclass(frozen=True)
class PairTerms:
    """Standard scores of all pairs of a population: carriers and pair features, and the columns of both sides.

    Attributes
    ----------
    clients, therapists : People
        True values, in the rows of the tables.
    sides : Sides
        The tables, where answers are missing; pair features read them.
    """

    clients: People
    therapists: People
    sides: Sides
    _memo: dict[Hashable, Floats] = field(default_factory=dict, init=False, repr=False, compare=False)

    def take_carrier(self, name: str) -> Floats:
        """Return a carrier of :data:`FIT_MECHANISMS` in standard scores, shape (clients, therapists)."""
        if name not in self._memo:
            rows = build_cross_rows(self.clients, self.therapists)
            self._memo[name] = standardize_values(FIT_MECHANISMS[name](self.clients, self.therapists, *rows))
        return self._memo[name]

    def take_feature(self, feature: Feature) -> Floats:
        """Return a pair feature in standard scores, shape (clients, therapists); an unknown value is typical."""
        frame = PairFrame.from_pairs(Pairs.cross(self.sides), (feature,))
        return standardize_values(fill_unknown(frame.standardize(), (feature,))[:, :, 0])

    def take_client_column(self, name: str) -> Floats:
        """Return a numeric client column, or a number of entries, in standard scores; shape (clients, 1)."""
        return _standardize_column(self.clients, name)[:, None]

    def take_therapist_column(self, name: str) -> Floats:
        """Return a numeric therapist column, or a number of entries, in standard scores; shape (1, therapists)."""
        return _standardize_column(self.therapists, name)[None, :]


def standardize_values(values: Floats) -> Floats:
    """Return standard scores over all entries; all 0 where the values do not vary."""
    spread = values.std()
    return np.asarray((values - values.mean()) / spread if spread > 1e-9 else np.zeros(values.shape))


def double_center_pairs(values: Floats) -> Floats:
    """Subtract the means of clients and of therapists, shape (clients, therapists): the interaction remains."""
    by_client, by_therapist = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    return np.asarray(values - by_client - by_therapist + values.mean())


def rescale_interaction(values: Floats) -> Floats:
    """Return the interaction of a term, with SD 1 over all pairs; all 0 where the term has no interaction."""
    centred = double_center_pairs(values)
    return np.asarray(centred / centred.std() if centred.std() > 1e-6 else np.zeros(values.shape))


def _standardize_column(people: People, name: str) -> Floats:
    values = people[name]
    return standardize_values(values.astype(float) if values.ndim == 1 else (values != 0).sum(axis=1).astype(float))
