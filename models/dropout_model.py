"""The probability of dropout of a pair: a logistic model over the features of the score, with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, logit, ndtri

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.feature import Feature
from attune_fit.models.therapist_effects import RosterEffects, TherapistEffects
from attune_fit.models.weight_posterior import POOLED_EFFECT_SHRINKAGE, WeightDistribution, build_design_matrix

if TYPE_CHECKING:
    from attune_fit.features.pair_frame import PairFrame
    from attune_fit.features.pairs import Pairs

N_PUBLISHED_STUDIES = 669  # behind `dropout_share`; with its interval they give the SD between studies
# Log-odds; assumed: what a feature does to dropout other than through the alliance. Wider, predictions from few records
# differ too much: at .05 the calibration slope of synthetic clinics with 300 clients is about .5 (docs/dropout.md).
OWN_WEIGHT_SD = 0.01
PROBIT_SCALE = np.pi / 8  # expit(m / sqrt(1 + v * pi / 8)) is about the mean of expit over N(m, v) (MacKay 1992)


class DropoutCheck(NamedTuple):
    """How well held-out dropout was predicted; each interval is a 95% interval.

    Attributes
    ----------
    slope, slope_low, slope_high : float
        Calibration slope of the predictions before recalibration: 1 is ideal, below 1 they differ too much.
    auc, auc_low, auc_high : float
        Probability that a client who dropped out was predicted a higher probability than one who did not; .5 is chance.
    client_auc : float
        The same for the client's part alone: what would be predicted with a typical therapist.
    gain, gain_low, gain_high : float
        ``auc`` minus ``client_auc``.
    """

    slope: float
    slope_low: float
    slope_high: float
    auc: float
    auc_low: float
    auc_high: float
    client_auc: float
    gain: float
    gain_low: float
    gain_high: float


class DropoutProbabilities(NamedTuple):
    """Probabilities of dropout of some pairs, 0 to 1; arrays of the pairs' shape.

    ``low`` and ``high`` are the ends of an interval for ``probability``. ``of_client`` is the probability of the same
    client with a typical therapist without records. ``saved`` is how much less dropout is expected than with that
    therapist, from -1 to 1, without regard to uncertainty: a therapist without records never loses by it.
    """

    probability: Floats
    low: Floats
    high: Floats
    of_client: Floats
    saved: Floats


@dataclass(frozen=True)
class DropoutModel:
    r"""A logistic twin of the score: :math:`\mathrm{logit}\,P = x'w + u_t`, recalibrated on held-out records.

    Attributes
    ----------
    mean : array of shape (p + 1,)
        Log-odds of dropout: the intercept first, then the effect of one ``scale`` of each feature of the score.
    cov : array of shape (p + 1, p + 1)
        Their covariance, log-odds².
    therapists : TherapistEffects
        The therapists' own effects on dropout, in log-odds.
    intercept, slope : float
        Recalibration: the logit of the shown probability is ``intercept + slope`` times that of the fitted one.
    n_records, n_dropouts : int
        Episodes in training with known dropout, and how many of them ended in dropout. 0 for the published prior.
    check : DropoutCheck, optional
        How well held-out records were predicted; None where that was not measured.
    """

    mean: Floats
    cov: Floats
    therapists: TherapistEffects
    intercept: float = 0.0
    slope: float = 1.0
    n_records: int = 0
    n_dropouts: int = 0
    check: DropoutCheck | None = field(default=None)

    @classmethod
    def from_published(cls, evidence: WeightDistribution, features: Sequence[Feature]) -> DropoutModel:
        """Build the model of the published odds alone; ``evidence`` holds the prior weights of alliance."""
        mean, cov = build_dropout_prior(evidence, features)
        return cls(mean, cov, TherapistEffects.from_prior(len(mean), compute_therapist_sd() ** 2))

    def compute_probabilities(
        self, pairs: Pairs, frame: PairFrame, level: float, effects: RosterEffects | None = None
    ) -> DropoutProbabilities:
        """Compute the probability of dropout of some pairs, with its interval.

        Parameters
        ----------
        pairs : Pairs
        frame : PairFrame
            The features of the score, of these pairs.
        level : float in (0, 1)
            Probability of the interval.
        effects : RosterEffects, optional
            The therapists' effects on dropout for the roster of these pairs, if they are selected already.
        """
        if effects is None:
            effects = self.therapists.select_for_roster(pairs.sides.tables.therapists["therapist_id"].to_list())
        return self.compute_from_features(frame.standardize(), frame.features, effects, pairs.therapist_rows, level)

    def compute_from_features(
        self, standard: Floats, features: Sequence[Feature], effects: RosterEffects, therapist_rows: Indices,
        level: float = 0.9,
    ) -> DropoutProbabilities:  # fmt: skip
        """Compute the probabilities from standardized features (..., p), NaN where unknown; see above.

        ``therapist_rows`` are rows of ``effects`` and broadcast to the pairs.
        """
        rows, is_unknown = np.broadcast_to(therapist_rows, standard.shape[:-1]), np.isnan(standard)
        x = build_design_matrix(standard, features)
        x_client = mask_pair_features(x, features)
        client_log_odds, log_odds = x_client @ self.mean, x @ self.mean + effects.effect[rows]
        variance = self._compute_variance(x - effects.slopes[rows], is_unknown) + effects.variance[rows]
        client_unknown = is_unknown & [feature.side == "client" for feature in features]
        client_variance = self._compute_variance(x_client, client_unknown) + self.therapists.tau2
        half_width = float(ndtri((1 + level) / 2)) * np.sqrt(variance)
        return DropoutProbabilities(
            self._recalibrate(log_odds / np.sqrt(1 + PROBIT_SCALE * variance)),
            self._recalibrate(log_odds - half_width),
            self._recalibrate(log_odds + half_width),
            self._recalibrate(client_log_odds / np.sqrt(1 + PROBIT_SCALE * client_variance)),
            self._recalibrate(client_log_odds) - self._recalibrate(log_odds),
        )

    def _compute_variance(self, x: Floats, is_unknown: Bools) -> Floats:
        """Return the variance of log-odds due to the weights, and to unknown features."""
        unknown = is_unknown @ (self.mean[1:] ** 2 + np.diag(self.cov)[1:])
        return np.asarray(((x @ self.cov) * x).sum(axis=-1) + unknown)

    def _recalibrate(self, log_odds: Floats) -> Floats:
        """Return the recalibrated probability of fitted log-odds."""
        return np.asarray(expit(self.intercept + self.slope * log_odds))


def mask_pair_features(x: Floats, features: Sequence[Feature]) -> Floats:
    """Return a design matrix (..., p + 1) of the client's part alone: every other feature has its typical value."""
    is_client = np.array([True, *(feature.side == "client" for feature in features)])
    typical = np.array([1.0, *(feature.standard_typical for feature in features)])
    return np.where(is_client, x, typical)


