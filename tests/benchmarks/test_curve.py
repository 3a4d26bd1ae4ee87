"""Results are kept, read back, averaged with their intervals, and shown."""

import doctest
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.learning import kept, means, run, tables
from benchmarks.learning.clinic import Clinic
from benchmarks.learning.kept import Result
from benchmarks.learning.methods import ATTUNE, METHODS
from benchmarks.learning.page import page
from benchmarks.learning.picture import picture

PLAN = run.Plan("other", "balanced", 0, (0, 30), 100)


def results(seeds: int = 4) -> pd.DataFrame:
    """Of every method in two mixes; a method's share is .1 times its place, and Attune is .05 below the best peer."""
    rng, rows = np.random.default_rng(1), []
    for mix in ("balanced", "wishes"):
        for seed in range(seeds):
            luck = 0.1 * rng.standard_normal()
            for place, (name, method) in enumerate(METHODS.items()):
                for size in (0, 100) if method.learns else (0,):
                    level = 0.1 * place if not method.ours else 0.05
                    rows.append(Result("other", mix, seed, size, name, level + luck, np.nan, 1.5))
    return pd.DataFrame(rows)


def test_what_is_kept_is_read_back_and_methods_are_forgotten_one_by_one(tmp_path: Path) -> None:
    some = [Result("other", "wishes", 1, 30, name, 0.25, float("nan"), 1.0) for name in METHODS]
    for one in some:
        one.write(tmp_path)
    back = kept.read(tmp_path)
    pd.testing.assert_frame_equal(back.set_index("method").loc[list(METHODS)].reset_index()[list(back)],
                                  pd.DataFrame(some)[list(back)])  # fmt: skip
    run.forget(tmp_path, [ATTUNE])
    assert set(METHODS) - set(kept.read(tmp_path)["method"]) == {ATTUNE}


def test_a_run_goes_on_where_it_stopped(tmp_path: Path, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "clinic", lambda *_: clinic)
    asked = ["chance", "ridge"]
    assert run.measure(PLAN, asked, tmp_path) == 4  # chance once, ridge twice, and how far the features go
    monkeypatch.setattr(run, "clinic", lambda *_: pytest.fail("drawn although nothing is missing"))
    assert run.measure(PLAN, asked, tmp_path) == 0
    assert kept.read(tmp_path)["outcomes"].to_list() == [0, 0, 0, 30]


def test_every_kind_of_clinic_is_measured_in_ten_and_some_up_to_the_largest_size() -> None:
    asked = pd.DataFrame(run.plans())
    assert asked.groupby(["maker", "mix"])["seed"].nunique().min() >= 10
    assert (asked["sizes"].map(max) == run.LARGE).sum() >= 10
    assert asked["seed"].min() >= run.FIRST_SEED


def test_a_quick_look_is_at_clinics_of_the_whole_run() -> None:
    whole, key = pd.DataFrame(run.plans()), ["maker", "mix", "seed", "most"]
    quick = pd.DataFrame(run.plans(quick=True))
    assert len(quick.merge(whole, on=key)) == len(quick)
    assert quick["sizes"].map(max).max() < whole["sizes"].map(max).min()


def test_the_interval_of_one_mix_is_students() -> None:
    values = pd.Series(np.random.default_rng(2).standard_normal(12))
    found = means.over_mixes(values, pd.Series(["a"] * 12))
    low, high = stats.ttest_1samp(values, 0).confidence_interval()
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))


def test_mixes_count_alike_and_do_not_widen_the_interval() -> None:
    values = pd.Series([0.0, 2.0, 10.0, 12.0, 10.0, 12.0])
    found = means.over_mixes(values, pd.Series(list("aabbbb")))
    assert found.value == pytest.approx((1 + 11) / 2)
    spread = (2 * 1 + 4 * 1) / 4  # within mixes, four degrees of freedom
    assert found.half == pytest.approx(stats.t.ppf(0.975, 4) * np.sqrt(spread * (1 / 2 + 1 / 4)) / 2)
    assert np.isnan(means.over_mixes(pd.Series([1.0]), pd.Series(["a"])).half)


def test_differences_are_within_clinics() -> None:
    apart = means.differences(means.spread_out(results()), ATTUNE, "preference count")
    assert set(apart["outcomes"]) == {0, 100}  # what does not learn stands at every size
    assert apart["free"].to_numpy() == pytest.approx(0.05 - 0.1)


def test_the_page_names_every_method_and_the_command_and_marks_what_is_below_a_peer() -> None:
    said = page(results())
    assert not [name for name in METHODS if f"| {name} |" not in said]
    titles = [line for line in said.splitlines() if line.startswith("**")]
    assert len(titles) == 8
    assert not [line for line in titles if "`python -m benchmarks.learning`" not in line]
    assert "| preference count | -.05 [-.05, -.05] ✗ | -.05 [-.05, -.05] ✗ |" in said
    assert "| chance | +.05 [+.05, +.05] | +.05 [+.05, +.05] |" in said
    assert "nan" not in said


def test_cells_read_as_their_examples_say() -> None:
    for module in (tables, means):
        failed, tried = doctest.testmod(module)
        assert (failed, tried > 0) == (0, True)


def test_the_picture_is_one() -> None:
    assert picture(results()).startswith(b"\x89PNG")
