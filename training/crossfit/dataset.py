"""The training data set: a clinic's early alliance records, with the features of each pair."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.data.parallel.executor import Executor, SerialExecutor
from attune_fit.features.feature import Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.level_terms import LevelTerms
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics
from attune_fit.models.weight_drift import WeightDrift
from attune_fit.models.weight_posterior import build_design_matrix, compute_relative_noise
from attune_fit.training.crossfit.level_design import LevelDesign, build_level_design

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Result = TypeVar("Result")


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
    levels : LevelDesign or None
        Instrument, site and period of each record; None where all records are alike in these.
    executor : Executor
        Who works on folds and on blocks of these records. It decides no result, and no copy in another process has it.
    """

    sides: Sides
    features: tuple[Feature, ...]
    client: Indices
    therapist: Indices
    y: Floats
    measured_on: npt.NDArray[np.datetime64]
    standardised_features: Floats
    levels: LevelDesign | None = None
    executor: Executor = field(default_factory=SerialExecutor, repr=False, compare=False)
    _memo: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def from_tables(
        cls, tables: Tables, early: pd.DataFrame, features: Sequence[Feature], *, site: str = "", main: str = ""
    ) -> TrainingDataset:
        """Return the records of ``early`` with the features of their pairs.

        A record whose client answered the intake after the rating is excluded, because such answers can leak the
        outcome: see :func:`is_intake_after_rating`.

        Parameters
        ----------
        tables : Tables
        early : DataFrame
            One row an episode, from :func:`compute_early_alliance`. Rows without a rating are excluded.
        features : sequence of Feature
        site : str
            Column of ``clients`` with the site; empty without sites.
        main : str
            The clinic's main instrument, whose level is the reference; the most frequent one if it has no record.
        """
        early = early[early["pomp"].notna() & ~is_intake_after_rating(tables.clients, early)]
        sides = Sides(tables)
        client, therapist = early["client_row"].to_numpy(np.intp), early["therapist_row"].to_numpy(np.intp)
        frame = PairFrame.from_pairs(Pairs.from_rows(sides, client, therapist), features)
        measured_on = early["measured_on"].to_numpy("datetime64[D]")
        sites = tables.clients[site].iloc[client] if site in tables.clients else None
        levels = build_level_design(early["instrument"], sites, measured_on, main)
        y = early["pomp"].to_numpy(float)
        return cls(sides, tuple(features), client, therapist, y, measured_on, frame.standardize(), levels)

    def __len__(self) -> int:
        return len(self.y)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "executor": SerialExecutor(), "_memo": {}}

    def compute_once(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """Return ``compute()``; with the same key, what it returned the first time.

        Many steps of a training need the same fits. The arrays of the records must not be written into.
        """
        if key not in self._memo:
            self._memo[key] = compute()
        result: Result = self._memo[key]
        return result

    def is_computed(self, key: Hashable) -> bool:
        """Return whether :meth:`compute_once` has a result for this key."""
        return key in self._memo

    @property
    def therapist_ids(self) -> tuple[str, ...]:
        """Ids of all therapists, in the order of their rows."""
        return self.sides.list_ids("therapist")

    @property
    def level_terms(self) -> LevelTerms:
        """The level terms of these records, without effects yet."""
        if self.levels is None:
            return LevelTerms()
        return LevelTerms(self.levels.names, np.zeros(len(self.levels.names)), self.levels.site_column)

    def compute_levels(self, rows: Indices, levels: LevelTerms) -> Floats:
        """Compute what instrument, site and period add to the outcome of some records, POMP; shape (rows,)."""
        if self.levels is None or not levels.names:
            return np.zeros(len(rows))
        return np.asarray(self.levels.indicators[rows] @ levels.effect)

    @property
    def latest_day(self) -> str:
        """Day of the latest record, ISO; empty if none is dated."""
        known = self.measured_on[~np.isnat(self.measured_on)]
        return str(known.max()) if len(known) else ""

    def build_design(self, rows: Indices, drift: WeightDrift | None = None) -> Floats:
        """Build the design matrix of some records: a 1, the features, the level terms, the features times their age.

        The last columns are those of the features in ``drift``. Shape (rows, q + k + d).
        """
        blocks = [build_design_matrix(self.standardised_features[rows], self.features)]
        if self.levels is not None:
            blocks.append(self.levels.indicators[rows])
        if drift is not None and drift.names:
            columns = [1 + self._column_of[name] for name in drift.names]
            blocks.append(blocks[0][:, columns] * drift.compute_age(self.measured_on)[rows][:, None])
        return np.concatenate(blocks, axis=1)

    @property
    def _column_of(self) -> dict[str, int]:
        return {feature.name: column for column, feature in enumerate(self.features)}

    def compute_precision(self, rows: Indices, client_share: float = 0.0) -> RecordPrecision:
        """Compute the precision of the residuals of some records; ``client_share`` as in :class:`RecordPrecision`."""
        noise = compute_relative_noise(self.standardised_features[rows], self.features)
        return RecordPrecision.from_noise(noise, self.client[rows], client_share)

    def compute_sufficient_statistics(
        self, rows: Indices, client_share: float = 0.0, drift: WeightDrift | None = None
    ) -> SufficientStatistics:
        """Return the sufficient statistics of some records for the linear layer."""
        return SufficientStatistics.from_records(
            self.build_design(rows, drift),
            self.y[rows],
            self.therapist[rows],
            len(self.sides.tables.therapists),
            self.compute_precision(rows, client_share),
        )
