"""The cost of a training: printed figures follow from measured ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.synthetic.simulate import simulate, write_clinic
from benchmarks.training import Cost, format_row, measure_training


def build_cost(outcomes: int, core: float) -> Cost:
    return Cost(outcomes, read=0.5, train=core, core=core, tables=100, peak=200, steps={}, trees={})


def test_growth_is_relative_to_the_first_size_and_marginal_to_the_size_before() -> None:
    cells = format_row([build_cost(300, 3.0), build_cost(3_000, 30.0)]).split()
    assert cells[3:6] == [
        "10.00",
        "1.00",
        "10.00",
    ]  # seconds per thousand, ratio to the first size, marginal seconds per thousand
    cells = format_row([build_cost(300, 3.0), build_cost(3_000, 8.4)]).split()
    assert cells[3:6] == ["2.80", "0.28", "2.00"]


@pytest.mark.filterwarnings("ignore")  # a training on few records warns about metrics that need more
def test_the_steps_add_up_to_the_seconds_of_the_training(tmp_path: Path) -> None:
    write_clinic(simulate(120, 8, seed=0), tmp_path / "clinic", truth=False)
    cost = measure_training(tmp_path / "clinic")
    assert cost.outcomes > 80
    assert sum(cost.steps.values()) == pytest.approx(cost.core, abs=1e-6)
    assert 0 < sum(cost.trees.values()) <= cost.core
    assert cost.peak >= cost.tables > 0
    assert not (tmp_path / "clinic" / "artifacts").exists()
