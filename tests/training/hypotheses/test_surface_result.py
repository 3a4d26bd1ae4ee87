"""The checklist supports a match where it is planted, and only there."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from attune_fit.training.hypotheses.surface_plots import (
    choose_level_step,
    draw_contour_plot,
    draw_surface_lines,
    find_contour_segments,
    list_levels,
)
from attune_fit.training.hypotheses.surface_result import (
    PLOT_DISTANCE,
    SurfaceResult,
    build_surface_result,
    has_common_scale,
    rescale_numbers,
)
from tests.training.hypotheses.report_samples import build_surface_records, match_hypothesis, strict_match
from tests.training.multilevel.surface_designs import BROAD, CLIENT_CURVE, FLAT, SHIFTED, STRICT


def states(result: SurfaceResult) -> dict[str, str]:
    return {one.id: one.state for one in result.checks}


def test_strict_congruence_is_supported() -> None:
    result = strict_match()
    assert (result.verdict, set(states(result).values())) == ("supported", {"met"})
    assert "strict congruence" in result.sentence
    assert result.effect.estimate == pytest.approx(-result.parameters[3].value)
    assert result.effect.estimate > 0.3


def test_a_level_makes_it_broad_congruence() -> None:
    result = build_surface_result(build_surface_records(BROAD), match_hypothesis())
    assert (result.verdict, states(result)["flat level"]) == ("supported", "not met")
    assert "broad congruence" in result.sentence


def test_a_shifted_ridge_is_no_match_although_the_product_is_planted() -> None:
    result = build_surface_result(build_surface_records(SHIFTED), match_hypothesis())
    assert (result.verdict, states(result)["curved"], states(result)["not shifted"]) == (
        "not supported", "met", "not met",
    )  # fmt: skip


def test_a_curve_of_the_clients_number_alone_is_no_match() -> None:
    results = [build_surface_result(build_surface_records(CLIENT_CURVE, 30, seed=seed), match_hypothesis())
               for seed in range(16)]  # fmt: skip
    assert [one.verdict for one in results if one.verdict == "supported"] == []
    fooled = [one for one in results if states(one)["curved"] == "met" and states(one)["not rotated"] == "met"]
    assert fooled, "only the product shows that it is no fit"
    assert {states(one)["depends"] for one in fooled} == {"open"}


def test_the_claimed_direction_counts() -> None:
    records = build_surface_records(STRICT)
    assert build_surface_result(records, match_hypothesis("-")).verdict == "not supported"
    assert build_surface_result(records, match_hypothesis("both")).verdict == "supported"


def test_records_without_an_effect_cannot_tell_when_few_and_refute_when_many() -> None:
    assert build_surface_result(build_surface_records(FLAT, 8), match_hypothesis()).verdict == "these data cannot tell"
    many = build_surface_result(build_surface_records(FLAT, 120, seed=3), match_hypothesis())
    assert (many.verdict, states(many)["curved"]) == ("not supported", "not met")


def test_few_therapists_have_no_surface_and_no_verdict() -> None:
    result = build_surface_result(build_surface_records(STRICT, 5), match_hypothesis())
    assert (result.verdict, result.plot, result.effect.problem) == ("these data cannot tell", None, "few-therapists")
    assert "needs 6 therapists or more; these records have 5" in result.sentence


def test_numbers_or_outcomes_without_a_curve_have_no_surface() -> None:
    records = build_surface_records(STRICT, 10)
    assert records.client_variable is not None
    flat = replace(records, y=np.full(len(records), 70.0))
    two = replace(records, client_variable=np.sign(records.client_variable))
    for changed in (flat, two):
        result = build_surface_result(changed, match_hypothesis())
        assert (result.verdict, result.effect.problem) == ("these data cannot tell", "no-variation")
        assert "needs 3 different values of each number" in result.sentence


def test_mismatches_in_one_direction_only_cannot_tell() -> None:
    records = build_surface_records(STRICT)
    assert records.client_variable is not None
    apart = replace(records, client_variable=records.client_variable + 6)
    result = build_surface_result(apart, match_hypothesis())
    assert (result.verdict, states(result)["range"]) == ("these data cannot tell", "not met")
    assert result.sides == {"client higher": len(records), "therapist higher": 0, "equal": 0}


def test_small_sides_are_hidden() -> None:
    records = build_surface_records(STRICT, 30)
    assert records.client_variable is not None
    apart = replace(records, client_variable=records.client_variable + 3)
    sides = build_surface_result(apart, match_hypothesis()).sides
    assert set(sides.values()) == {"hidden", "fewer than 10"}


def test_numbers_on_two_scales_are_compared_by_their_places() -> None:
    records = build_surface_records(STRICT)
    own = match_hypothesis(client="mean", therapist="mean")
    assert (has_common_scale(match_hypothesis()), has_common_scale(own)) == (True, False)
    assert records.client_variable is not None
    wide = replace(records, client_variable=5 * records.client_variable)
    x, z, text = rescale_numbers(wide, is_common=False)
    assert float(x.std()) == pytest.approx(1)
    assert float(z[np.unique(records.therapist, return_index=True)[1]].std()) == pytest.approx(1)
    assert "equal place" in text
    assert build_surface_result(wide, own).verdict == "supported"
    assert "0 is 3, and 1 unit is 2." in strict_match().scale


def test_nothing_is_drawn_far_from_all_records() -> None:
    plot = strict_match().plot
    assert plot is not None
    drawn = [value is not None for row in plot.outcome for value in row]
    assert 0.5 < np.mean(drawn) < 1
    x_mean, x_sd = plot.ellipse[:2]
    assert all(abs(at - x_mean) / x_sd <= PLOT_DISTANCE for at, *_ in plot.congruence)
    assert all(low < value < high for _, value, low, high in plot.incongruence)
    middle = [value for _, value, _, _ in plot.incongruence]
    assert max(middle) > max(middle[0], middle[-1]) + 3  # a hill across, in points


def test_contour_lines_are_where_the_level_is() -> None:
    ticks = np.linspace(-1, 1, 9)
    grid: list[list[float | None]] = [[x + 2 * z for x in ticks] for z in ticks]
    segments = list(find_contour_segments(list(ticks), grid, 0.33))
    assert len(segments) > 8
    assert all(x + 2 * z == pytest.approx(0.33) for ends in segments for x, z in ends)
    grid[4][4] = None
    assert len(list(find_contour_segments(list(ticks), grid, 0.33))) < len(segments)


@pytest.mark.parametrize(("low", "high"), [(50.0, 68.0), (-0.02, 0.03), (0.0, 1e-12)])
def test_levels_are_round_and_between_the_ends(low: float, high: float) -> None:
    levels = list_levels(low, high, choose_level_step(low, high))
    assert len(levels) <= 13
    assert all(low <= level <= high + 1e-12 for level in levels)


def test_the_plots_name_axes_and_hold_no_unknown_number() -> None:
    surface = strict_match().to_dict()
    contour, lines = draw_contour_plot(surface, "points"), draw_surface_lines(surface, "points")
    assert "client: directiveness preference" in contour
    assert "therapist: directiveness style" in contour
    assert "equal numbers" in lines
    assert "opposite numbers" in lines
    assert not re.search(r"nan|None|inf\b", contour + lines)
    assert contour.count('class="iso"') >= 3
    assert 'class="ridge"' in contour
    assert not math.isnan(surface["axis"][0]["value"])