def compute_dropout_factors(features: Sequence[Feature]) -> Floats:
    """Compute the log-odds of dropout that go with one SD of better alliance, for each feature; shape (p,), below 0.

    An alliance lower by d among those who drop out, equally spread in both groups, is a logistic slope of -d for one
    SD. Wishes have a factor of their own: trials that accommodated preferences measured alliance and dropout. Both are
    shrunk by :data:`POOLED_EFFECT_SHRINKAGE`, as the weights of alliance are.
    """
    published = read_published_statistics()
    through_alliance = -published["alliance_dropout_d"].value
    through_wishes = -_compute_preference_log_odds() / published["preference_alliance_d"].value
    factors = [through_wishes if one.family == "wishes" else through_alliance for one in features]
    return POOLED_EFFECT_SHRINKAGE * np.array(factors, dtype=float)


def compute_therapist_sd() -> float:
    """Compute the SD between therapists before any record, in log-odds: their share of alliance, at its effect."""
    published = read_published_statistics()
    return float(published["alliance_dropout_d"].value * np.sqrt(published["therapist_share"].value))


def build_dropout_prior(
    evidence: WeightDistribution, features: Sequence[Feature], relevance: float = 1.0, own_sd: float = OWN_WEIGHT_SD
) -> tuple[Floats, Floats]:
    """Build mean and covariance of intercept and dropout weights, in log-odds, from the prior weights of alliance.

    Parameters
    ----------
    evidence : WeightDistribution
        Weights of alliance before the clinic's records, over ``features``.
    features : sequence of Feature, length p
    relevance : float
        Factor on what acts through the alliance, >= 0.
    own_sd : float
        SD of what a feature does to dropout otherwise, log-odds; its mean is 0.

    Returns
    -------
    arrays of shape (p + 1,), (p + 1, p + 1)
        The intercept is the published share of dropout, with the SD between the published studies.
    """
    share = read_published_statistics()["dropout_share"]
    factors = relevance * compute_dropout_factors(features) / evidence.unit
    mean = np.concatenate([[logit(share.value)], factors * evidence.mean[1:]])
    cov = np.zeros((len(mean), len(mean)))
    cov[0, 0] = _compute_level_sd() ** 2
    cov[1:, 1:] = np.outer(factors, factors) * evidence.cov[1:, 1:] + own_sd**2 * np.eye(len(factors))
    return mean, cov


def _compute_level_sd() -> float:
    """Return the SD of dropout between published studies in log-odds, from the interval of their mean."""
    share = read_published_statistics()["dropout_share"]
    if share.low is None or share.high is None:
        raise LookupError("The figure `dropout_share` needs `low` and `high` in data/published_statistics.toml.")
    sd = (share.high - share.low) / (2 * float(ndtri(0.975))) * np.sqrt(N_PUBLISHED_STUDIES)
    return float(sd / (share.value * (1 - share.value)))


def _compute_preference_log_odds() -> float:
    """Return how much accommodated preferences lower the log-odds of dropout: the mean of the two published effects.

    The risk ratio becomes an odds ratio at the published share of dropout, as the mean of two equal groups.
    """
    published = read_published_statistics()
    ratio, share = published["preference_dropout_rr"].value, published["dropout_share"].value
    others = 2 * share / (1 + ratio)
    in_trials = float(logit(others) - logit(ratio * others))
    return float((np.log(published["preference_dropout_or"].value) + in_trials) / 2)
