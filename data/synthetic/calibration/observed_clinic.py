"""What there is to see of a synthetic clinic, in the shapes that statistics are read from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.synthetic.questionnaire import EARLY_SESSIONS
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World

LONG_SESSIONS = 15  # occasions of the real ratings that long clinics are held against
MAX_LONG_CLIENTS, MAX_LONG_THERAPISTS = 400, 20  # at the most
MIN_THERAPIST_FORM_SHARE = 0.3  # least share of forms that therapists fill in, so that both raters can be compared


@dataclass(frozen=True)
class ObservedClinic:
    """A clinic with every answer kept, and another of the same world that goes on for fifteen sessions.

    Attributes
    ----------
    clinic, long_clinic : Simulated
    """

    clinic: SimulatedClinic
    long_clinic: SimulatedClinic

    @classmethod
    def from_world(cls, world: World, clients: int, therapists: int, seed: int) -> ObservedClinic:
        """Simulate both; therapists fill in enough forms to be compared."""
        world = world.replace(therapist_forms=max(world.therapist_forms, MIN_THERAPIST_FORM_SHARE))
        longer = world.replace(sessions=LONG_SESSIONS, therapists_each=1, sites=1, therapist_forms=0.0)
        return cls(
            simulate(clients, therapists, seed, world, items=True),
            simulate(min(MAX_LONG_CLIENTS, clients), min(MAX_LONG_THERAPISTS, therapists), seed, longer, waiting=0),
        )

    @cached_property
    def early_forms(self) -> pd.DataFrame:
        """Early forms of clients that came back, one a row."""
        rows = self.clinic.tables.outcomes
        return rows[(rows["rater"] == "client") & rows["score"].notna() & (rows["session"] <= EARLY_SESSIONS)]

    @cached_property
    def paired_scores(self) -> pd.DataFrame:
        """Sessions that both rated: ``client`` and ``therapist``, in points."""
        rows = self.clinic.tables.outcomes
        told = rows.pivot_table(index=["client_id", "therapist_id", "session"], columns="rater", values="score")
        return told.dropna() if "therapist" in told else told.assign(therapist=np.nan)

    @cached_property
    def scores_by_session(self) -> pd.DataFrame:
        """Scores of episodes (rows) by session (columns, from 1), of the clinic that goes on for long."""
        rows = self.long_clinic.tables.outcomes
        rows = rows[rows["rater"] == "client"]
        return rows.pivot_table(index=["therapist_id", "client_id"], columns="session", values="score")

    @cached_property
    def early_scores(self) -> pd.Series:
        """Mean early score of each episode, in the order of ``met``; NaN where no form came back."""
        mean = self.early_forms.groupby(["client_id", "therapist_id"])["score"].mean()
        return mean.reindex(self._episode_ids).reset_index(drop=True)

    @cached_property
    def has_dropped_out(self) -> Bools:
        """Whether each episode ended in dropout, in the order of ``met``."""
        rows = self.clinic.tables.outcomes.drop_duplicates(["client_id", "therapist_id"])
        left = rows.set_index(["client_id", "therapist_id"])["dropped_out"]
        return np.asarray(left.reindex(self._episode_ids) == "yes")

    @property
    def client_rows(self) -> Indices:
        """Row of the client of each episode."""
        return np.asarray(self.clinic.truth.episodes["client_row"])

    @property
    def therapist_rows(self) -> Indices:
        """Row of the therapist of each episode."""
        return np.asarray(self.clinic.truth.episodes["therapist_row"])

    @property
    def therapist_ids(self) -> pd.Series:
        """Id of the therapist of each episode."""
        return self.clinic.tables.therapists["therapist_id"].iloc[self.therapist_rows]

    @cached_property
    def _episode_ids(self) -> pd.MultiIndex:
        """Ids of both sides of each episode."""
        return pd.MultiIndex.from_arrays(
            [self.clinic.tables.clients["client_id"].iloc[self.client_rows], self.therapist_ids]
        )

    def correlate_with_early(self, told: Floats) -> float:
        """Correlation of something told of each episode with its mean early score."""
        return float(pd.Series(told).reset_index(drop=True).corr(self.early_scores))

    def take_client_column(self, column: str) -> Floats:
        """A number column of ``clients`` for each episode, as the tables hold it."""
        return np.asarray(self.clinic.tables.clients[column], dtype=float)[self.client_rows]

    def compute_early_cohen_d(self, group: Bools, within: Bools | None = None) -> float:
        """Cohen's d of early scores: episodes in ``group`` less the others, of those ``within``."""
        kept = self.early_scores.notna().to_numpy() & (np.ones(len(group), dtype=bool) if within is None else within)
        return compute_cohen_d(self.early_scores[kept & group], self.early_scores[kept & ~group])


def compute_cohen_d(ours: pd.Series, theirs: pd.Series) -> float:
    """Cohen's d with the pooled SD: mean of ``ours`` less mean of ``theirs``; NaN for fewer than two on a side."""
    n, m = len(ours), len(theirs)
    if min(n, m) < 2:
        return float("nan")
    pooled = np.sqrt(((n - 1) * ours.var() + (m - 1) * theirs.var()) / (n + m - 2))
    return float((ours.mean() - theirs.mean()) / pooled)
