"""Results are stored, read, averaged with their intervals, and formatted."""

import doctest
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.learning import means, measurement, result_files, tables
from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.feature_ceiling import CEILING_NAME
from benchmarks.learning.learning_chart import draw_learning_curve
from benchmarks.learning.methods import ATTUNE, METHODS
from benchmarks.learning.page import format_page
from benchmarks.learning.result_files import Result

PLAN = measurement.Plan("other", "balanced", 0, (0, 30), 100)


def build_results(seeds: int = 4) -> pd.DataFrame:
    """Build results in two mixes: the share of a peer is .1 times its place, and that of Attune is .05."""
    rng, rows = np.random.default_rng(1), []
    for mix in ("balanced", "wishes"):
        for seed in range(seeds):
            luck = 0.1 * rng.standard_normal()
            for place, (name, method) in enumerate(METHODS.items()):
                for size in (0, 100) if method.learns else (0,):
                    level = 0.1 * place if not method.is_attune else 0.05
                    rows.append(Result("other", mix, seed, size, name, level + luck, np.nan, 1.5))
    return pd.DataFrame(rows)


def test_stored_results_are_read_and_deleted_by_method(tmp_path: Path) -> None:
    results = [Result("other", "wishes", 1, 30, name, 0.25, float("nan"), 1.0) for name in METHODS]
    for result in results:
        result.write(tmp_path)
    results_read = result_files.read_results(tmp_path)
    pd.testing.assert_frame_equal(results_read.set_index("method").loc[list(METHODS)].reset_index()[list(results_read)],
                                  pd.DataFrame(results)[list(results_read)])  # fmt: skip
    measurement.delete_results(tmp_path, [ATTUNE])
    assert set(METHODS) - set(result_files.read_results(tmp_path)["method"]) == {ATTUNE}


def test_a_run_resumes_where_it_stopped(
    tmp_path: Path, clinic: BenchmarkClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measurement, "draw_clinic", lambda *_: clinic)
    methods = ["chance", "ridge", CEILING_NAME]
    # One result of chance, two of ridge, and the feature ceiling.
    assert measurement.measure_plan(PLAN, methods, tmp_path) == 4
    monkeypatch.setattr(
        measurement, "draw_clinic", lambda *_: pytest.fail("drew a clinic although no result is missing")
    )
    assert measurement.measure_plan(PLAN, methods, tmp_path) == 0
    results = result_files.read_results(tmp_path)
    assert results["outcomes"].to_list() == [0, 0, 0, 30]
    assert set(results["clinic"]) == {clinic.digest}


def test_the_feature_ceiling_is_measured_only_where_it_is_named(
    tmp_path: Path, clinic: BenchmarkClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measurement, "draw_clinic", lambda *_: clinic)
    assert measurement.measure_plan(PLAN, ["chance"], tmp_path) == 1
    assert result_files.read_results(tmp_path)["method"].to_list() == ["chance"]


def test_each_mix_has_eight_clinics_and_some_have_the_largest_size() -> None:
    plans = pd.DataFrame(measurement.list_plans())
    assert plans.groupby(["maker", "mix"])["seed"].nunique().min() >= 8
    assert (plans["sizes"].map(max) == measurement.LARGEST_SIZE).sum() >= 10
    assert plans["seed"].min() >= measurement.FIRST_SEED


def test_a_quick_run_uses_clinics_of_the_whole_run() -> None:
    all_plans, key = pd.DataFrame(measurement.list_plans()), ["maker", "mix", "seed", "n_records"]
    quick = pd.DataFrame(measurement.list_plans(quick=True))
    assert len(quick.merge(all_plans, on=key)) == len(quick)
    assert quick["sizes"].map(max).max() < all_plans["sizes"].map(max).min()


def test_the_interval_of_one_mix_is_that_of_students_t() -> None:
    values = pd.Series(np.random.default_rng(2).standard_normal(12))
    mean = means.average_over_mixes(values, pd.Series(["a"] * 12))
    low, high = stats.ttest_1samp(values, 0).confidence_interval()
    assert (mean.value, mean.low, mean.high) == pytest.approx((values.mean(), low, high))


def test_mixes_have_equal_weights_and_do_not_widen_the_interval() -> None:
    values = pd.Series([0.0, 2.0, 10.0, 12.0, 10.0, 12.0])
    mean = means.average_over_mixes(values, pd.Series(list("aabbbb")))
    assert mean.value == pytest.approx((1 + 11) / 2)
    spread = (2 * 1 + 4 * 1) / 4  # within mixes, four degrees of freedom
    assert mean.half == pytest.approx(stats.t.ppf(0.975, 4) * np.sqrt(spread * (1 / 2 + 1 / 4)) / 2)
    assert np.isnan(means.average_over_mixes(pd.Series([1.0]), pd.Series(["a"])).half)


def test_differences_are_paired_by_clinic() -> None:
    gaps = means.compute_differences(means.repeat_fixed_methods(build_results()), ATTUNE, "preference count")
    assert set(gaps["outcomes"]) == {0, 100}  # a method that does not learn is repeated for every size
    assert gaps["free"].to_numpy() == pytest.approx(0.05 - 0.1)


def test_the_page_lists_every_method_and_the_command_and_marks_negative_differences() -> None:
    text = format_page(build_results())
    assert not [name for name in METHODS if f"| {name} |" not in text]
    titles = [line for line in text.splitlines() if line.startswith("**")]
    assert len(titles) == 8
    assert not [line for line in titles if "`python -m benchmarks.learning`" not in line]
    assert "| preference count | -.05 [-.05, -.05] ✗ | -.05 [-.05, -.05] ✗ |" in text
    assert "| chance | +.05 [+.05, +.05] | +.05 [+.05, +.05] |" in text
    assert "nan" not in text


def test_the_examples_in_docstrings_are_right() -> None:
    for module in (tables, means):
        failed, tried = doctest.testmod(module)
        assert (failed, tried > 0) == (0, True)


def test_the_learning_curve_is_drawn_as_png() -> None:
    assert draw_learning_curve(build_results()).startswith(b"\x89PNG")
