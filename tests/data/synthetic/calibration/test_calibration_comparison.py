"""Means, intervals and verdicts of a comparison; the sensitivity sweep; the calibration page."""

import re
from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.published_statistics import PublishedStatistic
from attune_fit.data.synthetic.calibration import sensitivity
from attune_fit.data.synthetic.calibration.calibration_comparison import (
    STATISTICS,
    StatisticComparison,
    compare_clinics,
    format_statistic_value,
    measure_clinic,
    run_calibration,
    summarize_verdicts,
)
from attune_fit.data.synthetic.calibration.calibration_page import format_calibration_page, format_cells
from attune_fit.data.synthetic.calibration.published_target import Statistic
from attune_fit.data.synthetic.calibration.sensitivity import count_standard_errors
from attune_fit.data.synthetic.world import World

REPOSITORY = Path(__file__).resolve().parents[4]
MEAN = next(row for row in STATISTICS if row.figure == "early_alliance_mean")  # published 3.94 to 4.23


SOURCES = World.list_sources()
LEVEL_FIGURE = PublishedStatistic(
    "made_up", World().level, "points", "assumed", "none", "A level with a range.", 2.0, 4.2
)


def compare_values(*values: float, statistic: Statistic = MEAN) -> StatisticComparison:
    return StatisticComparison(statistic, values)


def list_range_ends() -> set[tuple[str, float]]:
    """List every assumed number with both ends of its range."""
    return {
        (field, value)
        for field, figure in World.list_sources().items()
        if figure.mark == "assumed"
        and figure.low is not None
        and figure.high is not None
        and field not in sensitivity.EXCLUDED_FIELDS
        for value in (figure.low, figure.high)
        if value != getattr(World(), field)
    }


@pytest.fixture(scope="module")
def comparisons() -> list[StatisticComparison]:
    """Three small clinics."""
    return run_calibration(World(), 120, 8, range(3))


def test_the_interval_of_the_mean_covers_it_in_95_of_100_cases() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(4_000):
        low, high = compare_values(*rng.normal(4.0, 0.1, 6)).compute_interval()
        covered += low <= 4.0 <= high
    assert covered / 4_000 == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 4_000))


SKEW, DROPOUT, AGE = (
    next(row for row in STATISTICS if row.figure == key)
    for key in ("alliance_ceiling", "dropout_share", "platform_client_age")
)


@pytest.mark.parametrize(
    ("statistic", "values", "verdict"),
    [
        (MEAN, (4.0, 4.01, 4.02), "holds"),
        (MEAN, (3.90, 3.91, 3.90, 3.91), "misses"),
        (MEAN, (3.93, 3.96, 3.90, 3.92), "cannot tell"),  # the mean lies outside, its interval overlaps
        (MEAN, (3.0, 5.0, 4.2), "cannot tell"),  # the interval is too wide
        (SKEW, (0.5, 0.6, 0.55), "holds"),
        (SKEW, (-0.5, 1.6, 0.3), "cannot tell"),
        (SKEW, (-0.5, -0.6, -0.55), "misses"),
        (DROPOUT, (0.197, 0.198, 0.196), "holds"),
        (AGE, (80.0, 81.0), "not judged"),
    ],
)
def test_a_row_matches_only_if_the_clinics_are_precise_enough(
    statistic: Statistic, values: tuple[float, ...], verdict: str
) -> None:
    assert compare_values(*values, statistic=statistic).verdict == verdict


def test_the_summary_counts_each_kind() -> None:
    rows = [
        compare_values(4.0, 4.01, 4.02),
        compare_values(0.5, 0.6, 0.55, statistic=SKEW),
        compare_values(80.0, 81.0, statistic=AGE),
    ]
    assert summarize_verdicts(rows) == (
        "1 statistic was not built in: 1 match. 1 statistic was built in, to check the simulator itself: 1 match. "
        "1 statistic was measured in other populations: not judged."
    )


def test_unknown_values_are_left_out_and_a_row_with_one_value_too() -> None:
    clinics = [{row: float("nan") if row is MEAN else 1.0 for row in STATISTICS} for _ in range(3)]
    clinics[0][MEAN] = 4.0
    assert MEAN not in {row.statistic for row in compare_clinics(clinics)}
    clinics[1][MEAN] = 4.2
    assert next(row for row in compare_clinics(clinics) if row.statistic is MEAN).values == (4.0, 4.2)


