"""The only door to Optuna: how trees are grown, searched for by what they say of clients they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.learned import Growth
from training.predicted import predicted
from training.recipe import Recipe, crossfit
from training.records import Records
from training.splits import Fold
from training.stacking import BELIEVED, stacked, tree_output


@dataclass(frozen=True)
class Knob:
    """One thing the search may turn: a field of :class:`models.learned.Growth` and its range; a float's is in logs."""

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


def tuned(
    records: Records,
    folds: Sequence[Fold],
    begun: Recipe,
    *,
    trials: int,
    storage: Path | None = None,
    name: str = "growth",
    say: Callable[[str], None] = lambda _: None,
) -> Growth:
    """Search for the growth whose trees lower the squared error out of fold the most.

    Parameters
    ----------
    records, folds
        Folds by client.
    begun : Recipe
        The weights and trees to go on from; its seed decides what is tried.
    trials : int
        How many are tried in all, the defaults first; 0, or no folds: the defaults, and Optuna is not imported.
    storage : Path, optional
        SQLite file of the study. A study of that ``name`` found there goes on where it stopped.
    say : callable
        Told after each trial.
    """
    if trials < 1 or not folds:
        return Growth()
    linear = predicted(records, crossfit(replace(begun, start=None), records, folds))
    left = linear.y - linear.score

    def loss(trial: Any) -> float:
        drawn: dict[str, Any] = {knob.name: knob.drawn(trial) for knob in SPACE}
        growth = replace(Growth(), **drawn)
        output = tree_output(replace(begun, growth=growth), records, folds)
        share = stacked(left, output, BELIEVED if begun.start is None else begun.start.share)
        return float(np.mean((left - share * output) ** 2))

    with _study(storage, name, begun.seed) as study:
        while (done := sum(trial.state.is_finished() for trial in study.trials)) < trials:
            study.optimize(loss, n_trials=1)
            say(f"trial {done + 1} of {trials}: best error {study.best_value**0.5:.3f} points")
        tried = [trial for trial in study.trials if trial.value is not None][:trials]
        best = min(tried, key=lambda trial: (trial.value, trial.number))
        return replace(Growth(), **best.params)


@dataclass(frozen=True)
class Tried:
    """One trial of a study: its number, what it drew, and its mean squared error, None where it was not finished."""

    number: int
    drawn: dict[str, float]
    error: float | None


def tried(storage: Path, name: str) -> list[Tried]:
    """Every trial of a study, in order; none where there is no such study."""
    if not storage.exists():
        return []
    import optuna

    url = f"sqlite:///{storage.resolve()}"
    if name not in optuna.get_all_study_names(url):
        return []
    return [
        Tried(one.number, dict(one.params), one.value) for one in optuna.load_study(study_name=name, storage=url).trials
    ]


@contextmanager
def _study(storage: Path | None, name: str, seed: int) -> Iterator[Any]:
    """A study, new or gone on with, that prints nothing; a fresh seed when gone on with, or it would repeat itself."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        if storage is not None:
            storage.parent.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            storage=None if storage is None else f"sqlite:///{storage.resolve()}",
            study_name=name,
            load_if_exists=True,
        )
        study.sampler = optuna.samplers.TPESampler(seed=(seed + len(study.trials)) % 2**32)
        if not study.trials:
            study.enqueue_trial({knob.name: getattr(Growth(), knob.name) for knob in SPACE})
        yield study
    finally:
        optuna.logging.set_verbosity(level)
