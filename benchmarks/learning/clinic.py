"""A clinic whose truth is known, and how its tables looked as the outcomes came in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.instruments import INSTRUMENTS, Instrument
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from benchmarks.learning.gain import by_lot, first, placed

KNOWN: dict[str, Instrument] = {row.name: row for row in INSTRUMENTS}
LEAST = 1.0  # POMP a client; where the oracle gains less there is nothing to have a share of


class Share(NamedTuple):
    """Share of the oracle's gain: 1 is the oracle, 0 is chance, below 0 worse than chance; NaN where none is to gain.

    ``free``: each client gets the first of the list. ``capacity``: all are placed at once, every therapist takes as
    many, and the scores decide by the assignment of the highest total.
    """

    free: float
    capacity: float


@dataclass(frozen=True)
class Clinic:
    """One clinic of one world.

    Attributes
    ----------
    generator, mix, seed
        Where it comes from.
    tables : Tables
        All that any method may ever see; the new clients are those without outcomes.
    truth : array of shape (new clients, therapists)
        Early alliance to expect, POMP (0-100), averaged over what no intake can tell: what the oracle knows. New
        clients are in the order of ``tables.clients``.
    may : array of bool, shape (new clients, therapists)
        Who may be offered; at least one for each client.
    """

    generator: str
    mix: str
    seed: int
    tables: Tables
    truth: Floats
    may: Bools

    def share(self, scores: Floats) -> Share:
        """Measure some scores.

        Parameters
        ----------
        scores : array of shape (new clients, therapists)
            Any unit; only differences between the therapists of one client count. Ties are broken by chance.

        Raises
        ------
        ValueError
            If the shape is another, or a score is not finite.
        """
        if scores.shape != self.truth.shape or not np.isfinite(scores).all():
            raise ValueError(f"scores must be finite and of shape {self.truth.shape}; these are {scores.shape}")
        free, capacity, lot = self.gains
        return Share(
            first(self.truth, self.may, scores) / free if free > LEAST else np.nan,
            (placed(self.truth, self.may, scores) - lot) / capacity if capacity > LEAST else np.nan,
        )

    @cached_property
    def gains(self) -> tuple[float, float, float]:
        """What the oracle gains a client over chance, free choice and under capacity, and what lots gain; POMP."""
        lot = by_lot(self.truth, self.may)
        return first(self.truth, self.may, self.truth), placed(self.truth, self.may, self.truth) - lot, lot

    def at(self, outcomes: int) -> Tables:
        """The tables when there were so many early alliance records: the first of one fixed order, so sizes are nested.

        Clients who had not come yet are not in them; whole clients come, so where each was seen by several therapists
        there may be a record or two more.

        Raises
        ------
        ValueError
            If the clinic never has as many.
        """
        if outcomes > self.most:
            raise ValueError(f"this clinic has {self.most} early alliance records, not {outcomes}")
        came = self._arrivals.index[self._arrivals.cumsum().shift(fill_value=0) < outcomes]
        kept = came.union(self.new)

        def of(frame: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
            return frame[frame["client_id"].isin(ids)].reset_index(drop=True)

        return replace(
            self.tables,
            clients=of(self.tables.clients, kept),
            preferences=of(self.tables.preferences, kept),
            outcomes=of(self.tables.outcomes, came),
            conflicts=of(self.tables.conflicts, kept),
            met_client_ids=frozenset(came),
        )

    def rows(self, outcomes: int) -> Indices:
        """Indices of the new clients in ``at(outcomes).clients``, in the order of ``truth``."""
        return np.flatnonzero(self.at(outcomes).clients["client_id"].isin(self.new).to_numpy())

    @property
    def most(self) -> int:
        """How many early alliance records there are in the end."""
        return int(self._arrivals.sum())

    @cached_property
    def new(self) -> pd.Index:
        """Ids of the clients who have met nobody."""
        waits = ~self.tables.clients["client_id"].isin(list(self.tables.met_client_ids))
        ids: pd.Index = pd.Index(self.tables.clients["client_id"][waits])
        return ids

    @cached_property
    def _arrivals(self) -> pd.Series:
        """Records of each client who has any, labelled by id, in a random order that is always the same."""
        rows = compute_early_alliance(self.tables, KNOWN)["client_row"]
        each = rows.map(self.tables.clients["client_id"]).value_counts(sort=False).sort_index()
        return each.iloc[np.random.default_rng(self.seed).permutation(len(each))]
