"""The search for how trees grow: the same each time, goes on where it stopped, and finds what is better."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from models.learned import Growth
from tests.training.making import toy
from training.splits import split
from training.tune import SPACE, tried, tuned

RECORDS = toy(400, clients=120, curve=20.0)
FOLDS = split("client", RECORDS, folds=3)


def search(trials: int, seed: int = 0, storage: Path | None = None, said: list[str] | None = None) -> Growth:
    return tuned(
        RECORDS, FOLDS, None, trials=trials, seed=seed, storage=storage, say=(said if said is not None else []).append
    )


def test_no_trials_or_no_folds_mean_the_defaults() -> None:
    assert search(0) == Growth()
    assert tuned(RECORDS, [], None, trials=3, seed=0) == Growth()


def test_the_defaults_are_tried_first() -> None:
    assert search(1) == Growth()


def test_the_same_seed_and_trials_give_the_same_growth() -> None:
    assert search(4) == search(4)


def test_a_study_goes_on_where_it_stopped(tmp_path: Path) -> None:
    storage, said = tmp_path / "new" / "optuna.db", list[str]()
    search(2, seed=1, storage=storage, said=said)
    assert [line.split(":")[0] for line in said] == ["trial 1 of 2", "trial 2 of 2"]
    longer = search(10, seed=1, storage=storage, said=said)
    assert [line.split(":")[0] for line in said[2:]] == [f"trial {trial} of 10" for trial in range(3, 11)]
    assert search(10, seed=1, storage=storage, said=said) == longer != Growth()
    assert search(1, seed=1, storage=storage, said=said) == Growth()  # later trials do not count
    assert len(said) == 10


def test_what_was_tried_can_be_looked_up(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    storage = tmp_path / "optuna.db"
    assert tried(storage, "growth") == []
    search(2, storage=storage)
    first, second = tried(storage, "growth")
    assert (first.number, second.number) == (0, 1)
    assert first.drawn == {field.name: getattr(Growth(), field.name) for field in fields(Growth)}
    assert first.error is not None
    assert first.error > 0
    assert tried(storage, "another") == []
    assert capfd.readouterr() == ("", "")


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    search(1)
    assert capfd.readouterr() == ("", "")


def test_every_knob_is_a_field_whose_default_is_in_its_range() -> None:
    assert {knob.name for knob in SPACE} == {field.name for field in fields(Growth)}
    for knob in SPACE:
        assert knob.low <= getattr(Growth(), knob.name) <= knob.high


def test_any_seed_that_training_takes_is_one_to_search_with() -> None:
    assert search(1, seed=2**40) == Growth()
