"""What a training costs: how the printed figures follow from what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.synthetic.simulate import simulate, write_clinic
from benchmarks.training import Cost, row, trained


def cost(outcomes: int, core: float) -> Cost:
    return Cost(outcomes, read=0.5, train=core, core=core, tables=100, peak=200, steps={}, trees={})


def test_growth_is_told_beside_the_first_size_and_from_size_to_size() -> None:
    said = row([cost(300, 3.0), cost(3_000, 30.0)]).split()
    assert said[3:6] == ["10.00", "1.00", "10.00"]  # seconds a thousand, the ratio of them, a thousand more
    said = row([cost(300, 3.0), cost(3_000, 8.4)]).split()
    assert said[3:6] == ["2.80", "0.28", "2.00"]


@pytest.mark.filterwarnings("ignore")  # a training of few records warns of what it could not measure
def test_the_steps_add_up_to_the_seconds_of_the_training(tmp_path: Path) -> None:
    write_clinic(simulate(120, 8, seed=0), tmp_path / "clinic", truth=False)
    one = trained(tmp_path / "clinic")
    assert one.outcomes > 80
    assert sum(one.steps.values()) == pytest.approx(one.core, abs=1e-6)
    assert 0 < sum(one.trees.values()) <= one.core
    assert one.peak >= one.tables > 0
    assert not (tmp_path / "clinic" / "artifacts").exists()
