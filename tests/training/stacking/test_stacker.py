"""The stacker learns from a table how far outputs of trees can be trusted, and never gives a negative weight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.stacking.held_back_summary import SUMMARY_NAMES
from attune_fit.training.stacking.stacker import (
    MAX_WEIGHT,
    STACKER_FILE,
    STACKER_HYPERPARAMETERS,
    Stacker,
    StackingTable,
    compute_multipliers,
    load_stacker,
)

N = 600
FAST = replace(STACKER_HYPERPARAMETERS, leaves=4, least=20, columns=1.0)


def build_table(seed: int = 0) -> StackingTable:
    """Clinics in which the first kind of trees is right where its t value is high, and the others are chance."""
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((N, len(SUMMARY_NAMES)))
    is_right = rng.random(N) < 0.5
    inputs[:, SUMMARY_NAMES.index("t_boosted")] = np.where(is_right, 4, 0) + 0.3 * rng.standard_normal(N)
    inputs[:, SUMMARY_NAMES.index("slope_boosted")] = np.where(is_right, 1.0, 0.0)
    squares = np.tile(0.01 * np.eye(len(TREE_KINDS)), (N, 1, 1))
    products = 0.001 * rng.standard_normal((N, len(TREE_KINDS)))
    products[:, 0] += np.where(is_right, 0.01, 0.0)
    return StackingTable(inputs, squares, products, np.arange(N) // 4)


def test_weights_follow_the_truth_of_the_table() -> None:
    table, new = build_table(), build_table(1)
    weights = Stacker.fit(table, FAST).predict(new.inputs)
    is_right = new.inputs[:, SUMMARY_NAMES.index("slope_boosted")] == 1
    assert weights[is_right, 0].mean() == pytest.approx(1, abs=0.15)
    assert weights[~is_right, 0].mean() < 0.1
    assert weights[:, 1:].mean() < 0.1
    assert new.compute_gains(weights).mean() > 0.8 * new.compute_gains(np.eye(3)[0] * is_right[:, None]).mean()


def test_gain_of_weights_is_the_squared_error_that_they_remove() -> None:
    rng = np.random.default_rng(3)
    outputs, truth = rng.standard_normal((500, 3)), rng.standard_normal(500)
    table = StackingTable(
        np.zeros((1, len(SUMMARY_NAMES))),
        (outputs.T @ outputs / 500)[None],
        (outputs.T @ truth / 500)[None],
        np.zeros(1),
    )
    weights = np.array([[0.3, 0.0, 0.7]])
    removed = np.mean(truth**2) - np.mean((truth - outputs @ weights[0]) ** 2)
    assert table.compute_gains(weights)[0] == pytest.approx(removed)


def test_multipliers_are_shrunken_slopes_within_their_limits() -> None:
    inputs = np.full((2, len(SUMMARY_NAMES)), np.nan)
    inputs[0, SUMMARY_NAMES.index("slope_boosted")], inputs[0, SUMMARY_NAMES.index("t_boosted")] = 0.8, 2.0
    inputs[1, SUMMARY_NAMES.index("slope_all")], inputs[1, SUMMARY_NAMES.index("t_all")] = 9.0, 10.0
    multipliers = compute_multipliers(inputs)
    assert multipliers[0, 0].tolist() == [1, pytest.approx(0.8 * 4 / 5), 0]
    assert (multipliers[1, :, 2] == MAX_WEIGHT).all()
    assert (multipliers[1, :, 1] == 0).all()


def test_the_same_table_and_seed_give_the_same_text(tmp_path: Path) -> None:
    first, second = (Stacker.fit(build_table(), FAST) for _ in range(2))
    assert first == second
    first.write(tmp_path, {"n": 1})
    assert (tmp_path / STACKER_FILE).read_text() == first.text


def test_the_shipped_stacker_trusts_clear_evidence_more_than_none() -> None:
    inputs = np.zeros((2, len(SUMMARY_NAMES)))
    inputs[:, SUMMARY_NAMES.index("log_records")] = np.log(8000)
    inputs[:, SUMMARY_NAMES.index("log_records_per_therapist")] = np.log(200)
    for kind in TREE_KINDS:
        inputs[:, SUMMARY_NAMES.index(f"sd_{kind.name}")] = 0.05
        inputs[1, SUMMARY_NAMES.index(f"slope_{kind.name}")] = 1.0
        inputs[1, SUMMARY_NAMES.index(f"t_{kind.name}")] = 8.0
    inputs[1, SUMMARY_NAMES.index("slope_all")], inputs[1, SUMMARY_NAMES.index("t_all")] = 1.0, 9.0
    none, clear = load_stacker().predict(inputs)
    assert (none >= 0).all()
    assert (clear <= MAX_WEIGHT).all()
    assert clear.sum() > none.sum() + 0.3
