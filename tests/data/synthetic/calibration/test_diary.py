"""What is published as measured on real ratings is what they say, and long simulated clinics look like them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.calibration.repeated_measures import compute_growth
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from benchmarks.diary import READINGS, Reading, each_next, intervals, main, ratings, samples, told

SEEDS = range(8)
SURE = 0.95
ROUNDED = 0.005  # published to two digits
LONG = World(sessions=15, dropout=0.0)  # nobody in the real ratings left early


@cache
def real() -> pd.DataFrame:
    return ratings()


@cache
def simulated(world: World) -> pd.DataFrame:
    """Every reading of clinics as large as the real one, a row a clinic."""
    return pd.DataFrame([told(_ratings_of(world, seed)) for seed in SEEDS])


def _ratings_of(world: World, seed: int) -> pd.DataFrame:
    patients, therapists = (real().index.get_level_values(who).nunique() for who in ("patient", "therapist"))
    rows = simulate(patients, therapists, seed, world, waiting=0).tables.outcomes
    rows = rows[rows["rater"] == "client"]
    wide = rows.pivot_table(index=["therapist_id", "client_id"], columns="session", values="score")
    return wide.rename_axis(index=["therapist", "patient"])


def missed(world: World) -> set[str]:
    """Figures that do not lie where, by the clinics simulated, one more clinic of that size would.

    The bounds for one more draw (Student's t): the sampling error of the real ratings is that of a simulated clinic of
    their size, and that of the mean over the simulated ones comes on top.
    """
    found, value = simulated(world), pd.Series(told(real()))
    half = t.ppf((1 + SURE) / 2, len(SEEDS) - 1) * found.std() * np.sqrt(1 + 1 / len(SEEDS))
    return set(value.index[(found.mean() - value).abs() > half])


def test_the_ratings_are_those_described() -> None:
    assert real().shape == (57, 15)
    assert real().index.get_level_values("therapist").nunique() == 13
    assert int(real().notna().to_numpy().sum()) == 731
    assert real().notna().sum(axis=1).min() == 5


def test_every_figure_marked_as_measured_on_them_is_read() -> None:
    kept = {
        row.key
        for row in read_published_statistics().values()
        if row.mark == "measured" and "alliance_diary" in row.cite
    }
    assert {row.figure for row in READINGS} == kept


@pytest.mark.parametrize("row", READINGS, ids=lambda row: row.figure)
def test_the_published_value_is_what_the_ratings_say(row: Reading) -> None:
    assert row.published.value == pytest.approx(told(real())[row.figure], abs=ROUNDED)


@cache
def drawn() -> dict[str, tuple[float, float]]:
    return intervals(real(), resamples=1000)


@pytest.mark.parametrize("row", READINGS, ids=lambda row: row.figure)
def test_the_published_interval_is_what_the_ratings_say(row: Reading) -> None:
    """By 1,000 resamples an end is known to 2% of the width (its standard error): two of them, and rounding."""
    low, high = drawn()[row.figure]
    chance = ROUNDED + 0.04 * (high - low)
    assert (row.published.low, row.published.high) == pytest.approx((low, high), abs=chance)


def test_occasions_2_to_5_are_alike() -> None:
    """Which is why one figure stands for the four; the range is the one published with it."""
    apart = each_next(real())
    assert (
        f"{min(apart):.2f} to {max(apart):.2f}".replace("0.", ".") in read_published_statistics()["diary_next_r"].says
    )


def test_an_interval_over_patients_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(1)
    plain = [compute_growth(real().iloc[rng.integers(0, 57, 57)]) for _ in range(300)]
    low, high = intervals(real(), resamples=300, seed=2)["diary_growth"]
    assert (low, high) == pytest.approx(tuple(np.quantile(plain, [0.025, 0.975])), abs=0.006)


def test_a_therapist_drawn_twice_counts_as_two_with_all_patients_of_each() -> None:
    sizes = real().groupby(level="therapist").size()
    for sample in samples(real(), "therapist", 5, np.random.default_rng(3)):
        drawn_sizes = sample.groupby(level="therapist").size()
        assert len(drawn_sizes) == len(sizes)
        assert set(drawn_sizes) <= set(sizes)
        assert not sample.index.get_level_values("patient").has_duplicates
        assert len(sample.drop_duplicates()) < len(sample)


def test_long_simulated_clinics_agree_with_the_real_ratings() -> None:
    """All but the growth may be held to it: a rise of .03 a session is assumed, and these patients rose by more."""
    assert missed(LONG) <= {"diary_growth"}


def test_clinics_whose_first_session_tells_as_much_as_the_others_do_not_agree() -> None:
    """The comparison can fail: without what the first session adds by chance, it goes too well with what follows."""
    assert "diary_first_r" in missed(LONG.replace(first=0.0))


def test_clinics_in_which_hardly_anything_lasts_agree_with_few_of_them() -> None:
    assert len(missed(LONG.replace(persistence=0.8, occasion=0.5))) >= 3


def test_the_command_prints_each_beside_what_is_published(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.diary.RESAMPLES", 20)
    main()
    said = capsys.readouterr().out
    assert said.startswith("731 ratings of 57 patients with 13 therapists")
    for row in READINGS:
        assert f"{row.name:<46} {told(real())[row.figure]:6.3f} [" in said
