"""The score of a pair: a sum of four parts, each with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.feature import Feature
from attune_fit.features.pair_frame import PairFrame, fill_unknown
from attune_fit.features.pairs import Pairs
from attune_fit.models.dropout_model import DropoutModel
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.scale_models import ScaleModels
from attune_fit.models.therapist_effects import RosterEffects, TherapistEffects
from attune_fit.models.trees import BoostedTrees
from attune_fit.models.weight_posterior import WeightDistribution, build_design_matrix, build_prior

ROWS_PER_BLOCK = 2_048  # pairs that are scored at once: their arrays stay in the cache of a core


@dataclass(frozen=True)
class ScoreParts:
    """The four parts of the score of some pairs; arrays of the pairs' shape, in POMP (0-100).

    Attributes
    ----------
    baseline : array
        Prediction from the client's intake; the same for every therapist.
    evidence, learned, therapist : array
        The linear layer, LightGBM's share (stacking), the therapist's own effect (random effect).
    weight_loadings : array of shape (*pairs.shape, q)
        The pair's loadings on the uncertainty of the weights: rows of X L, where L L' is the posterior covariance. The
        squared distance between two pairs is the variance of their difference due to the weights.
    pair_variance : array
        Variance of this pair alone: the therapist's effect, and unknown features of the pair; POMP².
    client_variance : array
        Variance that all pairs of a client share: unknown intake features; POMP².
    adjustment : array, optional
        What the weights of outcomes in ``clinic.toml`` add to the order, not to the expected alliance; POMP. None where
        the clinic states no weight.
    """

    baseline: Floats
    evidence: Floats
    learned: Floats
    therapist: Floats
    weight_loadings: Floats
    pair_variance: Floats
    client_variance: Floats
    adjustment: Floats | None = None

    @property
    def score(self) -> Floats:
        """Expected early alliance, POMP: the sum of the four parts."""
        return self.baseline + self.evidence + self.learned + self.therapist

    @property
    def order_score(self) -> Floats:
        """What orders a list, POMP: the score, and :attr:`adjustment` where the clinic weighs other outcomes."""
        return self.score if self.adjustment is None else self.score + self.adjustment

    @property
    def order_score_above_baseline(self) -> Floats:
        """What of :attr:`order_score` differs between the therapists of a client, POMP."""
        above = self.evidence + self.learned + self.therapist
        return above if self.adjustment is None else above + self.adjustment

    @property
    def sd(self) -> Floats:
        """Standard deviation of the expected alliance, POMP; not of one rating, which varies more."""
        weights: Floats = np.einsum("...q,...q->...", self.weight_loadings, self.weight_loadings)
        return np.sqrt(weights + self.pair_variance + self.client_variance)

    def take(self, index: Any) -> ScoreParts:
        """Return the parts of some of the pairs: ``index`` is anything that indexes an array of the pairs' shape."""
        return ScoreParts(**{name: values[index] for name, values in vars(self).items() if values is not None})

    def compute_probability_better(self, leader: Indices, other: Indices) -> Floats:
        """Return the probability that the alliance with one therapist (the leader) is better than with another one.

        Parameters
        ----------
        leader, other : arrays of int, shape (comparisons,)
            Positions in a list of pairs, both of the same client. A single leader is compared with all others.

        Returns
        -------
        array of shape (comparisons,)
            0.5 for the leader itself, and where two therapists do not differ at all.
        """
        difference, sd = self._compare(self.score, leader, other)
        without_noise = np.where(difference == 0, 0.5, (difference > 0).astype(float))
        return np.where(sd > 0, ndtr(difference / np.where(sd > 0, sd, 1)), without_noise)

    def is_better(self, leader: Indices, other: Indices, level: float) -> Bools:
        """Return whether the leader is better by :attr:`order_score` with a probability of ``level``, from 0.5 to 1.

        Without an adjustment, this is whether :meth:`compute_probability_better` is at least ``level``. A probability
        is not computed: the difference is compared with a quantile.
        """
        difference, sd = self._compare(self.order_score, leader, other)
        is_any_better = difference >= 0 if level == 0.5 else difference > 0
        with np.errstate(invalid="ignore"):  # at level 1 the quantile is infinite, and 0 times it is no number
            return np.asarray(is_any_better & ((sd == 0) | (difference >= ndtri(level) * sd)))

    def _compare(self, score: Floats, leader: Indices, other: Indices) -> tuple[Floats, Floats]:
        """Return the difference of the scores of two lists of pairs, and its standard deviation."""
        loadings = self.weight_loadings[leader] - self.weight_loadings[other]
        variance = np.einsum("kq,kq->k", loadings, loadings) + self.pair_variance[leader] + self.pair_variance[other]
        variance[leader == other] = 0
        return score[leader] - score[other], np.sqrt(variance)


