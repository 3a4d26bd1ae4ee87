"""The only door to Optuna: how trees are grown, searched for by what they say of clients they have not seen."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.models.trees import Growth
from attune_fit.training.crossfit.dataset import Records
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold, split
from attune_fit.training.fitting.tuning_objective import Growing

FOLDS = 5
APART = 2**32  # between the seeds of folds to search on and of folds to measure on
MINUTES = 10.0  # a search ends then if its trials do not end it before: time for a coffee
SEEN = 2  # folds a trial is judged by before it may be stopped
OPENINGS = 10  # attempts at a file that somebody else may be making
KEPT = 2  # one trial in so many goes on from there, and again after twice the folds


@dataclass(frozen=True)
class Knob:
    """One thing the search may turn: a field of :class:`attune_fit.models.trees.Growth` and its range; a float's is in logs."""

    name: str
    low: float
    high: float

    def drawn(self, trial: Any) -> float:
        """The trial's value: whole where the ends are whole."""
        if isinstance(self.low, int):
            return int(trial.suggest_int(self.name, self.low, self.high))
        return float(trial.suggest_float(self.name, self.low, self.high, log=True))


SPACE: tuple[Knob, ...] = (
    Knob("trees", 20, 150),
    Knob("leaves", 3, 15),
    Knob("least", 20, 120),
    Knob("rate", 0.01, 0.1),
    Knob("ridge", 1.0, 200.0),
    Knob("columns", 0.3, 1.0),
)


@dataclass(frozen=True)
class Trial:
    """One way of growing trees that was tried.

    Attributes
    ----------
    number : int
        From 0, in the order in which they were begun; one that a crash ended is missing.
    params : dict of str to float
        By name of :data:`SPACE`.
    value : float
        Squared error out of fold, POMP²; of a pruned trial over the folds it saw.
    seconds : float
    pruned : bool
        Stopped early, because others did better on the same folds.
    """

    number: int
    params: dict[str, float]
    value: float
    seconds: float
    pruned: bool

    @property
    def growth(self) -> Growth:
        """What was tried."""
        given: dict[str, Any] = dict(self.params)
        return replace(Growth(), **given)


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    Attributes
    ----------
    growth : Growth
        The best of the trials that were not stopped; the defaults without any.
    trials : tuple of Trial
        In the order in which they were begun.
    """

    growth: Growth = field(default_factory=Growth)
    trials: tuple[Trial, ...] = ()


def own_folds(records: Records, seed: int) -> list[Fold]:
    """Folds by client to search on: others than those that measure what the search found.

    On the same ones the best of many trials looks better than it is; ``python -m benchmarks.tuning`` measures by how
    much.
    """
    return split("client", records, FOLDS, seed + APART)


def search(
    records: Records,
    folds: Sequence[Fold],
    begun: Recipe,
    *,
    trials: int,
    minutes: float = MINUTES,
    storage: Path | None = None,
    name: str = "growth",
    say: Callable[[str], None] = lambda _: None,
) -> Tuned:
    """Search for the growth whose trees lower the squared error out of fold the most.

    Parameters
    ----------
    records, folds
        Folds by client, see :func:`own_folds`.
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
        return Tuned()
    loss = _loss(Growing.of(records, folds, begun))
    say(f"Searching how trees should grow: {_counted(trials)}, no new one after {minutes:g} min.")
    since, mine = time.monotonic(), 0
    with _study(storage, f"{name}-{_digest(records, folds, begun)}", begun.seed) as study:
        while (done := len(_finished(study))) < trials:
            spent = time.monotonic() - since
            if mine and spent >= 60 * minutes:
                say(f"{minutes:g} min are over: {_counted(done)} of {trials}.")
                break
            if mine == 1:
                say(f"{_counted(trials - done)} to go: {_lasting(min(spent * (trials - done), 60 * minutes))} at most.")
            study.optimize(loss, n_trials=1)
            mine += 1
            say(f"trial {done + 1} of {trials}: best error {_best(_finished(study)).value ** 0.5:.3f} points")
        tried = tuple(_finished(study)[:trials])
    return Tuned(_best(tried).growth, tried)


