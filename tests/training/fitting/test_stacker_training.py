"""The training of the stacker: it goes on where it stopped, and its facts are those of populations it has not seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.fitting import stacker_search, stacker_training
from attune_fit.training.fitting.stacker_search import find_hyperparameters, predict_held_out
from attune_fit.training.fitting.stacker_training import build_stacker, read_table
from attune_fit.training.stacking import synthetic_clinics
from attune_fit.training.stacking.stacker import (
    STACKER_FACTS_FILE,
    STACKER_FILE,
    Stacker,
)
from tests.training.stacking.test_stacker import FAST, build_table

FEW = TreeHyperparameters(trees=2)


def test_a_stopped_run_goes_on_and_writes_the_same_stacker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic_clinics, "CLINICS_PER_POPULATION", 1)  # the processes are copies of this one
    monkeypatch.setattr(stacker_training, "find_hyperparameters", lambda *_: replace(FAST, trees=2))
    cache, messages = tmp_path / "cache", list[str]()
    first = build_stacker(tmp_path / "a", cache, messages.append, 2, 1, 0, FEW, 200)
    assert "2 of 2 populations" in messages[-1]
    (rows,) = cache.iterdir()
    changed = sorted(path.stat().st_mtime_ns for path in rows.glob("population_*.npz"))
    (rows / "population_00001.npz").unlink()
    again = build_stacker(tmp_path / "b", cache, messages.append, 2, 1, 0, FEW, 200)
    assert again == first
    assert sum(path.stat().st_mtime_ns in changed for path in rows.glob("population_*.npz")) == 1
    assert (tmp_path / "a" / STACKER_FILE).read_text() == (tmp_path / "b" / STACKER_FILE).read_text()
    facts = json.loads((tmp_path / "a" / STACKER_FACTS_FILE).read_text())
    assert (facts["n_populations"], facts["n_rows"]) == (2, 8)
    table = read_table(rows, 2)
    assert np.bincount(table.group).tolist() == [4, 4]


def test_weights_of_a_population_come_from_a_stacker_without_it() -> None:
    table = build_table()
    held_out = predict_held_out(table, FAST)
    is_test = table.group % stacker_search.N_FOLDS == 3
    np.testing.assert_array_equal(
        held_out[is_test], Stacker.fit(table.take(~is_test), FAST).predict(table.inputs[is_test])
    )


def test_the_search_continues_its_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stacker of few trees would do for the search; here only the study counts."""
    monkeypatch.setattr(
        stacker_search, "predict_held_out", lambda table, tried: np.full_like(table.products, tried.rate)
    )
    table, messages = build_table(), list[str]()
    find_hyperparameters(table, tmp_path / "optuna.db", 1, messages.append)
    found = find_hyperparameters(table, tmp_path / "optuna.db", 3, messages.append)
    assert [message.split(":")[0] for message in messages] == [f"Trial {n} of {m}" for n, m in ((1, 1), (2, 3), (3, 3))]
    assert isinstance(found, TreeHyperparameters)
    assert find_hyperparameters(table, tmp_path / "optuna.db", 3, messages.append) == found
    assert len(messages) == 3
