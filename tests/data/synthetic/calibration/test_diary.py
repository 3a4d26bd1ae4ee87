"""Figures marked as measured equal those of the real ratings, and long simulated clinics agree with them."""

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
from benchmarks.diary import (
    READINGS,
    Reading,
    compute_intervals,
    compute_readings,
    correlate_next_occasions,
    draw_samples,
    main,
    read_ratings,
)

SEEDS = range(8)
CONFIDENCE = 0.95
ROUNDED = 0.005  # published to two digits
LONG = World(sessions=15, dropout=0.0)  # no client in the real ratings dropped out early


@cache
def read_real() -> pd.DataFrame:
    return read_ratings()


@cache
def simulate_readings(world: World) -> pd.DataFrame:
    """Compute every reading in simulated clinics of the real size, one row for each clinic."""
    return pd.DataFrame([compute_readings(_ratings_of(world, seed)) for seed in SEEDS])


def _ratings_of(world: World, seed: int) -> pd.DataFrame:
    patients, therapists = (read_real().index.get_level_values(who).nunique() for who in ("patient", "therapist"))
    rows = simulate(patients, therapists, seed, world, waiting=0).tables.outcomes
    rows = rows[rows["rater"] == "client"]
    wide = rows.pivot_table(index=["therapist_id", "client_id"], columns="session", values="score")
    return wide.rename_axis(index=["therapist", "patient"])


def find_misses(world: World) -> set[str]:
    """Return the figures of the real ratings outside the prediction interval of one more simulated clinic.

    The interval is that of one more draw (Student's t). It contains the sampling error of the real ratings, which is
    that of a simulated clinic of their size, and the error of the mean over the simulated clinics.
    """
    simulated_readings, value = simulate_readings(world), pd.Series(compute_readings(read_real()))
    half = t.ppf((1 + CONFIDENCE) / 2, len(SEEDS) - 1) * simulated_readings.std() * np.sqrt(1 + 1 / len(SEEDS))
    return set(value.index[(simulated_readings.mean() - value).abs() > half])


def test_the_ratings_are_those_described() -> None:
    assert read_real().shape == (57, 15)
    assert read_real().index.get_level_values("therapist").nunique() == 13
    assert int(read_real().notna().to_numpy().sum()) == 731
    assert read_real().notna().sum(axis=1).min() == 5


def test_every_figure_marked_as_measured_has_a_reading() -> None:
    figures = {
        row.key
        for row in read_published_statistics().values()
        if row.mark == "measured" and "alliance_diary" in row.cite
    }
    assert {row.figure for row in READINGS} == figures


@pytest.mark.parametrize("row", READINGS, ids=lambda row: row.figure)
def test_the_published_value_is_that_of_the_ratings(row: Reading) -> None:
    assert row.published.value == pytest.approx(compute_readings(read_real())[row.figure], abs=ROUNDED)


@cache
def draw_intervals() -> dict[str, tuple[float, float]]:
    return compute_intervals(read_real(), resamples=1000)


@pytest.mark.parametrize("row", READINGS, ids=lambda row: row.figure)
def test_the_published_interval_is_that_of_the_ratings(row: Reading) -> None:
    """With 1,000 resamples the standard error of an end is 2% of the width: allow two of them, and rounding."""
    low, high = draw_intervals()[row.figure]
    chance = ROUNDED + 0.04 * (high - low)
    assert (row.published.low, row.published.high) == pytest.approx((low, high), abs=chance)


def test_occasions_2_to_5_are_alike() -> None:
    """So one figure represents all four; the figure's text states their range."""
    correlations = correlate_next_occasions(read_real())
    value_range = f"{min(correlations):.2f} to {max(correlations):.2f}".replace("0.", ".")
    assert value_range in read_published_statistics()["diary_next_r"].says


def test_an_interval_over_patients_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(1)
    slopes = [compute_growth(read_real().iloc[rng.integers(0, 57, 57)]) for _ in range(300)]
    low, high = compute_intervals(read_real(), resamples=300, seed=2)["diary_growth"]
    assert (low, high) == pytest.approx(tuple(np.quantile(slopes, [0.025, 0.975])), abs=0.006)


def test_a_therapist_drawn_twice_counts_as_two_with_all_patients_of_each() -> None:
    sizes = read_real().groupby(level="therapist").size()
    for sample in draw_samples(read_real(), "therapist", 5, np.random.default_rng(3)):
        resampled_sizes = sample.groupby(level="therapist").size()
        assert len(resampled_sizes) == len(sizes)
        assert set(resampled_sizes) <= set(sizes)
        assert not sample.index.get_level_values("patient").has_duplicates
        assert len(sample.drop_duplicates()) < len(sample)


def test_long_simulated_clinics_agree_with_the_real_ratings() -> None:
    """Growth is the exception: a rise of .03 per session is assumed, and these patients rose by more."""
    assert find_misses(LONG) <= {"diary_growth"}


def test_clinics_without_extra_chance_in_session_1_do_not_agree() -> None:
    """The comparison can fail: without extra chance, the first session correlates too highly with later ones."""
    assert "diary_first_r" in find_misses(LONG.replace(first=0.0))


def test_clinics_with_little_carry_over_agree_with_few_figures() -> None:
    assert len(find_misses(LONG.replace(persistence=0.8, occasion=0.5))) >= 3


def test_the_command_prints_each_figure_with_the_published_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.diary.RESAMPLES", 20)
    main()
    output = capsys.readouterr().out
    assert output.startswith("731 ratings of 57 patients with 13 therapists")
    for row in READINGS:
        assert f"{row.name:<46} {compute_readings(read_real())[row.figure]:6.3f} [" in output
