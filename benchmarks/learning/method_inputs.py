"""Inputs of every method: early alliance records, and the features of pairs, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.training.crossfit.dataset import TrainingDataset
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME


@dataclass(frozen=True)
class MethodInputs:
    """Tables, and the clients to rank therapists for.

    Attributes
    ----------
    tables : Tables
    client_rows : array of int, shape (clients,)
        Rows of ``tables.clients``.
    """

    tables: Tables
    client_rows: Indices

    @property
    def n_therapists(self) -> int:
        """Number of therapists on the roster."""
        return len(self.tables.therapists)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the scores: clients, therapists."""
        return len(self.client_rows), self.n_therapists

    @cached_property
    def early(self) -> pd.DataFrame:
        """One row for each record that a training uses: ``client_row``, ``therapist_row``, ``pomp``."""
        early = compute_early_alliance(self.tables, INSTRUMENTS_BY_NAME)
        return early[early["pomp"].notna() & ~is_intake_after_rating(self.tables.clients, early)]

    @cached_property
    def records(self) -> TrainingDataset:
        """The training data set of these records, with all features of the catalogue."""
        return TrainingDataset.from_tables(self.tables, self.early, FEATURES)

    @property
    def sides(self) -> Sides:
        """Both tables."""
        return self.records.sides

    @property
    def y(self) -> Floats:
        """Early alliance of each record, POMP."""
        return self.records.y

    @property
    def therapist(self) -> Indices:
        """Row of each record's therapist."""
        return self.records.therapist

    @property
    def client(self) -> Indices:
        """Row of each record's client."""
        return self.records.client

    @cached_property
    def cross(self) -> Pairs:
        """Each client with each therapist."""
        return Pairs.cross(self.sides, self.client_rows)

    @cached_property
    def features(self) -> tuple[Floats, Floats]:
        """All features, standardised: of the records (n, p), and of every pair (clients * therapists, p).

        NaN means unknown.
        """
        cross = PairFrame.from_pairs(self.cross, FEATURES).standardize()
        return self.records.standardised_features, cross.reshape(-1, len(FEATURES))

    def reshape_scores(self, of_cross: Floats) -> Floats:
        """Reshape the values of :attr:`cross` to scores, shape (clients, therapists)."""
        return np.asarray(of_cross, dtype=float).reshape(self.shape)
