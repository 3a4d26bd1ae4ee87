"""The training data set: a clinic's early alliance records, with the features of each pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.features.feature import Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.weight_posterior import compute_sufficient_statistics

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class TrainingDataset:
    """Episodes with an early rating, in the tables' canonical order.

    Attributes
    ----------
    sides : Sides
        The clients and therapists of the tables.
    features : tuple of Feature, length p
        Each feature has its centre and scale.
    client, therapist : array of int, shape (n,)
        Row labels of the tables.
    y : array of shape (n,)
        Early alliance, POMP.
    measured_on : array of datetime64, shape (n,)
        Date of the first rating; NaT where unknown.
    standardised_features : array of shape (n, p)
        Features in units of their scale; NaN where unknown.
    """

    sides: Sides
    features: tuple[Feature, ...]
    client: Indices
    therapist: Indices
    y: Floats
    measured_on: npt.NDArray[np.datetime64]
    standardised_features: Floats

    @classmethod
    def from_tables(cls, tables: Tables, early: pd.DataFrame, features: Sequence[Feature]) -> TrainingDataset:
        """Return the records of ``early`` with the features of their pairs.

        A record whose client answered the intake after the rating is excluded, because such answers can leak the
        outcome: see :func:`is_intake_after_rating`.

        Parameters
        ----------
        tables : Tables
        early : DataFrame
            One row an episode, from :func:`compute_early_alliance`. Rows without a rating are excluded.
        features : sequence of Feature
        """
        early = early[early["pomp"].notna() & ~is_intake_after_rating(tables.clients, early)]
        sides = Sides(tables)
        client, therapist = early["client_row"].to_numpy(np.intp), early["therapist_row"].to_numpy(np.intp)
        frame = PairFrame.from_pairs(Pairs.from_rows(sides, client, therapist), features)
        measured_on = early["measured_on"].to_numpy("datetime64[D]")
        return cls(
            sides, tuple(features), client, therapist, early["pomp"].to_numpy(float), measured_on, frame.standardize()
        )

    def __len__(self) -> int:
        return len(self.y)

    @property
    def therapist_ids(self) -> list[str]:
        """Ids of all therapists, in the order of their rows."""
        return [str(therapist_id) for therapist_id in self.sides.tables.therapists["therapist_id"]]

    def compute_sufficient_statistics(self, rows: Indices, fixed_features: Iterable[str] = ()) -> SufficientStatistics:
        """Return the sufficient statistics of some records for the linear layer.

        Parameters
        ----------
        rows : array of int
            Which records.
        fixed_features : iterable of str
            Names of features to treat as unknown; their weights then stay at the prior.
        """
        standard = self.standardised_features[rows]
        fixed = set(fixed_features)
        standard[:, [feature.name in fixed for feature in self.features]] = np.nan
        return compute_sufficient_statistics(
            self.features, standard, self.y[rows], self.therapist[rows], len(self.sides.tables.therapists)
        )
