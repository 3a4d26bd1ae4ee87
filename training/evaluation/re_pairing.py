"""Records whose clients may swap therapists, and what is said of every swap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions, compute_pair_part
from attune_fit.training.crossfit.pipeline import FoldModel
from attune_fit.training.evaluation.cluster_robust import ClusterIndex

SAMPLE_RECORD_LIMITS = (3_000, 10_000)  # records at least and at most, where there are more
MAX_SAMPLE_PAIRS = 600_000  # clients by therapists that are looked at beyond the least
PAIR_BLOCK_SIZE = 100_000  # pairs whose features are built at once


@dataclass(frozen=True)
class RePairingSample:
    """Records whose clients may swap therapists.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Which of the predictions they are.
    outcome_minus_baseline : array of shape (n,)
        The outcome less the baseline; POMP.
    therapist_effect : array of shape (n,)
        The effect of the therapist met.
    centered_pair_part : array of shape (n, therapists)
        The pair part of each record's client with every therapist met, less the client's mean and the mean of what the
        same model says of the therapist: what is said about the choice alone.
    client, therapist : arrays of int, shape (n,)
        Who met; the therapist as a column of ``centered_pair_part``.
    stratum : array of int, shape (n,)
        Quarter and site: swaps of clients who met one therapist stay within it.
    """

    rows: Indices
    outcome_minus_baseline: Floats
    therapist_effect: Floats
    centered_pair_part: Floats
    client: Indices
    therapist: Indices
    stratum: Indices

    @property
    def observed_pair_part(self) -> Floats:
        """What is said about the pairs that met, shape (n,)."""
        return np.asarray(self.centered_pair_part[np.arange(len(self.rows)), self.therapist])

    @cached_property
    def has_several_therapists(self) -> Bools:
        """Whose client met other therapists too, shape (n,)."""
        _, client, records = np.unique(self.client, return_inverse=True, return_counts=True)
        return np.asarray(records[client] > 1)

    @cached_property
    def residual(self) -> Floats:
        """What baseline and therapist leave of the outcome, centred; shape (n,)."""
        return self.center(self.outcome_minus_baseline - self.therapist_effect)

    @cached_property
    def clusters(self) -> tuple[Indices, ...]:
        """Records of one therapist hang together, and those of one client."""
        return (self.therapist, self.client) if self.has_several_therapists.any() else (self.therapist,)

    @cached_property
    def permutation_block(self) -> Indices:
        """Records among which therapists are swapped carry one number, shape (n,): the client's own, where several.

        A client who met several therapists brings one level to all of them, and only those who could be met were.
        Exchanging them among themselves keeps both.
        """
        client = self.stratum.max(initial=0) + 1 + self.client
        return np.asarray(np.where(self.has_several_therapists, client, self.stratum), dtype=np.intp)

    @property
    def n_swappable(self) -> int:
        """How many records have another therapist to swap with."""
        pairs = pd.DataFrame({"swaps": self.permutation_block, "therapist": self.therapist})
        return int((pairs.groupby("swaps")["therapist"].transform("nunique") > 1).sum())

    def center(self, values: Floats, by_therapist: bool = True) -> Floats:
        """Values (n,) or (n, columns) less the mean of the therapist and, where a client met several, of the client.

        Both at once, exactly: therapists' means are fitted to what clients' own means leave.
        """
        if not self.has_several_therapists.any():
            return (
                ClusterIndex.from_labels(self.therapist).center(values)
                if by_therapist
                else values - values.mean(axis=0)
            )
        values = ClusterIndex.from_labels(self.client, self.has_several_therapists).center(values)
        if not by_therapist:
            return values
        indicator, inverse = self._therapist_indicator
        return np.asarray(values - indicator @ (inverse @ (indicator.T @ values)))

    @cached_property
    def _therapist_indicator(self) -> tuple[Floats, Floats]:
        """Who met which therapist, less the client's mean, (n, therapists), and the inverse of its square."""
        indicator = (self.therapist[:, None] == np.unique(self.therapist)).astype(float)
        indicator = ClusterIndex.from_labels(self.client, self.has_several_therapists).center(indicator)
        return indicator, np.asarray(np.linalg.pinv(indicator.T @ indicator, hermitian=True))

    def draw_re_pairings(self, seed: int, times: int) -> Iterator[Indices]:
        """Whom each client gets when therapists are swapped: columns of ``centered_pair_part``, shape (n,), so many times."""
        rng = np.random.default_rng(seed)
        home = np.argsort(self.permutation_block, kind="stable")
        for _ in range(times):
            place = np.empty_like(home)
            place[home] = np.lexsort((rng.random(len(home)), self.permutation_block))
            yield self.therapist[place]


