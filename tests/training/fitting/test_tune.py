"""The search for how trees grow: the same each time, goes on after whatever stopped it, and finds what is better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from sqlalchemy.exc import OperationalError

from attune_fit.app.commands.learning import train as command
from attune_fit.data.faults import DataFault
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, TreeTrainingData, crossfit_models
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.fitting import tune
from attune_fit.training.fitting.tree_weight import (
    PRIOR_TREE_WEIGHT,
    compute_stacking_weight,
    predict_trees_out_of_fold,
)
from attune_fit.training.fitting.tune import DEFAULT_MINUTES, SEARCH_SPACE, TuningResult, split_search_folds, tune_trees
from attune_fit.training.fitting.tuning_objective import TuningObjective
from tests.training.builders import toy

RECORDS = toy(400, clients=120, curve=20.0)
FOLDS = split_records("client", RECORDS, folds=3)
OTHER = TreeHyperparameters(trees=30, leaves=3, rate=0.1)


def found(
    trials: int,
    seed: int = 0,
    storage: Path | None = None,
    said: list[str] | None = None,
    records: TrainingDataset = RECORDS,
    folds: Sequence[Fold] = FOLDS,
    **how: Any,
) -> TuningResult:
    say = (said if said is not None else []).append
    return tune_trees(records, folds, Recipe(seed=seed), trials=trials, storage=storage, say=say, **how)


def begun(storage: Path) -> optuna.Study:
    """The study in that file, as somebody else sees it."""
    url = f"sqlite:///{storage}"
    (name,) = optuna.get_all_study_names(url)
    return optuna.load_study(study_name=name, storage=url)


def told(said: list[str]) -> list[str]:
    """Which trials were told of."""
    return [line.split(":")[0] for line in said if line.startswith("trial ")]


def test_no_trials_or_no_folds_mean_the_defaults() -> None:
    assert found(0) == found(3, folds=[]) == TuningResult(TreeHyperparameters(), ())


def test_the_defaults_are_tried_first() -> None:
    first = found(1)
    assert first.growth == TreeHyperparameters()
    assert [(trial.number, trial.growth, trial.is_pruned) for trial in first.trials] == [
        (0, TreeHyperparameters(), False)
    ]


def test_the_same_seed_and_trials_give_the_same_growth() -> None:
    assert found(4).growth == found(4).growth


@pytest.mark.parametrize("growth", [TreeHyperparameters(), OTHER])
def test_a_trial_is_worth_what_its_trees_say_of_records_held_back(growth: TreeHyperparameters) -> None:
    """Against making every model anew, as training does once the growth is chosen."""
    *_, error = TuningObjective.from_folds(RECORDS, FOLDS, Recipe(seed=3)).compute_errors(growth)
    linear = predict_out_of_fold(RECORDS, crossfit_models(Recipe(seed=3), RECORDS, FOLDS))
    left = linear.y - linear.score
    output = predict_trees_out_of_fold(Recipe(growth=growth, seed=3), RECORDS, FOLDS)
    assert error == pytest.approx(
        np.mean((left - compute_stacking_weight(left, output, PRIOR_TREE_WEIGHT) * output) ** 2), rel=1e-12
    )


def test_records_in_no_fold_are_not_looked_at() -> None:
    some = [Fold(fold.train[fold.train < 200], fold.test[fold.test < 200]) for fold in FOLDS]
    poisoned = replace(RECORDS, y=RECORDS.y.copy(), standardised_features=RECORDS.standardised_features.copy())
    poisoned.y[200:], poisoned.standardised_features[200:] = 0.0, 99.0
    assert [trial.value for trial in found(3, folds=some).trials] == [
        trial.value for trial in found(3, folds=some, records=poisoned).trials
    ]


def test_what_does_worse_on_the_first_folds_is_stopped_there(monkeypatch: pytest.MonkeyPatch) -> None:
    grown, grow = list[TreeHyperparameters](), TreeTrainingData.grow_trees

    def noted(self: TreeTrainingData, growth: TreeHyperparameters, seed: int) -> BoostedTrees:
        grown.append(growth)
        return grow(self, growth, seed)

    monkeypatch.setattr(TreeTrainingData, "grow_trees", noted)
    trials = found(8).trials
    pruned = sum(trial.is_pruned for trial in trials)
    assert 0 < pruned < 8
    assert len(grown) == 8 * 3 - pruned  # each of them spared the last of three folds


def test_the_best_is_one_that_saw_every_fold() -> None:
    result = found(8)
    whole = [trial for trial in result.trials if not trial.is_pruned]
    assert result.growth == min(whole, key=lambda trial: trial.value).growth
    assert len(result.trials) == 8
    assert all(
        trial.seconds > 0 and set(trial.params) == {knob.name for knob in SEARCH_SPACE} for trial in result.trials
    )


def test_the_budget_is_said_before_and_the_time_after_the_first_trial() -> None:
    said: list[str] = []
    found(3, said=said, minutes=5)
    assert said[0] == "Searching how trees should grow: 3 trials, no new one after 5 min."
    assert said[2].startswith("2 trials to go: ")
    assert said[2].endswith(" s at most.")
    assert told(said) == ["trial 1 of 3", "trial 2 of 3", "trial 3 of 3"]


def test_no_trial_is_begun_when_time_is_over_but_the_first() -> None:
    said: list[str] = []
    assert len(found(5, said=said, minutes=0).trials) == 1
    assert said[-1] == "0 min are over: 1 trial of 5."


def test_the_command_ends_a_search_when_training_does() -> None:
    assert signature(command).parameters["minutes"].default == DEFAULT_MINUTES


def test_a_study_goes_on_where_it_stopped(tmp_path: Path) -> None:
    storage, said = tmp_path / "new" / "optuna.db", list[str]()
    found(2, seed=1, storage=storage, said=said)
    assert told(said) == ["trial 1 of 2", "trial 2 of 2"]
    longer = found(6, seed=1, storage=storage, said=said)
    assert told(said)[2:] == [f"trial {trial} of 6" for trial in range(3, 7)]
    assert found(6, seed=1, storage=storage, said=said) == longer
    assert longer.growth != TreeHyperparameters()
    assert found(1, seed=1, storage=storage, said=said).growth == TreeHyperparameters()  # later trials do not count
    assert len(told(said)) == 6


def test_a_study_of_other_records_begins_anew(tmp_path: Path) -> None:
    storage, said = tmp_path / "optuna.db", list[str]()
    found(1, storage=storage)
    found(1, storage=storage, said=said, records=replace(RECORDS, y=RECORDS.y + np.arange(400) % 2))
    found(1, storage=storage, said=said, folds=split_records("client", RECORDS, folds=4))
    moved = build_prior(RECORDS.features)
    tune_trees(
        RECORDS, FOLDS, Recipe(prior=replace(moved, mean=moved.mean + 1)), trials=1, storage=storage, say=said.append
    )
    assert told(said) == ["trial 1 of 1"] * 3


def test_a_search_is_not_measured_on_its_own_folds() -> None:
    searched, measured = split_search_folds(RECORDS, seed=3), split_records("client", RECORDS, seed=3)
    assert len(searched) == len(measured) == 5
    assert {tuple(fold.test) for fold in searched}.isdisjoint(tuple(fold.test) for fold in measured)
    for fold in searched:
        assert set(RECORDS.client[fold.train]).isdisjoint(RECORDS.client[fold.test])


def test_a_search_that_was_killed_in_the_middle_of_a_trial_goes_on(tmp_path: Path) -> None:
    storage = tmp_path / "optuna.db"
    found(1, storage=storage)
    begun(storage).ask()  # a process that takes a trial and never comes back
    assert [trial.number for trial in found(2, storage=storage).trials] == [0, 2]


def test_the_defaults_are_tried_even_where_the_first_trial_was_killed(tmp_path: Path, monkeypatch: Any) -> None:
    storage = tmp_path / "optuna.db"

    def killed(*_: object) -> Iterator[float]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TuningObjective, "compute_errors", killed)
        with pytest.raises(KeyboardInterrupt):
            found(3, storage=storage)
    again = found(3, storage=storage)
    assert again.trials[0].growth == TreeHyperparameters()
    assert len(again.trials) == 3


def test_two_may_search_together(tmp_path: Path) -> None:
    """Neither fails, and together they do no more than was asked."""
    storage, said = tmp_path / "optuna.db", list[str]()
    found(1, storage=storage, said=said)
    with ThreadPoolExecutor(2) as both:
        results = list(both.map(lambda _: found(6, storage=storage, said=said), range(2)))
    assert all(len(result.trials) >= 5 for result in results)
    assert 6 <= len(told(said)) <= 7  # whoever is at work when the sixth ends does a seventh


def test_a_file_that_somebody_else_is_just_making_is_opened_again(tmp_path: Path, monkeypatch: Any) -> None:
    storage, real, calls = tmp_path / "optuna.db", optuna.create_study, list[str]()

    def late(study_name: str, **how: Any) -> Any:
        calls.append(study_name)
        if len(calls) == 1:
            raise OperationalError("CREATE TABLE trials", None, Exception("table trials already exists"))
        return real(study_name=study_name, **how)

    monkeypatch.setattr(optuna, "create_study", late)
    assert len(found(1, storage=storage).trials) == 1
    assert len(calls) == 2


def test_a_file_that_holds_no_studies_is_named(tmp_path: Path) -> None:
    (tmp_path / "optuna.db").write_text("no database, but long enough to be looked at as one" * 50)
    with pytest.raises(DataFault, match="Move the file away and train again") as caught:
        found(1, storage=tmp_path / "optuna.db")
    assert [(fault.table, fault.says) for fault in caught.value.faults] == [
        ("artifacts/optuna.db", "Optuna cannot keep its trials there")
    ]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    found(1)
    assert capfd.readouterr() == ("", "")


def test_every_knob_is_a_field_whose_default_is_in_its_range() -> None:
    assert {knob.name for knob in SEARCH_SPACE} == {field.name for field in fields(TreeHyperparameters)}
    for knob in SEARCH_SPACE:
        assert knob.low <= getattr(TreeHyperparameters(), knob.name) <= knob.high


def test_any_seed_that_training_takes_is_one_to_search_with() -> None:
    assert found(1, seed=2**40).growth == TreeHyperparameters()


@pytest.mark.parametrize(("seconds", "says"), [(4.4, "4 s"), (89, "89 s"), (600, "10 min")])
def test_time_is_told_in_seconds_or_minutes(seconds: float, says: str) -> None:
    assert tune._format_duration(seconds) == says
