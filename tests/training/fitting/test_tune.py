"""The tuning of the trees is reproducible, continues after an interruption, and finds better hyperparameters."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from attune_fit.app.commands.train import train as command
from attune_fit.data.arrays import Floats
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.fitting import tune
from attune_fit.training.fitting.trial_trees import TrialTrees
from attune_fit.training.fitting.tune import DEFAULT_MINUTES, SEARCH_SPACE, TuningResult, split_search_folds, tune_trees
from attune_fit.training.fitting.tuning_objective import TuningObjective, compute_stacking_weight
from attune_fit.training.stacking.held_back_summary import compute_held_back_summary
from tests.fault_descriptions import raises_faults
from tests.training.builders import toy

RECORDS = toy(400, clients=120, curve=20.0)
FOLDS = split_records("client", RECORDS, folds=3)
OTHER = TreeHyperparameters(trees=30, leaves=3, rate=0.1)


def search(
    trials: int,
    seed: int = 0,
    storage: Path | None = None,
    messages: list[str] | None = None,
    records: TrainingDataset = RECORDS,
    folds: Sequence[Fold] = FOLDS,
    **how: Any,
) -> TuningResult:
    report_progress = (messages if messages is not None else []).append
    return tune_trees(
        records, folds, Recipe(seed=seed), trials=trials, storage=storage, report_progress=report_progress, **how
    )


def load_study(storage: Path) -> optuna.Study:
    """Load the study in that file, as another process would."""
    url = f"sqlite:///{storage}"
    (name,) = optuna.get_all_study_names(url)
    return optuna.load_study(study_name=name, storage=url)


def list_reported_trials(messages: list[str]) -> list[str]:
    """List the trials that the progress messages report."""
    return [message.split(":")[0] for message in messages if message.startswith("Trial ")]


def test_no_trials_or_no_folds_mean_the_defaults() -> None:
    assert search(0) == search(3, folds=[]) == TuningResult(TreeHyperparameters(), ())


def test_the_defaults_are_tried_first() -> None:
    first = search(1)
    assert first.growth == TreeHyperparameters()
    assert [(trial.number, trial.growth, trial.is_pruned) for trial in first.trials] == [
        (0, TreeHyperparameters(), False)
    ]


def test_the_same_seed_and_trials_give_the_same_growth() -> None:
    assert search(4).growth == search(4).growth


@pytest.mark.parametrize("growth", [TreeHyperparameters(), OTHER])
def test_the_error_of_a_trial_is_out_of_fold(growth: TreeHyperparameters) -> None:
    """Compared with a fit of every model, as training does with the chosen hyperparameters."""
    *_, error = TuningObjective.from_folds(RECORDS, FOLDS, Recipe(seed=3)).compute_errors(growth)
    linear = predict_out_of_fold(RECORDS, crossfit_models(Recipe(seed=3), RECORDS, FOLDS))
    held_back = compute_held_back_summary(RECORDS, FOLDS, Recipe(growth=growth, seed=3))
    residual, output = linear.y - linear.score, held_back.outputs[:, 0]
    np.testing.assert_allclose(held_back.residual, residual, rtol=0, atol=1e-9)
    expected = np.mean((residual - compute_stacking_weight(residual, output) * output) ** 2)
    assert error == pytest.approx(expected, rel=1e-12)


def test_trees_on_one_data_set_are_those_of_a_new_one_for_each_trial() -> None:
    objective = TuningObjective.from_folds(RECORDS, FOLDS, Recipe(seed=4))
    names = [feature.name for feature in RECORDS.features]
    for growth in (TreeHyperparameters(), OTHER, replace(OTHER, least=5), TreeHyperparameters()):
        for trees, fold in zip(objective.trees, FOLDS, strict=True):
            grown = trees.data.grow_trees(growth, 4)
            assert grown is not None
            expected = grown.predict(names, RECORDS.standardised_features[fold.test])
            np.testing.assert_allclose(trees.predict(growth), expected, rtol=0, atol=1e-9)
            np.testing.assert_array_equal(pickle.loads(pickle.dumps(trees)).predict(growth), trees.predict(growth))  # noqa: S301


def test_records_outside_all_folds_have_no_influence() -> None:
    some = [Fold(fold.train[fold.train < 200], fold.test[fold.test < 200]) for fold in FOLDS]
    poisoned = replace(RECORDS, y=RECORDS.y.copy(), standardised_features=RECORDS.standardised_features.copy())
    poisoned.y[200:], poisoned.standardised_features[200:] = 0.0, 99.0
    assert [trial.value for trial in search(3, folds=some).trials] == [
        trial.value for trial in search(3, folds=some, records=poisoned).trials
    ]


def test_a_trial_that_is_worse_on_the_first_folds_is_pruned(monkeypatch: pytest.MonkeyPatch) -> None:
    grown, grow = list[TreeHyperparameters](), TrialTrees.predict

    def count_growth(self: TrialTrees, growth: TreeHyperparameters) -> Floats:
        grown.append(growth)
        return grow(self, growth)

    monkeypatch.setattr(TrialTrees, "predict", count_growth)
    trials = search(8).trials
    pruned = sum(trial.is_pruned for trial in trials)
    assert 0 < pruned < 8
    assert len(grown) == 8 * 3 - pruned  # each pruned trial skips the last of three folds


def test_the_best_trial_completed_every_fold() -> None:
    result = search(8)
    whole = [trial for trial in result.trials if not trial.is_pruned]
    assert result.growth == min(whole, key=lambda trial: trial.value).growth
    assert len(result.trials) == 8
    assert all(trial.seconds > 0 and set(trial.params) == {row.name for row in SEARCH_SPACE} for trial in result.trials)


def test_the_budget_is_reported_first_and_the_time_left_after_the_first_trial() -> None:
    messages: list[str] = []
    search(3, messages=messages, minutes=5)
    assert messages[0] == "Tuning the trees: 3 trials. No new trial starts after 5 min."
    assert messages[2].startswith("2 trials left: at most ")
    assert messages[2].endswith(" s.")
    assert list_reported_trials(messages) == ["Trial 1 of 3", "Trial 2 of 3", "Trial 3 of 3"]


def test_after_the_time_limit_no_trial_starts_except_the_first() -> None:
    messages: list[str] = []
    assert len(search(5, messages=messages, minutes=0).trials) == 1
    assert messages[-1] == "Time limit of 0 min reached: 1 of 5 trials done."


def test_the_command_ends_a_search_when_training_does() -> None:
    assert signature(command).parameters["minutes"].default == DEFAULT_MINUTES


def test_a_study_continues_where_it_stopped(tmp_path: Path) -> None:
    storage, messages = tmp_path / "new" / "optuna.db", list[str]()
    search(2, seed=1, storage=storage, messages=messages)
    assert list_reported_trials(messages) == ["Trial 1 of 2", "Trial 2 of 2"]
    longer = search(6, seed=1, storage=storage, messages=messages)
    assert list_reported_trials(messages)[2:] == [f"Trial {trial} of 6" for trial in range(3, 7)]
    assert search(6, seed=1, storage=storage, messages=messages) == longer
    assert longer.growth != TreeHyperparameters()
    assert (
        search(1, seed=1, storage=storage, messages=messages).growth == TreeHyperparameters()
    )  # later trials do not count
    assert len(list_reported_trials(messages)) == 6


def test_a_study_of_other_records_starts_from_the_beginning(tmp_path: Path) -> None:
    storage, messages = tmp_path / "optuna.db", list[str]()
    search(1, storage=storage)
    search(1, storage=storage, messages=messages, records=replace(RECORDS, y=RECORDS.y + np.arange(400) % 2))
    search(1, storage=storage, messages=messages, folds=split_records("client", RECORDS, folds=4))
    moved = build_prior(RECORDS.features)
    tune_trees(
        RECORDS,
        FOLDS,
        Recipe(prior=replace(moved, mean=moved.mean + 1)),
        trials=1,
        storage=storage,
        report_progress=messages.append,
    )
    assert list_reported_trials(messages) == ["Trial 1 of 1"] * 3


def test_a_search_and_its_evaluation_use_different_folds() -> None:
    searched, measured = split_search_folds(RECORDS, seed=3), split_records("client", RECORDS, seed=3)
    assert len(searched) == len(measured) == 5
    assert {tuple(fold.test) for fold in searched}.isdisjoint(tuple(fold.test) for fold in measured)
    for fold in searched:
        assert set(RECORDS.client[fold.train]).isdisjoint(RECORDS.client[fold.test])


def test_a_search_continues_after_a_trial_was_killed(tmp_path: Path) -> None:
    storage = tmp_path / "optuna.db"
    search(1, storage=storage)
    load_study(storage).ask()  # a process that starts a trial and never reports it
    assert [trial.number for trial in search(2, storage=storage).trials] == [0, 2]


def test_the_defaults_are_tried_even_if_the_first_trial_was_killed(tmp_path: Path, monkeypatch: Any) -> None:
    storage = tmp_path / "optuna.db"

    def killed(*_: object) -> Iterator[float]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TuningObjective, "compute_errors", killed)
        with pytest.raises(KeyboardInterrupt):
            search(3, storage=storage)
    again = search(3, storage=storage)
    assert again.trials[0].growth == TreeHyperparameters()
    assert len(again.trials) == 3


def test_two_processes_can_search_together(tmp_path: Path) -> None:
    """Neither fails, and together they do no more trials than requested."""
    storage, messages = tmp_path / "optuna.db", list[str]()
    search(1, storage=storage, messages=messages)
    with ThreadPoolExecutor(2) as both:
        results = list(both.map(lambda _: search(6, storage=storage, messages=messages), range(2)))
    assert all(len(result.trials) >= 5 for result in results)
    assert (
        6 <= len(list_reported_trials(messages)) <= 7
    )  # one thread can still be busy with a seventh when the sixth ends


def test_a_file_that_is_no_optuna_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "optuna.db").write_text("no database, but long enough to be opened as one" * 50)
    with raises_faults("artifacts/optuna.db: trials-not-storable"):
        search(1, storage=tmp_path / "optuna.db")


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    search(1)
    assert capfd.readouterr() == ("", "")


def test_every_hyperparameter_is_a_field_with_its_default_in_range() -> None:
    of_kinds = {"extra", "bagging"}  # the kind of the trees sets them, see TreeKind.adapt
    assert {row.name for row in SEARCH_SPACE} == {field.name for field in fields(TreeHyperparameters)} - of_kinds
    for row in SEARCH_SPACE:
        assert row.low <= getattr(TreeHyperparameters(), row.name) <= row.high


def test_a_search_accepts_any_seed_that_training_accepts() -> None:
    assert search(1, seed=2**40).growth == TreeHyperparameters()


@pytest.mark.parametrize(("seconds", "text"), [(4.4, "4 s"), (89, "89 s"), (600, "10 min")])
def test_durations_are_in_seconds_or_minutes(seconds: float, text: str) -> None:
    assert tune._format_duration(seconds) == text
