"""Re-pairing (permutation) sample: records whose therapists can be exchanged, with the pair part of every exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.double_centering import double_center
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.pipeline import FoldModel
from attune_fit.training.evaluation.cluster_robust import ClusterIndex
from attune_fit.training.evaluation.out_of_fold_pair_parts import compute_pair_parts

SAMPLE_RECORD_LIMITS = (3_000, 10_000)  # smallest and largest sample, if there are more records
MAX_SAMPLE_PAIRS = 600_000  # clients times therapists; the smallest sample can exceed it


@dataclass(frozen=True)
class RePairingSample:
    """Records whose therapists can be exchanged.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Position of each record in the predictions.
    outcome_minus_baseline : array of shape (n,)
        The outcome minus the baseline; POMP.
    therapist_effect : array of shape (n,)
        The effect of the therapist met; POMP.
    centered_pair_part : array of shape (n, therapists)
        The pair part of each record's client with every therapist met. The client's mean and the fold's mean for each
        therapist are subtracted, so it describes the choice alone.
    client, therapist : arrays of int, shape (n,)
        Who met; the therapist is a column of ``centered_pair_part``.
    stratum : array of int, shape (n,)
        Quarter and site: clients who met one therapist are re-paired within their stratum.
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
        """Centred pair part of the pairs that met, shape (n,)."""
        return np.asarray(self.centered_pair_part[np.arange(len(self.rows)), self.therapist])

    @cached_property
    def has_several_therapists(self) -> Bools:
        """Whether the record's client has more than one record, shape (n,)."""
        _, client, records = np.unique(self.client, return_inverse=True, return_counts=True)
        return np.asarray(records[client] > 1)

    @cached_property
    def residual(self) -> Floats:
        """Outcome minus baseline and therapist effect, centred; shape (n,), POMP."""
        return self.center(self.outcome_minus_baseline - self.therapist_effect)

    @cached_property
    def clusters(self) -> tuple[Indices, ...]:
        """Cluster labels: the therapist, and the client if any client has several records."""
        return (self.therapist, self.client) if self.has_several_therapists.any() else (self.therapist,)

    @cached_property
    def permutation_block(self) -> Indices:
        """Block of each record, shape (n,): therapists are exchanged only within a block.

        The block is the client for a client with several records, else the stratum. Such a client brings the same level
        to every therapist, and could meet only the therapists met. An exchange among these keeps both facts.
        """
        client = self.stratum.max(initial=0) + 1 + self.client
        return np.asarray(np.where(self.has_several_therapists, client, self.stratum), dtype=np.intp)

    @property
    def n_swappable(self) -> int:
        """Number of records whose block holds at least two therapists."""
        pairs = pd.DataFrame({"block": self.permutation_block, "therapist": self.therapist})
        return int((pairs.groupby("block")["therapist"].transform("nunique") > 1).sum())

    def center(self, values: Floats, by_therapist: bool = True) -> Floats:
        """Return values (n,) or (n, columns) minus the means of therapists and of clients with several records.

        Both means are removed at once and exactly, as by a two-way regression on indicators. With ``by_therapist``
        false, only the clients' means are removed, or the overall mean if every client has one record.
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
        """Therapist indicators minus the client's mean, (n, therapists), and the pseudo-inverse of their square."""
        indicator = (self.therapist[:, None] == np.unique(self.therapist)).astype(float)
        indicator = ClusterIndex.from_labels(self.client, self.has_several_therapists).center(indicator)
        return indicator, np.asarray(np.linalg.pinv(indicator.T @ indicator, hermitian=True))

    def draw_re_pairings(self, seed: int, times: int) -> Iterator[Indices]:
        """Draw ``times`` re-pairings: each is the therapist of every record, shape (n,), permuted within blocks.

        Therapists are columns of ``centered_pair_part``.
        """
        rng = np.random.default_rng(seed)
        by_block = np.argsort(self.permutation_block, kind="stable")
        for _ in range(times):
            source = np.empty_like(by_block)
            source[by_block] = np.lexsort((rng.random(len(by_block)), self.permutation_block))
            yield self.therapist[source]