def test_numbers_are_formatted_as_in_papers() -> None:
    formatted = {0.0: ".00", -0.0004: ".00", 0.5: ".50", -0.126: "-.13", 0.999: "1.00", 12.34: "12.3", 0.005: ".005"}
    assert {value: format_statistic_value(value) for value in formatted} == formatted
    assert compare_values(4.0, 4.1).published_text == "4.08 [3.94, 4.23]"
    assert re.fullmatch(r"4\.05 \[[-\d.]+, [-\d.]+\]", compare_values(4.0, 4.1).simulated_text)


def test_even_a_clinic_of_three_clients_can_be_measured() -> None:
    assert set(measure_clinic(World(), 3, 1, seed=1)) == set(STATISTICS)


def test_a_moved_mean_is_measured_in_paired_errors() -> None:
    before, row = compare_values(1.0, 2.0, 3.0), compare_values(1.51, 2.49, 3.5)
    assert count_standard_errors(before, row) > 50  # each clinic moved by one half, although the clinics differ
    assert count_standard_errors(before, compare_values(3.0, 1.0, 2.0)) == 0.0
    assert count_standard_errors(before, compare_values(1.0, 2.0)) == 0.0


def test_the_sweep_goes_to_both_ends_of_every_assumed_number_and_lists_the_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def level_alone(world: World, *_: object) -> list[StatisticComparison]:
        return [
            compare_values(*(world.level + wobble for wobble in (-0.01, 0.0, 0.01))),
            compare_values(1.0, 1.1, 1.2, statistic=STATISTICS[1]),
        ]

    monkeypatch.setattr(sensitivity, "run_calibration", level_alone)
    monkeypatch.setattr(World, "list_sources", staticmethod(lambda: {**SOURCES, "level": LEVEL_FIGURE}))
    messages: list[str] = []
    rows = sensitivity.sweep_assumed_numbers(60, 6, range(2), messages.append)
    assert {(row.field, row.value) for row in rows} == list_range_ends()
    assert len(messages) == len(rows) > 30
    moved = {row.value: row for row in rows if row.largest_moves}
    assert set(moved) == {2.0, 4.2}
    assert moved[2.0].newly_outside == (MEAN.name,)
    assert moved[4.2].newly_outside == moved[4.2].newly_inside == ()
    assert [name for name, *_ in moved[2.0].largest_moves] == [MEAN.name]
    assert moved[2.0].largest_moves[0][1:] == pytest.approx((World().level, 2.0))


def test_the_page_has_every_row_and_its_pictures_and_loads_nothing(comparisons: list[StatisticComparison]) -> None:
    text = format_calibration_page(comparisons, World(), 120, 8, 0)
    assert text.count("data:image/png;base64,") == 6
    n_missed = sum(row.verdict == "misses" for row in comparisons)  # these are listed first, and in their family
    assert text.count('class="ci-point') == len(comparisons) + n_missed
    assert not re.findall(r'(?:src|href)="(?!data:|#)', text)
    assert summarize_verdicts(comparisons).split(". ")[0] in text
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))
    assert len({len(format_cells(row)) for row in comparisons}) == 1


def test_the_page_in_the_docs_is_up_to_date_and_explains_every_miss() -> None:
    """`make calibration` takes an hour; this test checks the parts of the page that need no simulation."""
    text = (REPOSITORY / "docs" / "calibration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|`]+?)(?: [ᵢₒ])? \|.*\| ([✓✗~]?) ?\| (.*) \|$", text, re.MULTILINE)
    rows = [row for row in rows if row[0] not in ("statistic", "---")]
    assert [name for name, _, _ in rows] == [row.name for row in STATISTICS]
    explained = {row.name: row.note for row in STATISTICS}
    assert all(explained[name] and explained[name].rstrip(".") in why for name, mark, why in rows if mark == "✗")
    assert text.count("\n| `") == len(list_range_ends())
    for name in re.findall(r"\]\((pictures/[^)]+)\)", text):
        assert (REPOSITORY / "docs" / name).stat().st_size > 10_000
