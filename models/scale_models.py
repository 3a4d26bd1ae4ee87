"""Goal, task and bond of a pair: how each scale of early alliance differs from the total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.models.prediction_interval import PredictionInterval

if TYPE_CHECKING:
    from attune_fit.features.pair_frame import PairFrame
    from attune_fit.features.pairs import Pairs
    from attune_fit.models.alliance_model import AllianceModel, ScoreParts

# Two orthonormal contrasts span every deviation that adds up to 0 over the scales: bond less the mean of goal and task,
# which measure nearly the same, and task less goal. Rows are contrasts, columns are the scales.
CONTRAST_NAMES = ("bond", "task")
CONTRASTS: Floats = np.array([[-1, -1, 2], [-1, 1, 0]]) / np.sqrt([[6.0], [2.0]])


@dataclass(frozen=True)
class ScaleEstimates:
    """Goal, task and bond of some pairs; arrays of shape (3, *pairs.shape) in POMP, in the order of the scales.

    Attributes
    ----------
    estimate : array
        Expected early score of each scale: the expected alliance plus the deviation of the scale.
    low, high : array
        Ends of the prediction interval of one early rating.
    """

    estimate: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class ScaleModels:
    """Models of how goal, task and bond differ from the total alliance.

    The estimate of a scale is the estimate of the total plus a deviation. So the scales share the total's weights, its
    trees and its therapist effects. The deviations have weights and therapist effects of their own, with prior mean 0.

    Attributes
    ----------
    contrasts : tuple of two AllianceModel
        Linear models of :data:`CONTRASTS`, over the features of the total's model. Their score is a contrast in POMP.
    offset : float
        Mean of the three scales minus the total, POMP: 0 where the total is this mean.
    widths : tuple of three PredictionInterval
        Calibration of the intervals of each scale.
    n_records : int
        Number of records with all three scales.
    """

    contrasts: tuple[AllianceModel, AllianceModel]
    offset: float
    widths: tuple[PredictionInterval, PredictionInterval, PredictionInterval]
    n_records: int

    def compute_deviations(self, pairs: Pairs, frame: PairFrame | None = None) -> Floats:
        """Compute the deviations of the scales from their own mean, POMP; shape (3, *pairs.shape), 0 in sum.

        Parameters
        ----------
        pairs : Pairs
        frame : PairFrame, optional
            The features of these pairs, if they are computed already.
        """
        return compute_scale_deviations(np.stack([parts.score for parts in self._compute_parts(pairs, frame)]))

    def compute_pair_deviations(self, pairs: Pairs, frame: PairFrame | None = None) -> Floats:
        """Compute that part of the deviations in which the therapists of a client differ, as the deviations."""
        of_contrasts = self._compute_parts(pairs, frame)
        return compute_scale_deviations(np.stack([parts.evidence + parts.therapist for parts in of_contrasts]))

    def estimate_scales(
        self, model: AllianceModel, parts: ScoreParts, pairs: Pairs, frame: PairFrame | None = None
    ) -> ScaleEstimates:
        """Estimate goal, task and bond of some pairs.

        Parameters
        ----------
        model : AllianceModel
            The model of the total. Its interval level is that of the scales.
        parts : ScoreParts
            The score of these pairs by that model.
        pairs, frame
            As in :meth:`compute_deviations`.
        """
        of_contrasts = self._compute_parts(pairs, frame)
        deviation = compute_scale_deviations(np.stack([one.score for one in of_contrasts]))
        estimate = parts.score + self.offset + deviation
        variances = np.stack([one.sd**2 for one in of_contrasts])
        sd = self.compute_rating_sd(np.sqrt(parts.sd**2 + model.evidence.sigma**2), variances)
        bounds = [
            replace(width, level=model.width.level).compute_bounds(estimate[scale], sd[scale])
            for scale, width in enumerate(self.widths)
        ]
        return ScaleEstimates(np.clip(estimate, 0, 100), *(np.stack(ends) for ends in zip(*bounds, strict=True)))

    def compute_rating_sd(self, total_sd: Floats, contrast_variances: Floats) -> Floats:
        """Compute the standard deviation of one early rating of each scale, POMP; shape (3, *shape).

        It takes the total and the deviation as uncorrelated; the calibration of the intervals corrects for it.

        Parameters
        ----------
        total_sd : array of any shape
            Standard deviation of one early rating of the total.
        contrast_variances : array of shape (2, *shape)
            Variances of the expected contrasts, POMP².
        """
        noise = np.array([one.evidence.sigma**2 for one in self.contrasts])
        variances = contrast_variances + noise.reshape(2, *(1,) * total_sd.ndim)
        return np.asarray(np.sqrt(total_sd**2 + np.tensordot(CONTRASTS.T**2, variances, axes=1)))

    def _compute_parts(self, pairs: Pairs, frame: PairFrame | None) -> list[ScoreParts]:
        return [contrast.compute_parts(pairs, frame) for contrast in self.contrasts]

    @cached_property
    def fit_sd(self) -> Floats:
        """SD over typical pairs of what the features and the therapists make of each deviation, POMP; shape (3,)."""
        variances = [float((one.evidence.mean[1:] ** 2).sum() + one.evidence.tau**2) for one in self.contrasts]
        return np.asarray(np.sqrt(CONTRASTS.T**2 @ np.array(variances)), dtype=float)


def compute_scale_deviations(contrasts: Floats) -> Floats:
    """Return the deviations of the scales, shape (3, ...), from their contrasts (2, ...); they add up to 0."""
    return np.asarray(np.tensordot(CONTRASTS.T, contrasts, axes=1))


def compute_contrasts(scales: Floats) -> Floats:
    """Return the contrasts, shape (2, ...), of scores of the three scales (3, ...).

    >>> compute_contrasts(np.array([57.0, 63.0, 66.0])).round(3).tolist()
    [4.899, 4.243]
    """
    return np.asarray(np.tensordot(CONTRASTS, scales, axes=1))


def compute_scale_shares(weights: Mapping[Any, float]) -> Floats:
    """Return the share of each scale in the order, shape (3,), 1 in sum; a scale without a weight has weight 1.

    >>> compute_scale_shares({"bond": 2.0}).tolist()
    [0.25, 0.25, 0.5]
    """
    values = np.array([weights.get(scale, 1.0) for scale in ALLIANCE_SCALES])
    return np.asarray(values / values.sum())
