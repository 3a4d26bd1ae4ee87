"""Tune the tree hyperparameters with Optuna, by out-of-fold error. Optuna is imported here and in ``trial_storage``."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.fitting.trial_storage import open_trial_storage, report_storage_errors
from attune_fit.training.fitting.tuning_objective import TuningObjective

if TYPE_CHECKING:
    from attune_fit.training.fitting.tuning_effect import TuningEffect

N_SEARCH_FOLDS = 5
SEARCH_SEED_OFFSET = 2**32  # added to the seed, so that the search and the evaluation use different folds
DEFAULT_MINUTES = 10.0  # time limit of a search
MIN_FOLDS_BEFORE_PRUNING = 2  # folds that a trial completes before it can be pruned
PRUNING_REDUCTION_FACTOR = 2  # one trial of this many continues, and again after twice the folds (successive halving)


@dataclass(frozen=True)
class Hyperparameter:
    """One row of the search space: a field of :class:`TreeHyperparameters` with its range; a float's is logarithmic."""

    name: str
    low: float
    high: float

    def suggest(self, trial: Any) -> float:
        """Return the trial's value: an integer if the range has integer ends."""
        if isinstance(self.low, int):
            return int(trial.suggest_int(self.name, self.low, self.high))
        return float(trial.suggest_float(self.name, self.low, self.high, log=True))


SEARCH_SPACE: tuple[Hyperparameter, ...] = (
    Hyperparameter("trees", 20, 150),
    Hyperparameter("leaves", 3, 15),
    Hyperparameter("least", 20, 120),
    Hyperparameter("rate", 0.01, 0.1),
    Hyperparameter("ridge", 1.0, 200.0),
    Hyperparameter("columns", 0.3, 1.0),
)


@dataclass(frozen=True)
class TuningTrial:
    """One trial of the search.

    Attributes
    ----------
    number : int
        From 0, in the order of their start; a trial that a crash ended is missing.
    params : dict of str to float
        By name of :data:`SEARCH_SPACE`.
    value : float
        Out-of-fold squared error, POMP²; of a pruned trial over the folds it completed.
    seconds : float
        Duration.
    is_pruned : bool
        Whether it was stopped early because other trials did better on the same folds.
    """

    number: int
    params: dict[str, float]
    value: float
    seconds: float
    is_pruned: bool

    @property
    def growth(self) -> TreeHyperparameters:
        """The hyperparameters of the trial."""
        values: dict[str, Any] = dict(self.params)
        return replace(TreeHyperparameters(), **values)


@dataclass(frozen=True)
class TuningResult:
    """Result of a search.

    Attributes
    ----------
    growth : TreeHyperparameters
        The best of the trials that were not pruned; the defaults without any.
    trials : tuple of TuningTrial
        In the order of their start.
    effect : TuningEffect or None
        What the search changed in the model; None where it was not measured, and without trials.
    """

    growth: TreeHyperparameters = field(default_factory=TreeHyperparameters)
    trials: tuple[TuningTrial, ...] = ()
    effect: TuningEffect | None = None


def split_search_folds(records: TrainingDataset, seed: int) -> list[Fold]:
    """Return the folds by client for the search; the evaluation of its result uses other folds.

    On the same folds the best of many trials looks better than it is (optimism); ``python -m benchmarks.tuning``
    measures by how much.
    """
    return split_records("client", records, N_SEARCH_FOLDS, seed + SEARCH_SEED_OFFSET)


def tune_trees(
    records: TrainingDataset,
    folds: Sequence[Fold],
    recipe: Recipe,
    *,
    trials: int,
    minutes: float = DEFAULT_MINUTES,
    storage: Path | None = None,
    name: str = "growth",
    report_progress: Callable[[str], None] = lambda _: None,
) -> TuningResult:
    """Search for the tree hyperparameters with the lowest out-of-fold squared error, in POMP².

    Parameters
    ----------
    records, folds
        Folds by client, see :func:`split_search_folds`.
    recipe : Recipe
        The prior; its seed decides the trials.
    trials : int
        Number of trials, the defaults first. With 0, or without folds, the result is the defaults and Optuna is not
        imported. The same records, recipe and trials give the same result, unless the time limit ended the search.
    minutes : float
        No trial starts after this time, except the first.
    storage : Path, optional
        SQLite file of the study. A search of the same records, folds and trees continues the study in that file after
        any interruption. Two processes can share the file.
    name : str
        First part of the study's name; the rest is a digest of the records, folds and recipe.
    report_progress : callable
        Receives progress messages: the budget, the time left after the first trial, and each trial.

    Raises
    ------
    DataFault
        If ``storage`` exists and Optuna cannot use it, or trials cannot be stored: no space, a locked file.
    """
    if trials < 1 or not folds:
        return TuningResult()
    objective = _build_objective(TuningObjective.from_folds(records, folds, recipe))
    report_progress(f"Tuning the trees: {_format_trial_count(trials)}. No new trial starts after {minutes:g} min.")
    start, own_trials = time.monotonic(), 0
    name = f"{name}-{_compute_digest(records, folds, recipe)}"
    with report_storage_errors(storage), _open_study(storage, name, recipe.seed, report_progress) as study:
        if storage is not None and not _list_finished_trials(study):
            _report_earlier_studies(storage, report_progress)
        while (done := len(_list_finished_trials(study))) < trials:
            elapsed = time.monotonic() - start
            if own_trials and elapsed >= 60 * minutes:
                report_progress(f"Time limit of {minutes:g} min reached: {done} of {_format_trial_count(trials)} done.")
                break
            if own_trials == 1:
                longest = _format_duration(min(elapsed * (trials - done), 60 * minutes))
                report_progress(f"{_format_trial_count(trials - done)} left: at most {longest}.")
            study.optimize(objective, n_trials=1)
            own_trials += 1
            error = _find_best_trial(_list_finished_trials(study)).value ** 0.5
            report_progress(f"Trial {done + 1} of {trials}: lowest error so far {error:.3f} POMP.")
        finished = tuple(_list_finished_trials(study)[:trials])
    return TuningResult(_find_best_trial(finished).growth, finished)