def _loss(growing: Growing) -> Callable[[Any], float]:
    """What Optuna is to lower: a trial's error, told fold by fold."""
    import optuna

    def error(trial: Any) -> float:
        drawn: dict[str, Any] = {knob.name: knob.drawn(trial) for knob in SPACE}
        value, folds = float("nan"), len(growing.made)
        for seen, value in enumerate(growing.errors(replace(Growth(), **drawn)), start=1):
            trial.report(value, seen)
            if seen < folds and trial.should_prune():
                raise optuna.TrialPruned
        return value

    return error


def _best(trials: Sequence[Trial]) -> Trial:
    """The one with the lowest error, the first of equals; of those stopped early only where no other is."""
    return min(trials, key=lambda trial: (trial.pruned, trial.value, trial.number))


def _counted(trials: int) -> str:
    return f"{trials} trial{'' if trials == 1 else 's'}"


def _lasting(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _finished(study: Any) -> list[Trial]:
    """Trials that came to an end, pruned or not; not those that failed, that a crash left open, or that are running."""
    return [
        Trial(one.number, dict(one.params), float(one.value), one.duration.total_seconds(), one.state.name == "PRUNED")
        for one in study.get_trials(deepcopy=False)
        if one.state.name in ("COMPLETE", "PRUNED")
    ]


def _digest(records: Records, folds: Sequence[Fold], begun: Recipe) -> str:
    """Twelve letters that differ where the search would: by records, features, folds, recipe and space."""
    features = [(row.name, row.family, row.side, row.direction, row.weight, row.spread) for row in records.features]
    seen = hashlib.sha256(repr((features, SPACE, begun.start, sorted(begun.held), begun.seed)).encode())
    if begun.prior is not None:
        seen.update(begun.prior.mean.tobytes() + begun.prior.cov.tobytes())
    for fold in folds:
        for part in (records.standard, records.y, records.client, records.therapist):
            seen.update(part[fold.test].tobytes())
    return seen.hexdigest()[:12]


@contextmanager
def _study(storage: Path | None, name: str, seed: int) -> Iterator[Any]:
    """A study, new or gone on with, that prints nothing; a fresh seed when gone on with, or it would repeat itself."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = _opened(storage, name)
        study.sampler = optuna.samplers.TPESampler(seed=(seed + len(study.trials)) % 2**32)
        study.pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=SEEN, reduction_factor=KEPT)
        first = {knob.name: getattr(Growth(), knob.name) for knob in SPACE}
        tried = [trial.params for trial in _finished(study)]
        if first not in tried and not any(trial.state.name == "WAITING" for trial in study.trials):
            study.enqueue_trial(first)  # also when a crash ended the trial of them
        yield study
    finally:
        optuna.logging.set_verbosity(level)


def _opened(storage: Path | None, name: str) -> Any:
    """The study of that name, made where there is none; in memory without a file."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    if storage is None:
        return optuna.create_study(study_name=name)
    storage.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(OPENINGS):
        try:
            patient = {"connect_args": {"timeout": 60}}  # seconds: another process may be writing
            kept = optuna.storages.RDBStorage(f"sqlite:///{storage.resolve()}", engine_kwargs=patient)
            return optuna.create_study(storage=kept, study_name=name, load_if_exists=True)
        except (SQLAlchemyError, optuna.exceptions.StorageInternalError, RuntimeError):
            time.sleep(0.1)  # two processes may both find the file new; who comes second finds it made soon after
    fix = "Move the file away and train again; the search then starts anew."
    raise DataFault([Fault(True, f"artifacts/{storage.name}", "", "Optuna cannot keep its trials there", fix)])
