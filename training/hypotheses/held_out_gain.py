"""Held-out gain: how much the term adds to predictions of records that were not used to fit it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.evaluation.cluster_robust import compute_clustered_correlation
from attune_fit.training.hypotheses.effect_estimates import rescale_outcome, take_trait
from attune_fit.training.hypotheses.lab_records import LabRecords
from attune_fit.training.hypotheses.null_statistics import NullDraws, count_extreme
from attune_fit.training.multilevel.therapist_groups import TherapistGroups

N_FOLDS = 5
MIN_FOLD_CLUSTERS = 2  # clients or therapists of a fold
MIN_THERAPISTS = 4
CONTROL_SHARE = 0.95  # of draws under no effect that are below the control
BATCH_CELLS = 2_000_000  # records times draws in memory at once
MIN_SQUARES = 1e-12
FOLDS = {
    "client": "clients of each therapist are held out, so that the therapist is known",
    "therapist": "whole therapists are held out, as if they were new to the clinic",
}


@dataclass(frozen=True)
class HeldOutGain:
    """Agreement of the held-out prediction of the term with what covariates and therapists leave unexplained.

    Attributes
    ----------
    r, low, high : float in [-1, 1]
        Correlation, with a 95% interval clustered by therapist.
    r2 : float
        Share of the variance of the held-out outcome that the term explains; below 0 if the prediction is worse
        than none.
    control_r2_high : float
        The same share under no effect: 95% of the draws are below it.
    p : float in (0, 1]
        Share of draws under no effect with at least this ``r2``.
    folds : str
        What was held out together, in words.
    draws : int
    """

    r: float
    low: float
    high: float
    r2: float
    control_r2_high: float
    p: float
    folds: str
    draws: int


def measure_held_out_gain(records: LabRecords, null: NullDraws, seed: int) -> HeldOutGain | None:
    """Measure what the term adds to the prediction of held-out records, and its control under no effect.

    Whole therapists are held out for a trait and an interaction, clients for a pair. In each fold the term's one weight
    is fitted on the other folds, after the covariates. Apart from a trait, all is relative to the therapist's mean, so
    that only the choice between therapists counts.

    Parameters
    ----------
    records : LabRecords
    null : NullDraws
        With all therapists of the records; the control uses its draws.
    seed : int
        Of the folds.

    Returns
    -------
    HeldOutGain or None
        None with too few therapists or clients for folds, or if the term does not vary.
    """
    side = "client" if records.kind == "pair" else "therapist"
    fold = _assign_folds(records.client if side == "client" else records.therapist, seed)
    groups = TherapistGroups.from_labels(records.therapist)
    if fold is None or groups.count < MIN_THERAPISTS:
        return None
    base = _build_base(records, groups)
    outcome = rescale_outcome(records)
    outcome = outcome if records.kind == "trait" else groups.center(outcome)
    batches = [_predict(terms, outcome, base, fold) for terms in _iterate_terms(records, groups, null)]
    predicted, residual = (column - column.mean() for column in batches[0][:2])
    if predicted @ predicted <= MIN_SQUARES or residual @ residual <= MIN_SQUARES:
        return None
    r = compute_clustered_correlation(predicted, residual[:, None], [records.therapist])
    shares = np.concatenate([one[2] for one in batches])
    control = float(np.quantile(shares[1:], CONTROL_SHARE))
    return HeldOutGain(
        r=float(r.value[0]),
        low=float(r.low[0]),
        high=float(r.high[0]),
        r2=float(shares[0]),
        control_r2_high=control,
        p=count_extreme(shares),
        folds=FOLDS[side],
        draws=len(shares) - 1,
    )


def _assign_folds(label: Indices, seed: int) -> Indices | None:
    """Return the fold of each record; all records of a label are in one fold. None with too few labels."""
    labels, code = np.unique(label, return_inverse=True)
    n_folds = min(N_FOLDS, len(labels) // MIN_FOLD_CLUSTERS)
    if n_folds < 2:
        return None
    return np.asarray(np.random.default_rng(seed).permutation(len(labels))[code] % n_folds)


def _build_base(records: LabRecords, groups: TherapistGroups) -> Floats:
    """Return what is fitted before the term, (n, k): covariates, the client's number, and an intercept of a trait."""
    variable = [] if records.client_variable is None else [records.client_variable]
    base = np.column_stack([records.covariates, *variable]) if variable else records.covariates
    if records.kind == "trait":
        return np.column_stack([np.ones(len(records)), base])
    return groups.center(base)


def _iterate_terms(records: LabRecords, groups: TherapistGroups, null: NullDraws) -> Iterator[Floats]:
    """Yield the term in the data and under no effect, in batches of shape (n, draws); the first is the data."""
    labels = np.unique(records.therapist)
    step = max(1, BATCH_CELLS // len(records))
    source, sign = null.restrict_source(labels), null.restrict_sign(labels)
    for start in range(0, len(source), step):
        here = slice(start, start + step)
        if records.kind == "pair":
            yield groups.center(records.term)[:, None] * sign[here].T[groups.code]
            continue
        trait = groups.compute_means(take_trait(records))[source[here]].T[groups.code]
        yield trait if records.client_variable is None else groups.center(trait * records.client_variable[:, None])


def _predict(terms: Floats, outcome: Floats, base: Floats, fold: Indices) -> tuple[Floats, Floats, Floats]:
    """Return held-out predictions and residual outcomes of the first term (n,), and the r2 of each term (draws,)."""
    predicted, residual = np.zeros(len(outcome)), np.zeros(len(outcome))
    gain, total = np.zeros(terms.shape[1]), 0.0
    for number in range(int(fold.max()) + 1):
        test = fold == number
        rest, term = _residualize(outcome[:, None], base, ~test)[:, 0], _residualize(terms, base, ~test)
        squares = (term[~test] ** 2).sum(axis=0)
        slope = np.where(squares > MIN_SQUARES, rest[~test] @ term[~test] / np.maximum(squares, MIN_SQUARES), 0.0)
        gain += 2 * slope * (rest[test] @ term[test]) - slope**2 * (term[test] ** 2).sum(axis=0)
        total += float(rest[test] @ rest[test])
        predicted[test], residual[test] = slope[0] * term[test, 0], rest[test]
    return predicted, residual, gain / max(total, MIN_SQUARES)


def _residualize(values: Floats, base: Floats, train: Bools) -> Floats:
    """Return values (n, draws) minus the prediction from ``base`` (n, k) that was fitted to the training records."""
    if not base.shape[1]:
        return values
    coefficients = np.linalg.lstsq(base[train], values[train], rcond=None)[0]
    return np.asarray(values - base @ coefficients)