def _build_objective(objective: TuningObjective) -> Callable[[Any], float]:
    """Return the function that Optuna minimises: a trial's error, reported after each fold."""
    import optuna

    def compute_error(trial: Any) -> float:
        values: dict[str, Any] = {row.name: row.suggest(trial) for row in SEARCH_SPACE}
        error, n_folds = float("nan"), len(objective.fold_models)
        errors = objective.compute_errors(replace(TreeHyperparameters(), **values))
        for folds_done, error in enumerate(errors, start=1):
            trial.report(error, folds_done)
            if folds_done < n_folds and trial.should_prune():
                raise optuna.TrialPruned
        return error

    return compute_error


def _find_best_trial(trials: Sequence[TuningTrial]) -> TuningTrial:
    """Return the trial with the lowest error, the first of equals; a pruned one only if all are pruned."""
    return min(trials, key=lambda trial: (trial.is_pruned, trial.value, trial.number))


def _format_trial_count(trials: int) -> str:
    return f"{trials} trial{'' if trials == 1 else 's'}"


def _format_duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _report_earlier_studies(storage: Path, report_progress: Callable[[str], None]) -> None:
    """Report the studies in the file that this search cannot continue."""
    import optuna

    earlier = len(optuna.get_all_study_names(open_trial_storage(storage, report_progress))) - 1
    if earlier:
        studies = "1 earlier search" if earlier == 1 else f"{earlier} earlier searches"
        report_progress(
            f"{storage.name} holds {studies} of other records or of an earlier version; this search starts anew."
        )


def _list_finished_trials(study: Any) -> list[TuningTrial]:
    """Return the trials that ended, pruned or not; failed, crashed and running trials are excluded."""
    return [
        TuningTrial(
            trial.number,
            dict(trial.params),
            float(trial.value),
            trial.duration.total_seconds(),
            trial.state.name == "PRUNED",
        )
        for trial in study.get_trials(deepcopy=False)
        if trial.state.name in ("COMPLETE", "PRUNED")
    ]


def _compute_digest(records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe) -> str:
    """Return 12 hex digits that identify the search: records, features, folds, recipe and search space."""
    features = [(row.name, row.family, row.side, row.direction, row.weight, row.spread) for row in records.features]
    digest = hashlib.sha256(repr((features, SEARCH_SPACE, sorted(recipe.held), recipe.seed)).encode())
    if recipe.prior is not None:
        digest.update(recipe.prior.mean.tobytes() + recipe.prior.cov.tobytes())
    for fold in folds:
        for column in (records.standardised_features, records.y, records.client, records.therapist):
            digest.update(column[fold.test].tobytes())
    return digest.hexdigest()[:12]


@contextmanager
def _open_study(storage: Path | None, name: str, seed: int, report_progress: Callable[[str], None]) -> Iterator[Any]:
    """Open a study, new or continued, that prints nothing.

    A continued study gets a new sampler seed, because the old one would repeat its trials.
    """
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = _load_or_create_study(storage, name, report_progress)
        study.sampler = optuna.samplers.TPESampler(seed=(seed + len(study.trials)) % 2**32)
        study.pruner = optuna.pruners.SuccessiveHalvingPruner(
            min_resource=MIN_FOLDS_BEFORE_PRUNING, reduction_factor=PRUNING_REDUCTION_FACTOR
        )
        defaults = {row.name: getattr(TreeHyperparameters(), row.name) for row in SEARCH_SPACE}
        finished = [trial.params for trial in _list_finished_trials(study)]
        if defaults not in finished and not any(trial.state.name == "WAITING" for trial in study.trials):
            study.enqueue_trial(defaults)  # also if a crash ended the trial of the defaults
        yield study
    finally:
        optuna.logging.set_verbosity(level)


def _load_or_create_study(storage: Path | None, name: str, report_progress: Callable[[str], None]) -> Any:
    """Return the study of that name, created if it is missing; without a file it is in memory."""
    import optuna

    if storage is None:
        return optuna.create_study(study_name=name)
    database = open_trial_storage(storage, report_progress)
    return optuna.create_study(storage=database, study_name=name, load_if_exists=True)
