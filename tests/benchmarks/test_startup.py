"""The start-up benchmark prints times, their ratio and whether the bound holds, and the steps of a ranking."""

import shutil
from pathlib import Path

import pytest

from attune_fit.workspace import open_clinic
from benchmarks import start_steps, startup
from benchmarks.speed.cold_start import CLINIC


def test_a_bound_is_a_factor_of_the_base_and_a_constant() -> None:
    typer, pass_, ranking = startup.COMPARISONS
    assert (typer.bound_text, pass_.bound_text) == ("1.2 × import typer + 0.2 s", "python -c pass + 0.05 s")
    assert ranking.bound_text == "1.2 × import pandas, lightgbm"
    within = startup.format_comparison(pass_, [0.069, 0.05, 0.08], [0.02, 0.02, 0.02])
    assert within.endswith("allowed (python -c pass + 0.05 s) 0.070 s: within")
    assert "ratio 3.45 (2.50 to 4.00), 0.049 s more" in within
    assert startup.format_comparison(pass_, [0.071], [0.02]).endswith("OVER")
    assert startup.format_comparison(ranking, [1.21], [1.0]).endswith("OVER")


def test_the_first_run_of_each_program_only_warms_up(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {"import attune_fit": [9.0, 0.3, 0.1, 0.2], "pass": [9.0, 0.1, 0.1, 0.4]}
    monkeypatch.setattr(startup, "time_program", lambda program: times[program].pop(0))
    assert startup.COMPARISONS[1].measure(3) == ([0.3, 0.1, 0.2], [0.1, 0.1, 0.4])


def test_the_ranking_is_compared_with_the_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "measure_cold_ranking", lambda runs: {"attune": [1.0] * runs, "base": [0.9] * runs})
    assert startup.COMPARISONS[2].measure(2) == ([1.0, 1.0], [0.9, 0.9])


def test_each_step_of_a_ranking_is_timed_after_all_its_imports() -> None:
    steps = start_steps.measure_steps(1)
    assert tuple(steps) == start_steps.STEPS
    assert all(len(seconds) == 1 and seconds[0] >= 0 for seconds in steps.values())
    assert steps["import"][0] > 0
    assert not Path(CLINIC, "artifacts").exists()  # the ranking is logged in a copy


def test_the_modules_of_a_ranking_are_those_of_the_command(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CLINIC, tmp_path / "clinic"))
    client_id = open_clinic(folder).list_client_ids(waiting_only=True)[0]
    names = start_steps.list_loaded_modules(folder, client_id)
    assert {"attune_fit.app.commands.rank", "attune_fit.data.reading.read_clinic", "pandas"} <= set(names)
    assert names.index("pandas") < names.index("attune_fit.data.reading.read_clinic")
