"""The observable data of a synthetic clinic, in the shapes that the statistics need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.synthetic.questionnaire import EARLY_SESSIONS
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World

LONG_SESSIONS = 15  # sessions of a long clinic, as many as the occasions of the real ratings
MAX_LONG_CLIENTS, MAX_LONG_THERAPISTS = 400, 20  # largest size of a long clinic
MIN_THERAPIST_FORM_SHARE = 0.3  # share of forms with a therapist rating: enough to compare both raters


@dataclass(frozen=True)
class ObservedClinic:
    """A clinic with all item answers, and a long clinic of the same world with fifteen sessions.

    An episode is one client with one therapist. Arrays over episodes have the order of ``clinic.truth.episodes``.

    Attributes
    ----------
    clinic, long_clinic : SimulatedClinic
    """

    clinic: SimulatedClinic
    long_clinic: SimulatedClinic

    @classmethod
    def from_world(cls, world: World, clients: int, therapists: int, seed: int) -> ObservedClinic:
        """Simulate both clinics; therapists fill in at least :data:`MIN_THERAPIST_FORM_SHARE` of the forms."""
        world = world.replace(therapist_forms=max(world.therapist_forms, MIN_THERAPIST_FORM_SHARE))
        long_world = world.replace(sessions=LONG_SESSIONS, therapists_each=1, sites=1, therapist_forms=0.0)
        return cls(
            simulate(clients, therapists, seed, world, items=True),
            simulate(min(MAX_LONG_CLIENTS, clients), min(MAX_LONG_THERAPISTS, therapists), seed, long_world, waiting=0),
        )

    @cached_property
    def early_forms(self) -> pd.DataFrame:
        """Returned early forms of clients, one in each row."""
        rows = self.clinic.tables.outcomes
        return rows[(rows["rater"] == "client") & rows["score"].notna() & (rows["session"] <= EARLY_SESSIONS)]

    @cached_property
    def paired_scores(self) -> pd.DataFrame:
        """Scores of sessions that both rated, columns ``client`` and ``therapist``, in WAI-SR points."""
        rows = self.clinic.tables.outcomes
        scores = rows.pivot_table(index=["client_id", "therapist_id", "session"], columns="rater", values="score")
        return scores.dropna() if "therapist" in scores else scores.assign(therapist=np.nan)

    @cached_property
    def scores_by_session(self) -> pd.DataFrame:
        """Client scores of the long clinic by episode (rows) and session (columns, from 1), in WAI-SR points."""
        rows = self.long_clinic.tables.outcomes
        rows = rows[rows["rater"] == "client"]
        return rows.pivot_table(index=["therapist_id", "client_id"], columns="session", values="score")

    @cached_property
    def early_scores(self) -> pd.Series:
        """Mean early score of each episode, in WAI-SR points; NaN if the client returned no form."""
        mean = self.early_forms.groupby(["client_id", "therapist_id"])["score"].mean()
        return mean.reindex(self._episode_ids).reset_index(drop=True)

    @cached_property
    def has_dropped_out(self) -> Bools:
        """Whether each episode ended in dropout."""
        rows = self.clinic.tables.outcomes.drop_duplicates(["client_id", "therapist_id"])
        dropped_out = rows.set_index(["client_id", "therapist_id"])["dropped_out"]
        return np.asarray(dropped_out.reindex(self._episode_ids) == "yes")

    @property
    def client_rows(self) -> Indices:
        """Row of the client of each episode in ``clients``."""
        return np.asarray(self.clinic.truth.episodes["client_row"])

    @property
    def therapist_rows(self) -> Indices:
        """Row of the therapist of each episode in ``therapists``."""
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

    def correlate_with_early(self, values: Floats) -> float:
        """Return the correlation of ``values``, one for each episode, with the mean early score."""
        return float(pd.Series(values).reset_index(drop=True).corr(self.early_scores))

    def take_client_column(self, column: str) -> Floats:
        """Return a numeric column of ``clients`` for each episode; NaN if the answer is missing."""
        return np.asarray(self.clinic.tables.clients[column], dtype=float)[self.client_rows]

    def compute_early_cohen_d(self, group: Bools, within: Bools | None = None) -> float:
        """Return Cohen's d of early scores: ``group`` minus the other episodes, among those ``within``."""
        is_included = self.early_scores.notna().to_numpy() & (
            np.ones(len(group), dtype=bool) if within is None else within
        )
        return compute_cohen_d(self.early_scores[is_included & group], self.early_scores[is_included & ~group])


def compute_cohen_d(ours: pd.Series, theirs: pd.Series) -> float:
    """Return Cohen's d with the pooled SD: mean of ``ours`` minus mean of ``theirs``; NaN if a group has under two."""
    n, m = len(ours), len(theirs)
    if min(n, m) < 2:
        return float("nan")
    pooled = np.sqrt(((n - 1) * ours.var() + (m - 1) * theirs.var()) / (n + m - 2))
    return float((ours.mean() - theirs.mean()) / pooled)
