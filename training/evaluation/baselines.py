"""Baselines: how well the other rows of MODELS choose between therapists, on the held-out records of the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.models.pair_effect_verdict import CorrelationInterval, MethodComparison
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.double_centering import double_center
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.cluster_robust import (
    SPREAD_TOLERANCE,
    compute_clustered_correlation,
    compute_correlation_difference,
)
from attune_fit.training.evaluation.out_of_fold_pair_parts import iterate_feature_blocks
from attune_fit.training.evaluation.re_pairing import RePairingSample
from attune_fit.training.methods.model_catalogue import MODELS, ModelRow

MODEL_LABEL = "the model"
LONG_WORK_RECORDS = 20_000  # with so many records, each fold takes long enough to be reported
Result = TypeVar("Result")


def compare_with_baselines(
    records: TrainingDataset,
    folds: Sequence[Fold],
    sample: RePairingSample,
    seed: int = 0,
    report_progress: Callable[[str], None] = lambda _: None,
    further: Sequence[tuple[str, RePairingSample]] = (),
) -> tuple[MethodComparison, ...]:
    """Compare the model with other rows of :data:`MODELS`, on the same folds and the same records, as correlations.

    Parameters
    ----------
    records : TrainingDataset
    folds : sequence of Fold
        The folds of the model's out-of-fold predictions.
    sample : RePairingSample
    seed : int
        Decides the columns that LightGBM can read, and the folds in which ridge chooses alpha.
    report_progress : callable
        Takes one sentence for each method that could not be fitted.
    further : sequence of (str, RePairingSample)
        Further recipes, by the label of their row: their out-of-fold predictions of the same records.

    Returns
    -------
    tuple of MethodComparison
        The model first, then the further recipes, then the rows for the verdict in their order, see
        :func:`list_verdict_rows`. A method that could not be fitted is left out: it has no figure, and it stops no
        training.
    """
    test_rows = np.sort(np.concatenate([fold.test for fold in folds]))
    rows, observed = test_rows[sample.rows], (np.arange(len(sample.rows)), sample.therapist)
    roster = np.unique(records.therapist[rows])
    comparisons = [
        MethodComparison(
            label,
            _correlate_within_therapists(one.observed_pair_part, sample),
            _correlate_over_therapists(one.observed_pair_part + one.therapist_effect, sample),
        )
        for label, one in ((MODEL_LABEL, sample), *further)
    ]
    report_fold = report_progress if len(records) >= LONG_WORK_RECORDS else (lambda _: None)
    for row, scores in _score_out_of_fold(list_verdict_rows(), records, folds, rows, roster, seed, report_fold):
        if scores is None:
            report_progress(
                f"{row.label[0].upper()}{row.label[1:]} could not be fitted to these records, so it has no figure."
            )
            continue
        pair_part, choice_part = scores
        within = _correlate_within_therapists(pair_part[observed], sample)
        over = _correlate_over_therapists(choice_part[observed], sample)
        ahead = within is not None and within[1] > 0 and _is_ahead_of_model(pair_part[observed], sample)
        comparisons.append(MethodComparison(row.label, within, over, ahead))
    return tuple(comparisons)


def list_verdict_rows() -> tuple[ModelRow, ...]:
    """List the rows of :data:`MODELS` that the table of the verdict shows, in their order."""
    return tuple(row for row in MODELS.values() if row.is_in_verdict)


def _score_out_of_fold(
    methods: Sequence[ModelRow], records: TrainingDataset, folds: Sequence[Fold], rows: Indices, roster: Indices,
    seed: int, report_fold: Callable[[str], None],
) -> Iterator[tuple[ModelRow, tuple[Floats, Floats] | None]]:  # fmt: skip
    """Yield each method with its out-of-fold scores of ``rows`` and the roster; None if it could not be fitted.

    The scores are centred by client and by therapist (the pair part), and by client alone; both (rows, therapists).
    """
    scores = {row.name: np.empty((len(rows), len(roster))) for row in methods}
    held_out = [(fold, here) for fold in folds if len(here := np.flatnonzero(np.isin(rows, fold.test)))]
    tasks = [_FoldTask(tuple(scores), fold.train, rows[here], roster, seed) for fold, here in held_out]
    results = records.executor.map_ordered(_score_fold, tasks, records)
    for done, ((_, here), of_fold) in enumerate(zip(held_out, results, strict=True), start=1):
        report_fold(f"Comparing with simpler methods: {done} of {len(tasks)} folds done.")
        for name in list(scores):
            if of_fold[name] is None:
                del scores[name]
            else:
                scores[name][here] = of_fold[name]
    for row in methods:
        if row.name not in scores:
            yield row, None
            continue
        score, pair_part = scores[row.name], np.empty((len(rows), len(roster)))
        for _, here in held_out:
            pair_part[here] = double_center(score[here])
        yield row, (pair_part, score - score.mean(axis=1, keepdims=True))


@dataclass(frozen=True)
class _FoldTask:
    """Methods of :data:`MODELS` by name, the rows to learn from, and the rows and the roster to score."""

    methods: tuple[str, ...]
    train: Indices
    rows: Indices
    roster: Indices
    seed: int


def _score_fold(records: TrainingDataset, task: _FoldTask) -> dict[str, Floats | None]:
    """Fit each method to the training rows of a fold, and score its test rows with the roster; None after an error.

    All methods score one block of pairs before the next one, so that the features of a pair are built once.
    """
    scorers = {name: _try(partial(MODELS[name].fit, records, task.train, task.seed)) for name in task.methods}
    scores: dict[str, Floats | None] = {name: np.empty((len(task.rows), len(task.roster))) for name in task.methods}
    for block, standard in iterate_feature_blocks(records, task.rows, task.roster):
        pairs = Pairs(records.sides, records.client[task.rows[block]][:, None], task.roster[None, :])
        for name, scorer in scorers.items():
            score = None if scorer is None else _try(partial(scorer, pairs, standard))
            if score is None or not np.isfinite(score).all():
                scores[name] = None
            elif (of_method := scores[name]) is not None:
                of_method[block] = score
    return scores


def _try(compute: Callable[[], Result]) -> Result | None:
    """Return the result, or None after any error: a comparison must not stop a training."""
    try:
        return compute()
    except Exception:
        return None


def _correlate_within_therapists(predicted: Floats, sample: RePairingSample) -> CorrelationInterval | None:
    """Return the correlation with the residual outcome among the clients of one therapist."""
    return _correlate_with_interval(sample.center(predicted), sample.residual, sample)


def _correlate_over_therapists(predicted: Floats, sample: RePairingSample) -> CorrelationInterval | None:
    """Return the correlation with the outcome minus baseline, also between therapists."""
    return _correlate_with_interval(
        sample.center(predicted, by_therapist=False),
        sample.center(sample.outcome_minus_baseline, by_therapist=False),
        sample,
    )


def _correlate_with_interval(
    predicted: Floats, residual: Floats, sample: RePairingSample
) -> CorrelationInterval | None:
    """Return r with its interval; None if either side is constant."""
    if predicted.std() < SPREAD_TOLERANCE or residual.std() < SPREAD_TOLERANCE:
        return None
    estimate = compute_clustered_correlation(predicted, residual[:, None], sample.clusters)
    return float(estimate.value[0]), float(estimate.low[0]), float(estimate.high[0])


def _is_ahead_of_model(predicted: Floats, sample: RePairingSample) -> bool:
    """Return whether the method correlates better than the model's pair part, with the interval above zero."""
    difference = compute_correlation_difference(
        sample.center(predicted), sample.center(sample.observed_pair_part), sample.residual, sample.clusters
    )
    return bool(difference.low[0] > 0)