@dataclass(frozen=True)
class AllianceModel:
    """A model of expected early alliance: linear weights, boosted trees and therapist effects.

    Attributes
    ----------
    features : tuple of Feature, length p
        Each with a known center and scale.
    evidence : WeightDistribution
        Posterior of intercept and weights (the linear layer).
    therapists : TherapistEffects
        Posterior of the therapists' own effects.
    learned : BoostedTrees, optional
        LightGBM's trees; None where there are none.
    width : PredictionInterval
        Calibration of the interval of one early rating.
    verdict : Verdict
        Whether the clinic's records help to choose between therapists.
    instrument : str
        The instrument of most outcomes; empty without outcomes.
    n_outcomes : int
        Number of early alliance records in training.
    data_digest : str
        :meth:`Tables.training_digest` of the training tables; empty for the starting model.
    bundle : str
        Name of the bundle it was read from; empty until it is saved and read.
    dropout : DropoutModel, optional
        The probability of dropout; None where the clinic has too few episodes with known dropout.
    scales : ScaleModels, optional
        How goal, task and bond differ from the total; None where too few records hold them.
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
    dropout: DropoutModel | None = None
    scales: ScaleModels | None = None

    def __repr__(self) -> str:
        return (
            f"AllianceModel({self.bundle or 'unsaved'}: {len(self.features)} features, {self.n_outcomes} records, "
            f"verdict {self.verdict.kind!r})"
        )

    @classmethod
    def from_published(cls, features: Sequence[Feature]) -> AllianceModel:
        """Build a model of the published weights alone: no outcomes, no trees, no therapist effects."""
        evidence = build_prior(features)
        return cls(tuple(features), evidence, TherapistEffects.from_prior(len(evidence.mean), evidence.tau**2))

    @property
    def intercept(self) -> float:
        """Intercept: the score of a typical pair without a therapist effect, POMP."""
        return float(self.evidence.mean[0])

    def compute_level(self, pairs: Pairs) -> Floats:
        """Compute the score of a typical pair at the site of each client, POMP; it broadcasts to the pairs."""
        return self.intercept + self.evidence.levels.compute_for_pairs(pairs)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the last axis of every feature array."""
        return tuple(feature.name for feature in self.features)

    @property
    def is_client_feature(self) -> Bools:
        """Which features differ between clients only and so belong to the baseline, bool, shape (p,)."""
        return np.array([feature.side == "client" for feature in self.features], dtype=bool)

    def compute_parts(
        self, pairs: Pairs, frame: PairFrame | None = None, effects: RosterEffects | None = None
    ) -> ScoreParts:
        """Compute the four parts of the score of some pairs, with their uncertainty.

        Parameters
        ----------
        pairs : Pairs
        frame : PairFrame, optional
            The model's features of these pairs, if they are computed already.
        effects : RosterEffects, optional
            The therapists' effects for the roster of these pairs, if they are selected already.
        """
        frame = PairFrame.from_pairs(pairs, self.features) if frame is None else frame
        if effects is None:
            effects = self.therapists.select_for_roster(pairs.sides.tables.therapists["therapist_id"].to_list())
        parts = self.compute_parts_with_effects(frame.standardize(), effects, pairs.therapist_rows)
        return replace(parts, baseline=parts.baseline + self.evidence.levels.compute_for_pairs(pairs))

    def compute_parts_from_features(
        self, standard: Floats, roster: Sequence[str], therapist_rows: Indices
    ) -> ScoreParts:
        """Compute the parts of the score from standardized features.

        Parameters
        ----------
        standard : array of shape (*shape, p)
            From :meth:`standardize_features`; NaN where unknown.
        roster : sequence of str
            Ids of the therapists.
        therapist_rows : array of int that broadcasts to ``shape``
            Position in ``roster`` of each pair's therapist.
        """
        return self.compute_parts_with_effects(standard, self.therapists.select_for_roster(roster), therapist_rows)

    def compute_parts_with_effects(
        self, standard: Floats, effects: RosterEffects, therapist_rows: Indices
    ) -> ScoreParts:
        """Compute the parts of the score from standardized features and the effects of a roster.

        ``effects`` is from :meth:`TherapistEffects.select_for_roster`, and ``therapist_rows`` are its rows; the rest is
        as in :meth:`compute_parts_from_features`.
        """
        shape, rows = standard.shape[:-1], np.broadcast_to(therapist_rows, standard.shape[:-1]).ravel()
        slopes = effects.slopes if effects.slopes.any() else None
        linear, missing = np.empty((2, len(rows), 2))
        loadings = np.empty((len(rows), len(self.evidence.mean)))
        flat = standard.reshape(len(rows), standard.shape[-1])
        for start in range(0, len(rows), ROWS_PER_BLOCK):
            place = slice(start, start + ROWS_PER_BLOCK)
            x = build_design_matrix(flat[place], self.features)
            linear[place] = x @ self._split_of_weights
            missing[place] = np.isnan(flat[place]).astype(float) @ self._split_of_missing_variance
            loadings[place] = (x if slopes is None else x - slopes[rows[place]]) @ self._weight_root
        linear, missing = (values.T.reshape(2, *shape) for values in (linear, missing))
        return ScoreParts(
            baseline=linear[0],
            evidence=linear[1],
            learned=np.zeros(shape) if self.learned is None else self.learned.predict(self.feature_names, standard),
            therapist=effects.effect[rows].reshape(shape),
            weight_loadings=loadings.reshape(*shape, loadings.shape[1]),
            pair_variance=effects.variance[rows].reshape(shape) + missing[1],
            client_variance=missing[0],
        )

    @cached_property
    def _split_of_weights(self) -> Floats:
        """The weights of the baseline, and those of the other features; shape (p + 1, 2), 0 elsewhere."""
        is_baseline = np.concatenate([[True], self.is_client_feature])
        return np.asarray(self.evidence.mean[:, None] * np.stack([is_baseline, ~is_baseline], axis=1))

    @cached_property
    def _split_of_missing_variance(self) -> Floats:
        """The variances of unknown features of the client, and of the other features; shape (p, 2), 0 elsewhere."""
        sides = np.stack([self.is_client_feature, ~self.is_client_feature], axis=1)
        return np.asarray(self.evidence.missing_value_variance[:, None] * sides)

    @cached_property
    def _weight_root(self) -> Floats:
        """The root L of the posterior covariance of the weights, L L', shape (p + 1, p + 1)."""
        return np.asarray(np.linalg.cholesky(self.evidence.cov), dtype=np.float64)

    def compute_scores(self, standard: Floats, effects: RosterEffects, therapist_rows: Indices) -> Floats:
        """Compute the scores of pairs alone, POMP, without the levels of sites and without uncertainty.

        Parameters as in :meth:`compute_parts_with_effects`.
        """
        linear = fill_unknown(standard, self.features) @ self.evidence.mean[1:] + self.intercept
        scores: Floats = linear + effects.effect[therapist_rows]
        return scores if self.learned is None else scores + self.learned.predict(self.feature_names, standard)

    def compute_contributions(self, pairs: Pairs, frame: PairFrame | None = None) -> Floats:
        """Return what each feature adds to the score, linear layer and trees together; shape (*pairs.shape, p), POMP.

        With :meth:`compute_level` and ``compute_parts(pairs).therapist`` they sum to the score. ``frame`` as in
        :meth:`compute_parts`.
        """
        standard = (PairFrame.from_pairs(pairs, self.features) if frame is None else frame).standardize()
        parts: Floats = fill_unknown(standard, self.features) * self.evidence.mean[1:]
        if self.learned is not None:
            parts += self.learned.compute_contributions(self.feature_names, standard)
        return parts

    def compute_contributions_and_mean(self, frame: PairFrame, chosen: Indices) -> tuple[Floats, Floats]:
        """Return what each feature adds to the scores of some pairs of a list, and the mean over all of the list.

        Parameters
        ----------
        frame : PairFrame
            Of a list of k pairs.
        chosen : array of int, shape (s,)
            Which of the pairs.

        Returns
        -------
        arrays of shape (s, p) and (p,)
            As :meth:`compute_contributions`, POMP.
        """
        standard = frame.standardize()
        linear: Floats = fill_unknown(standard, self.features) * self.evidence.mean[1:]
        contributions, mean = linear[chosen], np.asarray(linear.mean(axis=0))
        if self.learned is not None:
            of_trees, mean_of_trees = self.learned.compute_contributions_and_mean(self.feature_names, standard, chosen)
            contributions, mean = contributions + of_trees, mean + mean_of_trees
        return contributions, mean

    def standardize_features(self, pairs: Pairs) -> Floats:
        """Return the standardized features of some pairs, shape (*pairs.shape, p); NaN where unknown."""
        return PairFrame.from_pairs(pairs, self.features).standardize()

    def compute_interval(self, parts: ScoreParts) -> tuple[Floats, Floats]:
        """Return the low and high end of the prediction interval of one early rating, POMP."""
        return self.width.compute_bounds(parts.score, np.sqrt(parts.sd**2 + self.evidence.sigma**2))

    def with_interval_level(self, level: float) -> AllianceModel:
        """Return the same model with intervals of another probability, ``level`` in (0, 1)."""
        return replace(self, width=replace(self.width, level=level))
