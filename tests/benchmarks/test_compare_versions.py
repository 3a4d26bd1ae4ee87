"""Two versions are compared in the same clinics alone, with a paired interval."""

import doctest
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks import drift
from benchmarks.learning import compare_versions, measurement, score_variants
from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.result_files import Result, read_results

GAINS = np.array([0.02, 0.05, -0.01, 0.04])


def build_results(gains: np.ndarray, clinic: str = "d1") -> pd.DataFrame:
    levels = np.array([0.3, 0.5, 0.4, 0.6]) + gains
    rows = [
        Result("other", "wishes", seed, 300, "Attune", level, level / 2, 1.0, clinic)
        for seed, level in enumerate(levels)
    ]
    return pd.DataFrame(rows)


def test_the_interval_is_that_of_paired_differences() -> None:
    pairs = compare_versions.pair_results(build_results(np.zeros(4)), build_results(GAINS))
    mean = compare_versions.compute_version_difference(pairs, "free")
    low, high = stats.ttest_1samp(GAINS, 0).confidence_interval()
    assert (mean.value, mean.low, mean.high) == pytest.approx((GAINS.mean(), low, high))
    assert compare_versions.compute_version_difference(pairs, "capacity").value == pytest.approx(GAINS.mean() / 2)


def test_a_result_without_a_partner_is_omitted() -> None:
    pairs = compare_versions.pair_results(build_results(np.zeros(4)), build_results(GAINS).iloc[1:])
    assert pairs["seed"].to_list() == [1, 2, 3]


def test_different_clinics_are_not_compared() -> None:
    with pytest.raises(
        ValueError, match="these clinics differ between the versions, measure both again: other wishes 0"
    ):
        compare_versions.pair_results(build_results(GAINS), build_results(GAINS, "d2"))


def test_the_table_has_a_row_for_each_kind_of_clinic_and_their_mean() -> None:
    pairs = compare_versions.pair_results(build_results(np.zeros(4)), build_results(GAINS))
    lines = compare_versions.format_version_table(pairs).splitlines()
    assert lines[2].startswith("| Attune | other | wishes | 300 | 4 | .45 → .48 | +.025 [-.017, +.067] |")
    assert lines[3].startswith("| Attune | all | mean | 300 | 4 |")


def test_measure_stores_the_results_of_named_clinics(
    tmp_path: Path, clinic: BenchmarkClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = compare_versions.list_version_plans([("other", "balanced")], [0, 30], range(1, 3))
    assert [(plan.seed, plan.sizes, plan.n_records) for plan in plans] == [(1, (0, 30), 30), (2, (0, 30), 30)]
    monkeypatch.setattr(measurement, "draw_clinic", lambda *_: clinic)
    assert measurement.measure_plan(plans[0], ["ridge"], tmp_path) == 2
    assert read_results(tmp_path)[["seed", "outcomes"]].to_numpy().tolist() == [[1, 0], [1, 30]]


def test_the_command_prints_the_comparison_of_two_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, level in (("before", 0.4), ("after", 0.5)):
        Result("other", "wishes", 1, 300, "Attune", level, level, 1.0, "d1").write(tmp_path / folder)
    compare_versions.main(["compare", str(tmp_path / "before"), str(tmp_path / "after")])
    assert "| Attune | other | wishes | 300 | 1 | .40 → .50 | +.100 | .40 → .50 | +.100 |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["measure", "x", "--kinds", "wishes"], "unknown kind `wishes`: use MAKER/MIX, a maker of simulated, other"),
        (["measure", "x", "--seeds", "few"], "seeds `few`: use FIRST-LAST, such as 200-215"),
    ],
)
def test_a_wrong_option_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        compare_versions.main(arguments)
    assert message in " ".join(capsys.readouterr().err.split())


def test_the_table_of_drift_has_both_worlds(tmp_path: Path) -> None:
    for mix, level in (("drifting", 0.4), ("stable", 0.7)):
        for seed in (1, 2):
            Result("simulated", mix, seed, 3_000, "Attune", level, level - 0.2, 1.0, "d").write(tmp_path)
    lines = drift.format_drift_table(tmp_path).splitlines()[2:]
    assert lines == ["| Attune | drifting | .40 ±.00 | .20 ±.00 |", "| Attune | stable | .70 ±.00 | .50 ±.00 |"]


def test_a_half_life_changes_the_scores_and_an_endless_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "OUTCOMES", 100)
    assert "+.000 | +.000" not in drift.format_half_life_table([1])
    monkeypatch.setattr(score_variants, "HALF_LIFE", 1e12)
    lines = drift.format_half_life_table([1]).splitlines()[2:]
    assert lines == ["| drifting | +.000 | +.000 |", "| stable | +.000 | +.000 |"]


def test_the_examples_in_docstrings_are_right() -> None:
    failed, tried = doctest.testmod(compare_versions)
    assert (failed, tried) == (0, 2)
