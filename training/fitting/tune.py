"""The only door to Optuna: how trees are grown, searched for by what they say of clients they have not seen."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.fitting.tuning_objective import TuningObjective

N_SEARCH_FOLDS = 5
SEARCH_SEED_OFFSET = 2**32  # between the seeds of folds to search on and of folds to measure on
DEFAULT_MINUTES = 10.0  # a search ends then if its trials do not end it before: time for a coffee
MIN_FOLDS_BEFORE_PRUNING = 2  # folds a trial is judged by before it may be stopped
MAX_OPEN_ATTEMPTS = 10  # attempts at a file that somebody else may be making
PRUNING_REDUCTION_FACTOR = 2  # one trial in so many goes on from there, and again after twice the folds


@dataclass(frozen=True)
class Hyperparameter:
    """One thing the search may turn: a field of :class:`TreeHyperparameters` and its range; a float's is in logs."""

    name: str
    low: float
    high: float

    def suggest(self, trial: Any) -> float:
        """The trial's value: whole where the ends are whole."""
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
    """One way of growing trees that was tried.

    Attributes
    ----------
    number : int
        From 0, in the order in which they were begun; one that a crash ended is missing.
    params : dict of str to float
        By name of :data:`SEARCH_SPACE`.
    value : float
        Squared error out of fold, POMP²; of a pruned trial over the folds it saw.
    seconds : float
    is_pruned : bool
        Stopped early, because others did better on the same folds.
    """

    number: int
    params: dict[str, float]
    value: float
    seconds: float
    is_pruned: bool

    @property
    def growth(self) -> TreeHyperparameters:
        """What was tried."""
        given: dict[str, Any] = dict(self.params)
        return replace(TreeHyperparameters(), **given)


@dataclass(frozen=True)
class TuningResult:
    """What a search found.

    Attributes
    ----------
    growth : Growth
        The best of the trials that were not stopped; the defaults without any.
    trials : tuple of Trial
        In the order in which they were begun.
    """

    growth: TreeHyperparameters = field(default_factory=TreeHyperparameters)
    trials: tuple[TuningTrial, ...] = ()


def split_search_folds(records: TrainingDataset, seed: int) -> list[Fold]:
    """Folds by client to search on: others than those that measure what the search found.

    On the same ones the best of many trials looks better than it is; ``python -m benchmarks.tuning`` measures by how
    much.
    """
    return split_records("client", records, N_SEARCH_FOLDS, seed + SEARCH_SEED_OFFSET)


def tune_trees(
    records: TrainingDataset,
    folds: Sequence[Fold],
    begun: Recipe,
    *,
    trials: int,
    minutes: float = DEFAULT_MINUTES,
    storage: Path | None = None,
    name: str = "growth",
    say: Callable[[str], None] = lambda _: None,
) -> TuningResult:
    """Search for the growth whose trees lower the squared error out of fold the most.

    Parameters
    ----------
    records, folds
        Folds by client, see :func:`split_search_folds`.
    begun : Recipe
        The weights and trees to go on from; its seed decides what is tried.
    trials : int
        How many are tried in all, the defaults first; 0, or no folds: the defaults, and Optuna is not imported. Same
        records, recipe and trials: same growth, unless time ended the search.
    minutes : float
        No trial is begun after that; one is in any case.
    storage : Path, optional
        SQLite file of the study. A study of the same records, folds and trees found there goes on where it stopped,
        whatever stopped it; two processes may share it.
    name : str
        What the study's name begins with; the rest says of which records it is.
    say : callable
        Told the budget, after the first trial how long it will take, and each trial.

    Raises
    ------
    DataFault
        If ``storage`` holds something else than studies.
    """
    if trials < 1 or not folds:
        return TuningResult()
    loss = _build_objective(TuningObjective.from_folds(records, folds, begun))
    say(f"Searching how trees should grow: {_format_trial_count(trials)}, no new one after {minutes:g} min.")
    since, mine = time.monotonic(), 0
    with _open_study(storage, f"{name}-{_digest(records, folds, begun)}", begun.seed) as study:
        while (done := len(_list_finished_trials(study))) < trials:
            spent = time.monotonic() - since
            if mine and spent >= 60 * minutes:
                say(f"{minutes:g} min are over: {_format_trial_count(done)} of {trials}.")
                break
            if mine == 1:
                say(
                    f"{_format_trial_count(trials - done)} to go: {_format_duration(min(spent * (trials - done), 60 * minutes))} at most."
                )
            study.optimize(loss, n_trials=1)
            mine += 1
            say(
                f"trial {done + 1} of {trials}: best error {_best(_list_finished_trials(study)).value ** 0.5:.3f} points"
            )
        tried = tuple(_list_finished_trials(study)[:trials])
    return TuningResult(_best(tried).growth, tried)


