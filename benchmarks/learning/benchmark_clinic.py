"""A clinic with known truth, and its tables at any number of outcome records."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.instruments import INSTRUMENTS, Instrument
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from benchmarks.learning.gain import compute_capacity_gain, compute_free_choice_gain, compute_random_assignment_gain

INSTRUMENTS_BY_NAME: dict[str, Instrument] = {row.name: row for row in INSTRUMENTS}
MIN_ORACLE_GAIN = 1.0  # POMP per client; below it a share of the oracle's gain is not defined


class Share(NamedTuple):
    """Share of the oracle's gain: 1 is the oracle, 0 is chance, below 0 is worse than chance; NaN if it is undefined.

    ``free``: each client gets the first of the list. ``capacity``: all clients are assigned at once, every therapist
    takes equally many, and the assignment has the highest total score.
    """

    free: float
    capacity: float


@dataclass(frozen=True)
class BenchmarkClinic:
    """One clinic of one maker.

    Attributes
    ----------
    maker, mix, seed
        Origin of the clinic.
    tables : Tables
        All data that a method can use. The new clients are those without outcomes.
    truth : array of shape (new clients, therapists)
        Expected early alliance, POMP (0-100), averaged over everything that no intake form contains. The oracle
        knows it. New clients are in the order of ``tables.clients``.
    eligible : array of bool, shape (new clients, therapists)
        Whether the therapist is a candidate; at least one for each client.
    """

    maker: str
    mix: str
    seed: int
    tables: Tables
    truth: Floats
    eligible: Bools

    def measure_share(self, scores: Floats) -> Share:
        """Return the share of the oracle's gain that these scores get.

        Parameters
        ----------
        scores : array of shape (new clients, therapists)
            Any unit; only differences between the therapists of one client count. Ties are broken at random.

        Raises
        ------
        ValueError
            If the shape is wrong, or a score is not finite.
        """
        if scores.shape != self.truth.shape or not np.isfinite(scores).all():
            raise ValueError(f"scores must be finite and of shape {self.truth.shape}; these are {scores.shape}")
        free, capacity, random_gain = self.gains
        return Share(
            compute_free_choice_gain(self.truth, self.eligible, scores) / free if free > MIN_ORACLE_GAIN else np.nan,
            (compute_capacity_gain(self.truth, self.eligible, scores) - random_gain) / capacity
            if capacity > MIN_ORACLE_GAIN
            else np.nan,
        )

    @cached_property
    def gains(self) -> tuple[float, float, float]:
        """Gain of the oracle by free choice and under capacity, and gain of a random assignment; POMP per client."""
        random_gain = compute_random_assignment_gain(self.truth, self.eligible)
        return (
            compute_free_choice_gain(self.truth, self.eligible, self.truth),
            compute_capacity_gain(self.truth, self.eligible, self.truth) - random_gain,
            random_gain,
        )

    def build_tables(self, outcomes: int) -> Tables:
        """Return the tables with the first so many early alliance records of one fixed order; sizes are nested.

        Clients who arrive later are not in the tables. Clients arrive with all of their records. If clients meet
        several therapists, there can therefore be one or two records more.

        Raises
        ------
        ValueError
            If the clinic has fewer records.
        """
        if outcomes > self.n_records:
            raise ValueError(f"this clinic has {self.n_records} early alliance records, not {outcomes}")
        arrived_ids = self._arrivals.index[self._arrivals.cumsum().shift(fill_value=0) < outcomes]
        client_ids = arrived_ids.union(self.new_client_ids)

        def filter_clients(frame: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
            return frame[frame["client_id"].isin(ids)].reset_index(drop=True)

        return replace(
            self.tables,
            clients=filter_clients(self.tables.clients, client_ids),
            preferences=filter_clients(self.tables.preferences, client_ids),
            outcomes=filter_clients(self.tables.outcomes, arrived_ids),
            conflicts=filter_clients(self.tables.conflicts, client_ids),
            met_client_ids=frozenset(arrived_ids),
        )

    def find_rows(self, outcomes: int) -> Indices:
        """Return the rows of the new clients in ``build_tables(outcomes).clients``, in the order of ``truth``."""
        return np.flatnonzero(self.build_tables(outcomes).clients["client_id"].isin(self.new_client_ids).to_numpy())

    @property
    def n_records(self) -> int:
        """Number of early alliance records in all."""
        return int(self._arrivals.sum())

    @cached_property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the truth and the outcomes: equal for the same clinic."""
        outcomes = self.tables.outcomes[["client_id", "therapist_id", "session", "score", "bond"]]
        content = (np.round(self.truth, 6).tobytes(), self.eligible.tobytes(), outcomes.to_csv().encode())
        return hashlib.sha256(b"".join(content)).hexdigest()[:16]

    @cached_property
    def new_client_ids(self) -> pd.Index:
        """Ids of the clients who have not met any therapist."""
        is_new = ~self.tables.clients["client_id"].isin(list(self.tables.met_client_ids))
        ids: pd.Index = pd.Index(self.tables.clients["client_id"][is_new])
        return ids

    @cached_property
    def _arrivals(self) -> pd.Series:
        """Number of records of each client, labelled by id, in a random order that is fixed by the seed."""
        rows = compute_early_alliance(self.tables, INSTRUMENTS_BY_NAME)["client_row"]
        counts = rows.map(self.tables.clients["client_id"]).value_counts(sort=False).sort_index()
        return counts.iloc[np.random.default_rng(self.seed).permutation(len(counts))]
