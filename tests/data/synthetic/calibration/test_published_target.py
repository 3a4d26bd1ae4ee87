"""Every statistic agrees with its published figure, or explains the miss; and each one can fail."""

import math

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.calibration.calibration_comparison import (
    STATISTICS,
    StatisticComparison,
    compare_clinics,
    measure_clinic,
)
from attune_fit.data.synthetic.calibration.observed_clinic import compute_cohen_d
from attune_fit.data.synthetic.calibration.published_target import Statistic
from attune_fit.data.synthetic.calibration.questionnaire_statistics import compute_cronbach_alpha
from attune_fit.data.synthetic.calibration.repeated_measures import (
    compute_dependability,
    compute_growth,
    compute_intraclass_correlation,
)
from attune_fit.data.synthetic.world import World

SEEDS = range(8)


@pytest.fixture(scope="module")
def default_world() -> dict[Statistic, StatisticComparison]:
    """The default world over eight clinics."""
    return {row.statistic: row for row in compare_clinics([measure_clinic(World(), 2_000, 50, seed) for seed in SEEDS])}


@pytest.fixture(scope="module")
def implausible() -> dict[Statistic, StatisticComparison]:
    """A world that contradicts the published figures."""
    world = World(
        dyad=0.1, fit=0.1, mix="wishes", therapist=0.35, occasion=0.3, level=2.2, spread=0.4, straight_lining=0.5,
        avoidance=0.3, anxiety=0.3, interpersonal=0.3, expectancy=-0.3, skill=0.0, dropout=0.5, dropout_d=-0.3,
        agreement=0.8, gap=-0.5, first=1.5, growth=-0.1, persistence=0.7, profile=0.0, coordinator=0.0,
        effect_spread=0.0,
    )  # fmt: skip
    return {row.statistic: row for row in compare_clinics([measure_clinic(world, 600, 40, seed) for seed in range(6)])}


def test_there_are_at_least_thirty_and_none_twice() -> None:
    assert len(STATISTICS) >= 30
    assert len({row.name for row in STATISTICS}) == len(STATISTICS)


@pytest.mark.parametrize("row", STATISTICS, ids=lambda row: row.name)
def test_a_statistic_matches_or_its_miss_is_explained(
    row: Statistic, default_world: dict[Statistic, StatisticComparison]
) -> None:
    assert default_world[row].verdict != "misses" or row.note, (
        default_world[row].published_text,
        default_world[row].simulated_text,
    )


@pytest.mark.parametrize("row", STATISTICS, ids=lambda row: row.name)
def test_a_statistic_names_a_figure_and_where_its_error_comes_from(row: Statistic) -> None:
    low, high = row.bounds
    assert low <= row.source.value <= high or row.source.unit == "sign"
    assert (row.error is None) == (row.error_source == "")
    assert not row.note or row.note.endswith(".")


@pytest.mark.parametrize(
    "row", [row for row in STATISTICS if row.family in ("two raters", "over sessions", "variance components", "dropout",
                                                        "early ratings", "intake scores and early alliance")],
    ids=lambda row: row.name,
)  # fmt: skip
def test_a_statistic_of_ratings_moves_with_the_world(
    row: Statistic,
    default_world: dict[Statistic, StatisticComparison],
    implausible: dict[Statistic, StatisticComparison],
) -> None:
    ours, theirs = default_world[row], implausible[row]
    assert abs(ours.mean - theirs.mean) > 4 * math.hypot(ours.standard_error, theirs.standard_error)


def test_an_implausible_world_misses_many_published_figures(
    implausible: dict[Statistic, StatisticComparison],
) -> None:
    rating_rows = [
        row for row in implausible.values() if row.statistic.family in ("early ratings", "two raters", "dropout")
    ]
    assert sum(row.verdict == "misses" for row in rating_rows) > len(rating_rows) / 2


@pytest.mark.parametrize("kind", ["check", "input"])
def test_most_judged_statistics_match(kind: str, default_world: dict[Statistic, StatisticComparison]) -> None:
    verdicts = [row.verdict for row in default_world.values() if row.statistic.kind == kind]
    assert len(verdicts) > 20
    assert verdicts.count("holds") >= 0.6 * len(verdicts)
    assert verdicts.count("misses") <= 0.2 * len(verdicts)


@pytest.mark.parametrize("row", [row for row in STATISTICS if row.kind == "orientation"], ids=lambda row: row.name)
def test_a_statistic_that_is_not_judged_has_a_note(row: Statistic) -> None:
    assert row.note


# --- slow twins -------------------------------------------------------------------------------------------------------


def test_alpha_of_parallel_items_follows_spearman_and_brown() -> None:
    rng = np.random.default_rng(0)
    items = rng.normal(size=(40_000, 1)) + rng.normal(size=(40_000, 5))  # any two correlate .5
    assert compute_cronbach_alpha(pd.DataFrame(items)) == pytest.approx(5 * 0.5 / (1 + 4 * 0.5), abs=0.01)


def test_cohens_d_is_the_gap_in_pooled_deviations_and_needs_two_on_a_side() -> None:
    ours, theirs = pd.Series([2.0, 4.0]), pd.Series([1.0, 3.0])
    assert compute_cohen_d(ours, theirs) == pytest.approx(1 / math.sqrt(2))
    assert math.isnan(compute_cohen_d(ours, theirs[:1]))


def test_the_intraclass_correlation_is_the_simulated_one_for_unequal_groups() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(400), rng.integers(2, 12, 400))
    values = np.sqrt(0.3) * rng.normal(size=400)[group] + np.sqrt(0.7) * rng.normal(size=len(group))
    assert compute_intraclass_correlation(values, group) == pytest.approx(0.3, abs=0.05)
    assert compute_intraclass_correlation(rng.normal(size=len(group)), group) == pytest.approx(0.0, abs=0.04)


def test_the_intraclass_correlation_agrees_with_the_textbook() -> None:
    """Shrout & Fleiss 1979, Psychological Bulletin 86:420-428, table 2: six targets, four judges, ICC(1,1) = .17."""
    ratings = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
    )
    assert compute_intraclass_correlation(ratings.ravel(), np.repeat(np.arange(6), 4)) == pytest.approx(0.17, abs=0.005)


def test_dependability_grows_with_sessions_by_spearman_and_brown() -> None:
    rng = np.random.default_rng(2)
    wide = pd.DataFrame(np.sqrt(0.77) * rng.normal(size=(20_000, 1)) + np.sqrt(0.23) * rng.normal(size=(20_000, 4)))
    assert compute_dependability(wide, 1) == pytest.approx(0.77, abs=0.01)
    assert compute_dependability(wide, 4) == pytest.approx(4 * 0.77 / (1 + 3 * 0.77), abs=0.01)


def test_growth_is_a_slope_in_deviations() -> None:
    rng = np.random.default_rng(3)
    wide = pd.DataFrame(rng.normal(size=(5_000, 15)) * 2 + 0.1 * np.arange(15))
    assert compute_growth(wide) == pytest.approx(0.05, abs=0.01)


def test_a_point_with_its_error_has_a_95_percent_interval_and_a_sign_has_one_side() -> None:
    by_name = {row.name: row for row in STATISTICS}
    low, high = by_name["clients rate higher than therapists (d)"].bounds
    assert (low, high) == pytest.approx((0.63 - 1.96 * 0.058, 0.63 + 1.96 * 0.058))
    assert by_name["skew to the left"].bounds == (0.0, math.inf)
    assert by_name["dropout share"].bounds == (
        read_published_statistics()["dropout_share"].low,
        read_published_statistics()["dropout_share"].high,
    )
