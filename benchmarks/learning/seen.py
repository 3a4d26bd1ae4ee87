"""What any method may look at: early alliance records, and the features of pairs, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.features.catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs, Sides
from benchmarks.learning.clinic import KNOWN


@dataclass(frozen=True)
class Seen:
    """Tables, and the clients somebody is to be found for.

    Attributes
    ----------
    tables : Tables
    rows : array of int, shape (clients,)
        Indices of ``tables.clients``.
    """

    tables: Tables
    rows: Indices

    @property
    def therapists(self) -> int:
        """How many are on the roster."""
        return len(self.tables.therapists)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the scores: clients, therapists."""
        return len(self.rows), self.therapists

    @cached_property
    def early(self) -> pd.DataFrame:
        """One row for each record: ``client_row``, ``therapist_row``, ``pomp``."""
        return compute_early_alliance(self.tables, KNOWN)

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
        return Pairs.cross(self.met.sides, self.rows)

    @cached_property
    def features(self) -> tuple[Floats, Floats]:
        """Every feature of the catalogue, standard: of the records (n, p), of the cross (clients * therapists, p).

        NaN where unknown.
        """
        met, cross = (PairFrame.from_pairs(pairs, FEATURES).standardize() for pairs in (self.met, self.cross))
        return met, cross.reshape(-1, len(FEATURES))

    def everyone(self, of_cross: Floats) -> Floats:
        """Values for the cross, one after the other, as scores (clients, therapists)."""
        return np.asarray(of_cross, dtype=float).reshape(self.shape)
