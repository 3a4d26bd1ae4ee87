"""The score: a sum of four parts that can be read, each with what is not known about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtr

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import PairFrame, Pairs
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.trees import BoostedTrees
from attune_fit.models.weight_posterior import WeightDistribution, build_design_matrix, build_prior


@dataclass(frozen=True)
class ScoreParts:
    """The sum for some pairs, part by part; all arrays have the shape of the pairs and are in POMP (0-100).

    Attributes
    ----------
    baseline : array
        What the client's intake says about any therapist; the same along a client's row.
    evidence, learned, therapist : array
        The linear layer, LightGBM's share, the therapist's own effect.
    weight_loadings : array of shape (*pairs.shape, q)
        Where the pair stands relative to what is not known of the weights: the squared distance between two pairs is
        the variance of their difference as far as weights go.
    pair_variance : array
        Variance that no other pair shares: the therapist's effect, and unknown features of the pair.
    client_variance : array
        Variance that a client's pairs share: unknown features of intake.
    """

    baseline: Floats
    evidence: Floats
    learned: Floats
    therapist: Floats
    weight_loadings: Floats
    pair_variance: Floats
    client_variance: Floats

    @property
    def score(self) -> Floats:
        """Expected early alliance: the sum of the four parts."""
        return self.baseline + self.evidence + self.learned + self.therapist

    @property
    def sd(self) -> Floats:
        """Standard deviation of the expected alliance, not of one rating about it."""
        weights: Floats = np.einsum("...q,...q->...", self.weight_loadings, self.weight_loadings)
        return np.sqrt(weights + self.pair_variance + self.client_variance)

    def compute_probability_better(self, leader: Indices) -> Floats:
        """Probability that one therapist is better for the client than each other.

        Parameters
        ----------
        leader : array of int, shape (clients,)
            A column of each client's row; the pairs must be a cross.

        Returns
        -------
        array of shape (clients, therapists)
            0.5 for the leader itself, and where two do not differ at all.
        """
        rows = np.arange(len(self.score))
        gap = self.score[rows, leader][:, None] - self.score
        apart = self.weight_loadings[rows, leader][:, None] - self.weight_loadings
        variance = (
            np.einsum("nmq,nmq->nm", apart, apart) + self.pair_variance[rows, leader][:, None] + self.pair_variance
        )
        variance[rows, leader] = 0
        certain = np.where(gap == 0, 0.5, (gap > 0).astype(float))
        return np.where(variance > 0, ndtr(gap / np.sqrt(np.where(variance > 0, variance, 1))), certain)


@dataclass(frozen=True)
class AllianceModel:
    """A pair becomes its expected early alliance.

    Attributes
    ----------
    features : tuple of Feature, length p
        Each with its centre and scale known.
    evidence, therapists, learned, width, verdict
        The parts; ``learned`` is None where trees have no share.
    instrument : str
        The instrument most outcomes used; empty without outcomes.
    n_outcomes : int
        Early alliance records it rests on.
    data_digest : str
        Digest of the tables it was trained on; empty for the model a clinic starts from.
    bundle : str
        Name of the bundle it was read from; empty until it is saved and read.
    """

    features: tuple[Feature, ...]
    evidence: WeightDistribution
    therapists: TherapistEffects
    learned: BoostedTrees | None = None
    width: PredictionInterval = field(default_factory=PredictionInterval)
    verdict: Verdict = field(default_factory=Verdict)
    instrument: str = ""
    n_outcomes: int = 0
    data_digest: str = ""
    bundle: str = ""

    @classmethod
    def from_published(cls, features: Sequence[Feature]) -> AllianceModel:
        """The published weights alone: no outcome seen, no trees, no therapist known."""
        evidence = build_prior(features)
        return cls(tuple(features), evidence, TherapistEffects.from_prior(len(evidence.mean), evidence.tau**2))

    @property
    def intercept(self) -> float:
        """The part of every score that belongs to no feature: the level of a typical pair, POMP."""
        return float(self.evidence.mean[0])

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names, in the order of the last axis everywhere."""
        return tuple(feature.name for feature in self.features)

    @property
    def is_client_feature(self) -> Bools:
        """Which features differ between clients only and so belong to the baseline, shape (p,)."""
        return np.array([feature.side == "client" for feature in self.features], dtype=bool)

    def compute_parts(self, pairs: Pairs) -> ScoreParts:
        """The four parts for some pairs, and what is not known about their sum."""
        roster = pairs.sides.tables.therapists["therapist_id"].to_list()
        return self.compute_parts_from_features(self.standardize_features(pairs), roster, pairs.therapist_rows)

    def compute_parts_from_features(
        self, standard: Floats, roster: Sequence[str], therapist_rows: Indices
    ) -> ScoreParts:
        """Sum up features already built.

        Parameters
        ----------
        standard : array of shape (*shape, p)
            From :meth:`compute_standardized_product`.
        roster : sequence of str
            Therapists' ids.
        therapist_rows : array of int that broadcasts to ``shape``
            Whom of the roster each pair is with.
        """
        x = build_design_matrix(standard)
        shape = standard.shape[:-1]
        client = np.concatenate([[True], self.is_client_feature])
        effect, lean, own = self.therapists.select_for_roster(roster)
        doubt = np.isnan(standard) * self.evidence.missing_value_variance
        root = np.linalg.cholesky(self.evidence.cov)
        return ScoreParts(
            baseline=x[..., client] @ self.evidence.mean[client],
            evidence=x[..., ~client] @ self.evidence.mean[~client],
            learned=np.zeros(shape) if self.learned is None else self.learned.predict(self.feature_names, standard),
            therapist=np.array(np.broadcast_to(effect[therapist_rows], shape)),
            weight_loadings=(x - lean[therapist_rows]) @ root,
            pair_variance=own[therapist_rows] + doubt[..., ~self.is_client_feature].sum(axis=-1),
            client_variance=doubt[..., self.is_client_feature].sum(axis=-1),
        )

    def compute_contributions(self, pairs: Pairs) -> Floats:
        """What each feature adds to the score, evidence and trees together; shape (*pairs.shape, p), POMP.

        With :attr:`intercept` and ``parts(pairs).therapist`` they sum to the score.
        """
        standard = self.standardize_features(pairs)
        parts: Floats = np.nan_to_num(standard, nan=0.0) * self.evidence.mean[1:]
        if self.learned is not None:
            parts += self.learned.compute_contributions(self.feature_names, standard)
        return parts

    def standardize_features(self, pairs: Pairs) -> Floats:
        """The features of some pairs in units of their scale, shape (*pairs.shape, p); NaN where unknown."""
        return PairFrame.from_pairs(pairs, self.features).standardize()

    def compute_interval(self, parts: ScoreParts) -> tuple[Floats, Floats]:
        """Low and high end of the interval for one early rating, POMP."""
        return self.width.compute_bounds(parts.score, np.sqrt(parts.sd**2 + self.evidence.sigma**2))

    def with_interval_level(self, level: float) -> AllianceModel:
        """The same model with intervals meant to hold with another probability."""
        return replace(self, width=replace(self.width, level=level))