def build_re_pairing_sample(
    records: TrainingDataset, made: Sequence[FoldModel], said: OutOfFoldPredictions, site: str = ""
) -> RePairingSample:
    """What each client's model says of every therapist met; whole clients, evenly drawn where there are many records.

    Parameters
    ----------
    records : Records
    made : sequence of Made
        One model for each fold; folds by client.
    said : Predicted
        What these models say of the pairs that met.
    site : str
        Column of ``clients``: therapists are swapped only within a site, and a quarter of the year.
    """
    rows = np.sort(np.concatenate([one.test for one in made]))
    some = sample_rows(records.client[rows], len(np.unique(records.therapist[rows])))
    roster, therapist = np.unique(records.therapist[rows[some]], return_inverse=True)
    choice = np.empty((len(some), len(roster)))
    folds = [np.isin(rows[some], one.test) for one in made]
    for block, standard in iterate_feature_blocks(records, rows[some], roster):
        for one, fold in zip(made, folds, strict=True):
            choice[block][fold[block]] = compute_pair_part(one.model, standard[fold[block]])
    for fold in folds:
        choice[fold] = double_center(choice[fold])
    baseline = (said.score_without_pair_part - said.therapist_effect)[some]
    client, stratum = records.client[rows[some]], compute_strata(records, rows[some], site)
    return RePairingSample(
        some, said.y[some] - baseline, said.therapist_effect[some], choice, client, therapist, stratum
    )


def sample_rows(client: Indices, therapists: int) -> Indices:
    """Places of the records that are looked at, in order: all, or those of clients evenly drawn."""
    least, most = SAMPLE_RECORD_LIMITS
    most = int(np.clip(MAX_SAMPLE_PAIRS // max(therapists, 1), least, most))
    if len(client) <= most:
        return np.arange(len(client))
    clients = np.unique(client)
    drawn = clients[np.linspace(0, len(clients) - 1, len(clients) * most // len(client)).astype(np.intp)]
    return np.flatnonzero(np.isin(client, drawn))


def iterate_feature_blocks(records: TrainingDataset, rows: Indices, roster: Indices) -> Iterator[tuple[slice, Floats]]:
    """Features of the clients of some records with a whole roster, block by block.

    Yields
    ------
    slice, array of shape (block, therapists, p)
        Which of ``rows``, and their features in units of their scale; NaN where unknown.
    """
    size = max(1, PAIR_BLOCK_SIZE // max(len(roster), 1))
    for start in range(0, len(rows), size):
        here = slice(start, start + size)
        pairs = Pairs(records.sides, records.client[rows[here]][:, None], roster[None, :])
        yield here, PairFrame.from_pairs(pairs, records.features).standardize()


def double_center(said: Floats) -> Floats:
    """What one model says of clients with a roster (n, therapists), less what it says of either with everybody.

    Models of two folds differ in what they say of a therapist with everybody, and differ the way that makes them look
    wrong: a therapist whose ratings fell into the other folds is thought better of, and left with less.
    """
    said = said - said.mean(axis=1, keepdims=True)
    return np.asarray(said - said.mean(axis=0))


def compute_strata(records: TrainingDataset, rows: Indices, site: str = "") -> Indices:
    """Quarter of the year and site of some records, as numbers; an unknown one is a stratum of its own."""
    months = records.measured_on[rows].astype("datetime64[M]").astype(np.int64)
    quarter = np.where(np.isnat(records.measured_on[rows]), -1, months // 3)
    clients = records.sides.tables.clients
    place = np.zeros(len(clients), dtype=np.intp)
    if site in clients:
        place, _ = pd.factorize(clients[site].astype("str"), sort=True)
    _, stratum = np.unique(np.stack([quarter, place[records.client[rows]]]), axis=1, return_inverse=True)
    return np.asarray(stratum, dtype=np.intp)