def _build_objective(growing: TuningObjective) -> Callable[[Any], float]:
    """What Optuna is to lower: a trial's error, told fold by fold."""
    import optuna

    def error(trial: Any) -> float:
        drawn: dict[str, Any] = {knob.name: knob.suggest(trial) for knob in SEARCH_SPACE}
        value, folds = float("nan"), len(growing.fold_models)
        for seen, value in enumerate(growing.compute_errors(replace(TreeHyperparameters(), **drawn)), start=1):
            trial.report(value, seen)
            if seen < folds and trial.should_prune():
                raise optuna.TrialPruned
        return value

    return error


def _best(trials: Sequence[TuningTrial]) -> TuningTrial:
    """The one with the lowest error, the first of equals; of those stopped early only where no other is."""
    return min(trials, key=lambda trial: (trial.is_pruned, trial.value, trial.number))


def _format_trial_count(trials: int) -> str:
    return f"{trials} trial{'' if trials == 1 else 's'}"


def _format_duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _list_finished_trials(study: Any) -> list[TuningTrial]:
    """Trials that came to an end, pruned or not; not those that failed, that a crash left open, or that are running."""
    return [
        TuningTrial(
            one.number, dict(one.params), float(one.value), one.duration.total_seconds(), one.state.name == "PRUNED"
        )
        for one in study.get_trials(deepcopy=False)
        if one.state.name in ("COMPLETE", "PRUNED")
    ]


def _digest(records: TrainingDataset, folds: Sequence[Fold], begun: Recipe) -> str:
    """Twelve letters that differ where the search would: by records, features, folds, recipe and space."""
    features = [(row.name, row.family, row.side, row.direction, row.weight, row.spread) for row in records.features]
    seen = hashlib.sha256(repr((features, SEARCH_SPACE, begun.start, sorted(begun.held), begun.seed)).encode())
    if begun.prior is not None:
        seen.update(begun.prior.mean.tobytes() + begun.prior.cov.tobytes())
    for fold in folds:
        for part in (records.standardised_features, records.y, records.client, records.therapist):
            seen.update(part[fold.test].tobytes())
    return seen.hexdigest()[:12]


@contextmanager
def _open_study(storage: Path | None, name: str, seed: int) -> Iterator[Any]:
    """A study, new or gone on with, that prints nothing; a fresh seed when gone on with, or it would repeat itself."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = _load_or_create_study(storage, name)
        study.sampler = optuna.samplers.TPESampler(seed=(seed + len(study.trials)) % 2**32)
        study.pruner = optuna.pruners.SuccessiveHalvingPruner(
            min_resource=MIN_FOLDS_BEFORE_PRUNING, reduction_factor=PRUNING_REDUCTION_FACTOR
        )
        first = {knob.name: getattr(TreeHyperparameters(), knob.name) for knob in SEARCH_SPACE}
        tried = [trial.params for trial in _list_finished_trials(study)]
        if first not in tried and not any(trial.state.name == "WAITING" for trial in study.trials):
            study.enqueue_trial(first)  # also when a crash ended the trial of them
        yield study
    finally:
        optuna.logging.set_verbosity(level)


def _load_or_create_study(storage: Path | None, name: str) -> Any:
    """The study of that name, made where there is none; in memory without a file."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    if storage is None:
        return optuna.create_study(study_name=name)
    storage.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(MAX_OPEN_ATTEMPTS):
        try:
            patient = {"connect_args": {"timeout": 60}}  # seconds: another process may be writing
            kept = optuna.storages.RDBStorage(f"sqlite:///{storage.resolve()}", engine_kwargs=patient)
            return optuna.create_study(storage=kept, study_name=name, load_if_exists=True)
        except (SQLAlchemyError, optuna.exceptions.StorageInternalError, RuntimeError):
            time.sleep(0.1)  # two processes may both find the file new; who comes second finds it made soon after
    fix = "Move the file away and train again; the search then starts anew."
    raise DataFault.error(f"artifacts/{storage.name}", "", "Optuna cannot keep its trials there", fix=fix)
