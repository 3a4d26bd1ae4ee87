"""Fit goal, task and bond: how each scale differs from the total, with weights that shrink to 0 without evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.level_terms import LevelTerms, add_level_terms
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.scale_models import ScaleModels, compute_contrasts, compute_scale_deviations
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.weight_posterior import WeightDistribution
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.record_scores import compute_record_parts
from attune_fit.training.crossfit.splits import Fold

MIN_SCALE_RECORDS = 30  # with fewer records, the calibration of the intervals is that of the total alone
SCALE_LEVEL_SD = 10.0  # POMP; prior of the level of a contrast: assumed, as that of the total
# Sizes tried, relative to the residual: SD of what the client's features, the other features, and the therapists add.
RELATIVE_SIZES = (0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7)
MIN_RELATIVE_SIZE = 1e-3  # in place of 0: a covariance must be positive definite
# The prior of a size falls exponentially: 5% are above half of the residual SD (a prior that penalises complexity;
# Simpson et al. 2017, Statistical Science 32:1, 10.1214/16-STS576). So sizes are 0 unless the records support more.
SIZE_RATE = -np.log(0.05) / 0.5
# What any size above 0 costs in log likelihood: evidence for it must be positive (Kass & Raftery 1995, JASA 90:773).
MIN_SIZE_GAIN = 1.0
N_SWEEPS = 3


@dataclass(frozen=True)
class ScaleFit:
    """Goal, task and bond as fitted, and how well they predict held-out records.

    Attributes
    ----------
    models : ScaleModels or None
        None where too few records hold all three scales.
    n_records : int
        Number of records that hold all three scales.
    predictions : tuple of three OutOfFoldPredictions
        Of each scale, for the records with scales; empty without folds.
    level_predictions : tuple of three arrays
        The same scores without scale-specific weights and therapist effects: the total plus the level of the scale.
    folds : list of Fold
        The folds among the records with scales.
    """

    models: ScaleModels | None = None
    n_records: int = 0
    predictions: tuple[OutOfFoldPredictions, ...] = ()
    level_predictions: tuple[Floats, ...] = ()
    folds: list[Fold] = field(default_factory=list)


@dataclass(frozen=True)
class ContrastSizes:
    """Relative sizes of one contrast, each in SD of its residual, and the residual SD itself in POMP."""

    client: float
    pair: float
    therapist: float
    sigma: float


def fit_scales(
    records: TrainingDataset, early: pd.DataFrame, held_out: OutOfFoldPredictions, folds: Sequence[Fold]
) -> ScaleFit:
    """Fit how goal, task and bond differ from the total, and calibrate their intervals on held-out records.

    Parameters
    ----------
    records : TrainingDataset
        The records of the total.
    early : DataFrame
        From :func:`compute_training_outcomes`: the scales of each episode, in POMP.
    held_out : OutOfFoldPredictions
        Of the total, for all records, by ``folds``. Without folds the intervals have typical widths.
    folds : sequence of Fold
        By client.

    Returns
    -------
    ScaleFit
        Without models where fewer than :data:`MIN_SCALE_RECORDS` records hold all three scales.
    """
    scales = select_scale_scores(records, early)
    rows = np.flatnonzero(~np.isnan(scales).any(axis=0))
    if len(rows) < MIN_SCALE_RECORDS:
        return ScaleFit(n_records=len(rows))
    contrasts = compute_contrasts(scales)
    sizes = [choose_sizes(records, rows, values[rows]) for values in contrasts]
    bond, task = (
        fit_contrast(records, rows, values[rows], size) for values, size in zip(contrasts, sizes, strict=True)
    )
    level = PredictionInterval()
    models = ScaleModels((bond, task), compute_offset(records, rows, scales, early), (level, level, level), len(rows))
    is_used = np.zeros(len(records), dtype=bool)
    is_used[rows] = True
    if len(held_out.y) != len(records) or any(not is_used[fold.train].any() for fold in folds):
        return ScaleFit(models, len(rows))
    return _calibrate(models, records, is_used, scales, sizes, held_out, folds)


def select_scale_scores(records: TrainingDataset, early: pd.DataFrame) -> Floats:
    """Return goal, task and bond of the records, POMP, shape (3, n); NaN where a scale has no score."""
    pairs = pd.MultiIndex.from_arrays([records.client, records.therapist], names=EPISODE_KEYS)
    return early.set_index(EPISODE_KEYS)[list(ALLIANCE_SCALES)].reindex(pairs).to_numpy(float).T


def compute_offset(records: TrainingDataset, rows: Indices, scales: Floats, early: pd.DataFrame) -> float:
    """Compute the mean difference of the scales from the total, POMP, on the most frequent instrument of ``rows``.

    A total can hold items of no scale, as that of the SRS. On another instrument the total is converted, and the
    scales are not.
    """
    pairs = pd.MultiIndex.from_arrays([records.client[rows], records.therapist[rows]], names=EPISODE_KEYS)
    instrument = early.set_index(EPISODE_KEYS)["instrument"].reindex(pairs)
    is_main = (instrument == instrument.mode().iloc[0]).to_numpy(bool)
    return float((scales[:, rows].mean(axis=0) - records.y[rows])[is_main].mean())


def choose_sizes(records: TrainingDataset, rows: Indices, contrast: Floats) -> ContrastSizes:
    """Choose how much features and therapists add to a contrast: the mode of the marginal posterior.

    The search improves one size after the other on a grid, then the residual SD, and repeats (coordinate ascent).
    """
    sums = _sum_contrast(records, rows, contrast)
    best = ContrastSizes(0.0, 0.0, 0.0, max(float(contrast.std()), MIN_RELATIVE_SIZE))
    for _ in range(N_SWEEPS):
        before = best
        for name in ("client", "pair", "therapist"):
            tried = [replace(best, **{name: size}) for size in RELATIVE_SIZES]
            best = max(tried, key=partial(_compute_log_posterior, records, sums))
        best = replace(best, sigma=_find_residual_sd(records, sums, best))
        if replace(best, sigma=before.sigma) == before:
            break
    return best


def fit_contrast(records: TrainingDataset, rows: Indices, contrast: Floats, sizes: ContrastSizes) -> AllianceModel:
    """Fit the weights and the therapist effects of one contrast to the records in ``rows``.

    Parameters
    ----------
    records : TrainingDataset
    rows : array of int, shape (k,)
    contrast : array of shape (k,)
        The contrast of these records, POMP.
    sizes : ContrastSizes
        From :func:`choose_sizes`.

    Returns
    -------
    AllianceModel
        Without trees; its score is the expected contrast.
    """
    sums, q = _sum_contrast(records, rows, contrast), len(records.features) + 1
    tau2 = _compute_tau2(sizes)
    posterior = sums.combine_with_prior(*_build_contrast_prior(records, sizes)).solve(sizes.sigma**2, tau2)
    effects = TherapistEffects.from_posterior(
        records.therapist_ids, sums.has_records(), posterior, posterior.mean, tau2
    )
    evidence = WeightDistribution(
        names=tuple(feature.name for feature in records.features),
        mean=posterior.mean[:q],
        cov=posterior.cov[:q, :q],
        sigma=sizes.sigma,
        tau=float(np.sqrt(tau2)),
        unit=max(float(contrast.std()), MIN_RELATIVE_SIZE),
        levels=_expand_level_terms(records, posterior.mean[q:]),
    )
    return AllianceModel(records.features, evidence, effects.integrate_out(posterior.cov, q), n_outcomes=len(rows))


def _sum_contrast(records: TrainingDataset, rows: Indices, contrast: Floats) -> SufficientStatistics:
    """Return the sufficient statistics of a contrast; all records count alike."""
    precision = RecordPrecision.from_noise(np.ones(len(rows)))
    columns = [*range(len(records.features) + 1), *(len(records.features) + 1 + _list_level_columns(records))]
    design, n_therapists = records.build_design(rows)[:, columns], len(records.therapist_ids)
    return SufficientStatistics.from_records(design, contrast, records.therapist[rows], n_therapists, precision)


def _build_contrast_prior(records: TrainingDataset, sizes: ContrastSizes) -> tuple[Floats, Floats]:
    """Return mean and covariance of level, weights and level terms: every mean is 0."""
    is_client = np.array([feature.side == "client" for feature in records.features], dtype=bool)
    variances = np.empty(len(is_client))
    for members, size in ((is_client, sizes.client), (~is_client, sizes.pair)):
        variances[members] = (max(size, MIN_RELATIVE_SIZE) * sizes.sigma) ** 2 / max(int(members.sum()), 1)
    cov = np.diag([SCALE_LEVEL_SD**2, *variances])
    names = [records.level_terms.names[column] for column in _list_level_columns(records)]
    return add_level_terms(np.zeros(len(cov)), cov, names)


def _list_level_columns(records: TrainingDataset) -> Indices:
    """Return the positions of the level terms of a contrast: a period moves all scales of a form alike."""
    return np.flatnonzero([not name.startswith("period ") for name in records.level_terms.names])


def _expand_level_terms(records: TrainingDataset, effect: Floats) -> LevelTerms:
    """Return the level terms of all records, with effect 0 where a contrast has no term."""
    expanded = np.zeros(len(records.level_terms.names))
    expanded[_list_level_columns(records)] = effect
    return replace(records.level_terms, effect=expanded)


def _compute_log_posterior(records: TrainingDataset, sums: SufficientStatistics, sizes: ContrastSizes) -> float:
    """Compute the log marginal likelihood of a contrast plus the log prior of its sizes."""
    solver = sums.combine_with_prior(*_build_contrast_prior(records, sizes))
    log_marginal = solver.compute_log_marginal(sizes.sigma**2, _compute_tau2(sizes))
    relative = (sizes.client, sizes.pair, sizes.therapist)
    return float(log_marginal - SIZE_RATE * sum(relative) - MIN_SIZE_GAIN * sum(size > 0 for size in relative))


def _find_residual_sd(records: TrainingDataset, sums: SufficientStatistics, sizes: ContrastSizes) -> float:
    """Return the residual SD that fits a contrast best, POMP, at these relative sizes."""
    from scipy.optimize import minimize_scalar  # heavy, and no ranking needs it

    def compute_loss(log_factor: float) -> float:
        return -_compute_log_posterior(records, sums, replace(sizes, sigma=sizes.sigma * float(np.exp(log_factor))))

    found = minimize_scalar(compute_loss, bounds=(-1.0, 0.5), method="bounded", options={"xatol": 0.005})
    return sizes.sigma * float(np.exp(found.x))


def _compute_tau2(sizes: ContrastSizes) -> float:
    """Return the variance of the therapists' effects on a contrast, POMP², above 0."""
    return (max(sizes.therapist, MIN_RELATIVE_SIZE) * sizes.sigma) ** 2