def build_re_pairing_sample(
    records: TrainingDataset, fold_models: Sequence[FoldModel], predictions: OutOfFoldPredictions, site: str = ""
) -> RePairingSample:
    """Return the re-pairing sample, with the out-of-fold pair part of each client with every therapist met.

    Parameters
    ----------
    records : TrainingDataset
    fold_models : sequence of FoldModel
        One model for each fold; folds by client.
    predictions : OutOfFoldPredictions
        Predictions of these models for the pairs that met.
    site : str
        Column of ``clients``: therapists are exchanged only within a site and a quarter of the year. Empty: only within
        a quarter.
    """
    return build_re_pairing_samples(records, [fold_models], [predictions], site)[0]


def build_re_pairing_samples(
    records: TrainingDataset,
    splits: Sequence[Sequence[FoldModel]],
    predictions: Sequence[OutOfFoldPredictions],
    site: str = "",
) -> list[RePairingSample]:
    """Return the re-pairing sample of several splits of the same records, in one pass over the pairs.

    Each split and its predictions are as in :func:`build_re_pairing_sample`.
    """
    if not splits:
        return []
    tests = [np.sort(np.concatenate([fold.test for fold in fold_models])) for fold_models in splits]
    rows = tests[0]
    if not all(np.array_equal(rows, test) for test in tests):
        samples = [
            build_re_pairing_samples(records, [one], [its], site) for one, its in zip(splits, predictions, strict=True)
        ]
        return [sample for (sample,) in samples]
    sample = sample_rows(records.client[rows], len(np.unique(records.therapist[rows])))
    roster, therapist = np.unique(records.therapist[rows[sample]], return_inverse=True)
    stratum = compute_strata(records, rows[sample], site)
    samples_of_splits = []
    parts = compute_pair_parts(records, splits, rows[sample], roster)
    for fold_models, part, its in zip(splits, parts, predictions, strict=True):
        for fold in fold_models:
            here = np.isin(rows[sample], fold.test)
            part[here] = double_center(part[here])
        baseline = (its.score_without_pair_part - its.therapist_effect)[sample]
        samples_of_splits.append(
            RePairingSample(
                rows=sample,
                outcome_minus_baseline=its.y[sample] - baseline,
                therapist_effect=its.therapist_effect[sample],
                centered_pair_part=part,
                client=records.client[rows[sample]],
                therapist=therapist,
                stratum=stratum,
            )
        )
    return samples_of_splits


def sample_rows(client: Indices, n_therapists: int) -> Indices:
    """Return the positions of the records to test, in order: all, or those of evenly spaced clients.

    :data:`SAMPLE_RECORD_LIMITS` and :data:`MAX_SAMPLE_PAIRS` bound the sample. All records of a client stay together.
    """
    smallest, largest = SAMPLE_RECORD_LIMITS
    limit = int(np.clip(MAX_SAMPLE_PAIRS // max(n_therapists, 1), smallest, largest))
    if len(client) <= limit:
        return np.arange(len(client))
    clients = np.unique(client)
    sampled = clients[np.linspace(0, len(clients) - 1, len(clients) * limit // len(client)).astype(np.intp)]
    return np.flatnonzero(np.isin(client, sampled))


def compute_strata(records: TrainingDataset, rows: Indices, site: str = "") -> Indices:
    """Return the stratum of some records, quarter of the year and site, as numbers; unknown is its own stratum."""
    months = records.measured_on[rows].astype("datetime64[M]").astype(np.int64)
    quarter = np.where(np.isnat(records.measured_on[rows]), -1, months // 3)
    clients = records.sides.tables.clients
    site_code = np.zeros(len(clients), dtype=np.intp)
    if site in clients:
        site_code, _ = pd.factorize(clients[site].astype("str"), sort=True)
    _, stratum = np.unique(np.stack([quarter, site_code[records.client[rows]]]), axis=1, return_inverse=True)
    return np.asarray(stratum, dtype=np.intp)
