"""How well a clinic's own trees do on held-back records: the numbers from which the stacker sets their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import TREE_KINDS, predict_trees_of_kinds
from attune_fit.training.crossfit.pipeline import Recipe, fit_ahead
from attune_fit.training.crossfit.record_scores import compute_record_score
from attune_fit.training.crossfit.splits import Fold

FAMILIES = ("style", "wishes", "problems", "attachment", "practical")  # of the catalogue's pair features
N_BINS = 8  # of a feature, with equally many records: enough to see a step or a bend
MAX_T = 10.0  # beyond, a t value only repeats how many records there are
SUMMARY_NAMES = (
    "log_records",
    "log_records_per_therapist",
    "tau",
    "evidence_sd",
    *(f"evidence_sd_{family}" for family in FAMILIES),
    *(f"log_relevance_{family}" for family in FAMILIES),
    *(f"evidence_t_{family}" for family in FAMILIES),
    *(f"bend_{family}" for family in FAMILIES),
    *(f"{number}_{kind.name}" for kind in TREE_KINDS for number in ("slope", "t", "sd")),
    "slope_all",
    "t_all",
)


@dataclass(frozen=True)
class HeldBackSummary:
    """Held-back records of one clinic, summed up.

    Attributes
    ----------
    rows : array of int, shape (n,)
        The records, each in the test set of one fold.
    residual : array of shape (n,)
        Outcome minus the linear score of the model that was fitted without the record's fold, POMP.
    outputs : array of shape (n, kinds)
        Output of the trees of each kind of :data:`TREE_KINDS`, grown without the record's fold, at full weight; POMP.
    numbers : array of shape (len(SUMMARY_NAMES),)
        The inputs of the stacker; NaN where the records cannot say.
    """

    rows: Indices
    residual: Floats
    outputs: Floats
    numbers: Floats


def compute_held_back_summary(records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe) -> HeldBackSummary:
    """Fit a recipe without each fold, and sum up what the records of that fold say about it.

    Parameters
    ----------
    records : TrainingDataset
    folds : sequence of Fold
        By client; at least one.
    recipe : Recipe
        It grows trees. Inside each fold they learn from residuals that two folds had no part in, so that their slope
        on the third is not biased.
    """
    fit_ahead(records, [(recipe, fold) for fold in folds])
    rows, residuals, outputs = [], [], []
    for fold in folds:
        linear = recipe.without_trees().fit_without(records, fold)
        rows.append(fold.test)
        residuals.append(records.y[fold.test] - compute_record_score(linear, records, fold.test))
        outputs.append(predict_trees_of_kinds(recipe.grow_trees_without(records, fold), records, fold.test))
    order = np.argsort(np.concatenate(rows))
    held_back = np.concatenate(rows)[order], np.concatenate(residuals)[order], np.concatenate(outputs)[order]
    model = recipe.without_trees().fit(records, held_back[0])
    return HeldBackSummary(*held_back, _compute_numbers(model, records, *held_back))


def _compute_numbers(
    model: AllianceModel, records: TrainingDataset, rows: Indices, residual: Floats, outputs: Floats
) -> Floats:
    """Compute the inputs of the stacker, in the order of :data:`SUMMARY_NAMES`; scales are shares of ``sigma``."""
    sigma, relevance = model.evidence.sigma, model.evidence.relevance
    filled = fill_unknown(records.standardised_features[rows], model.features) * model.evidence.mean[1:]
    evidence = {}
    for family in FAMILIES:
        is_member = [row.side == "pair" and row.family == family for row in model.features]
        evidence[family] = filled[:, is_member].sum(axis=1)
    standardised = residual / sigma
    n_therapists = max(len(np.unique(records.therapist[rows])), 1)
    numbers = [
        np.log(len(rows)),
        np.log(len(rows) / n_therapists),
        model.evidence.tau / sigma,
        np.std(sum(evidence.values())) / sigma,
        *(np.std(evidence[family]) / sigma for family in FAMILIES),
        *(np.log(relevance.get(family, 1.0)) for family in FAMILIES),
        *(compute_slope(evidence[family] / sigma, standardised)[1] for family in FAMILIES),
        *(_compute_bend(model, records, rows, standardised, family) for family in FAMILIES),
    ]
    for output in outputs.T:
        numbers += [*compute_slope(output / sigma, standardised), float(np.std(output)) / sigma]
    numbers += compute_slope(outputs.mean(axis=1) / sigma, standardised)
    return np.array(numbers, dtype=float)


def compute_slope(output: Floats, residual: Floats) -> tuple[float, float]:
    """Return the least-squares slope of a residual on an output, both centred, and its t value within ±MAX_T.

    NaN where the output does not vary.
    """
    centred = output - output.mean()
    square = float(centred @ centred)
    if square < 1e-12 or len(output) < 3:
        return float("nan"), float("nan")
    slope = float(centred @ residual) / square
    rest = residual - residual.mean() - slope * centred
    error = np.sqrt(float(rest @ rest) / (len(output) - 2) / square)
    return slope, float(np.clip(slope / max(error, 1e-12), -MAX_T, MAX_T))


def _compute_bend(
    model: AllianceModel, records: TrainingDataset, rows: Indices, standardised: Floats, family: str
) -> float:
    """Return how far the mean held-back residuals by bin of a family's features differ from 0, as a z value.

    The residuals of a right linear layer have mean 0 in each bin. The sum of their squared standardised means has then
    as many degrees of freedom as bins; of the features' sums, each less its mean over its SD, this is the mean.
    """
    values = []
    for column, row in enumerate(model.features):
        if row.side == "pair" and row.family == family:
            feature = records.standardised_features[rows, column]
            known = ~np.isnan(feature)
            if known.sum() < 4 * N_BINS:
                continue
            cuts = np.unique(np.quantile(feature[known], np.arange(1, N_BINS) / N_BINS))
            bin_of = np.searchsorted(cuts, feature[known])
            count = np.bincount(bin_of, minlength=len(cuts) + 1)
            total = np.bincount(bin_of, standardised[known], minlength=len(cuts) + 1)[count > 0]
            n_bins, square = len(total), float((total**2 / count[count > 0]).sum())
            values.append((square - n_bins) / np.sqrt(2 * n_bins))
    return float(np.mean(values)) if values else float("nan")