def _calibrate(
    models: ScaleModels,
    records: TrainingDataset,
    is_used: Bools,
    scales: Floats,
    sizes: Sequence[ContrastSizes],
    held_out: OutOfFoldPredictions,
    folds: Sequence[Fold],
) -> ScaleFit:
    """Predict each scale of held-out records, and calibrate the intervals on these predictions."""
    expected, level, variances = np.full((3, 2, len(records)), np.nan)
    contrasts = compute_contrasts(scales)
    for fold in folds:
        train, test = fold.train[is_used[fold.train]], fold.test[is_used[fold.test]]
        for number, (values, size) in enumerate(zip(contrasts, sizes, strict=True)):
            parts = compute_record_parts(fit_contrast(records, train, values[train], size), records, test)
            expected[number, test], variances[number, test] = parts.score, parts.sd**2
            level[number, test] = values[train].mean()
    rows = np.flatnonzero(is_used)
    total = held_out.score + models.offset
    score, level_score = (total + compute_scale_deviations(values) for values in (expected, level))
    sd = models.compute_rating_sd(held_out.sd, variances)
    predictions = tuple(
        replace(_take_records(held_out, rows), y=scales[k, rows], score=score[k, rows], sd=sd[k, rows])
        for k in range(len(ALLIANCE_SCALES))
    )
    level_predictions = tuple(level_score[k, rows] for k in range(len(ALLIANCE_SCALES)))
    low, mid, high = (PredictionInterval.from_out_of_fold(0.9, p.score, p.standardised_residuals) for p in predictions)
    number_of = np.cumsum(is_used) - 1
    inner = [Fold(*(number_of[part[is_used[part]]] for part in (fold.train, fold.test))) for fold in folds]
    calibrated = replace(models, widths=(low, mid, high))
    return ScaleFit(calibrated, len(rows), predictions, level_predictions, inner)


def _take_records(held_out: OutOfFoldPredictions, rows: Indices) -> OutOfFoldPredictions:
    """Return the predictions of some records."""
    return OutOfFoldPredictions(**{name: values[rows] for name, values in vars(held_out).items()})
