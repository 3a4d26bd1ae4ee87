"""Inputs of every method: early alliance records, and the features of pairs, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs, Sides
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
        """One row for each record: ``client_row``, ``therapist_row``, ``pomp``."""
        return compute_early_alliance(self.tables, INSTRUMENTS_BY_NAME)

    @cached_property
    def y(self) -> Floats:
        """Early alliance of each record, POMP."""
        return self.early["pomp"].to_numpy(float)

    @cached_property
    def therapist(self) -> Indices:
        """Row of each record's therapist."""
        return self.early["therapist_row"].to_numpy(np.intp)

    @cached_property
    def client(self) -> Indices:
        """Row of each record's client."""
        return self.early["client_row"].to_numpy(np.intp)

    @cached_property
    def met(self) -> Pairs:
        """The pairs of the records."""
        return Pairs.from_rows(Sides(self.tables), self.client, self.therapist)

    @cached_property
    def cross(self) -> Pairs:
        """Each client with each therapist."""
        return Pairs.cross(self.met.sides, self.client_rows)

    @cached_property
    def features(self) -> tuple[Floats, Floats]:
        """All features, standardised: of the records (n, p), and of every pair (clients * therapists, p).

        NaN means unknown.
        """
        met, cross = (PairFrame.from_pairs(pairs, FEATURES).standardize() for pairs in (self.met, self.cross))
        return met, cross.reshape(-1, len(FEATURES))

    def reshape_scores(self, of_cross: Floats) -> Floats:
        """Reshape the values of :attr:`cross` to scores, shape (clients, therapists)."""
        return np.asarray(of_cross, dtype=float).reshape(self.shape)
