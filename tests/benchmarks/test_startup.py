"""The start-up benchmark prints times, their ratio and whether the bound holds."""

import pytest

from benchmarks import startup


def test_a_bound_is_a_factor_of_the_base_and_a_constant() -> None:
    typer, pass_ = startup.COMPARISONS
    assert (typer.bound_text, pass_.bound_text) == ("1.2 × import typer + 0.2 s", "python -c pass + 0.05 s")
    within = startup.format_comparison(pass_, 0.069, 0.02)
    assert within.endswith("allowed (python -c pass + 0.05 s) 0.070 s: within")
    assert "ratio 3.45, 0.049 s more" in within
    assert startup.format_comparison(pass_, 0.071, 0.02).endswith("OVER")


def test_the_first_run_of_each_program_only_warms_up(monkeypatch: pytest.MonkeyPatch) -> None:
    row, times = startup.COMPARISONS[1], {"import attune_fit": [9.0, 0.3, 0.1, 0.2], "pass": [9.0, 0.1, 0.1, 0.4]}
    monkeypatch.setattr(startup, "time_program", lambda program: times[program].pop(0))
    assert startup.measure_medians(row, runs=3) == (0.2, 0.1)
