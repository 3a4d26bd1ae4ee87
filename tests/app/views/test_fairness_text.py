"""Numbers in words: units, signs, and why there is none."""

from __future__ import annotations

from dataclasses import replace

from attune_fit.app.views.fairness_text import format_amount, format_difference
from attune_fit.matching.fairness.group_comparison import GroupResult
from attune_fit.matching.fairness.group_intervals import GroupDifference, GroupEstimate
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS

ROWS = {row.name: row for row in GROUP_METRICS}
CELL = GroupResult(
    "wishes", "gender", "woman", 50, GroupEstimate(0.64, 0.54, 0.73), GroupDifference(-0.1, -0.204, -0.001, 0.04)
)


def test_a_share_is_in_percent_and_its_difference_in_points_of_them() -> None:
    assert format_amount(ROWS["wishes"], CELL) == ("64%", "54% to 73%")
    assert format_difference(ROWS["wishes"], CELL) == "-10 pp [-20, +0]"


def test_days_and_multiples_carry_their_unit_once() -> None:
    assert (
        format_difference(ROWS["waited"], replace(CELL, apart=GroupDifference(3.2, -1.0, 7.0, 0.2))) == "+3 d [-1, +7]"
    )
    assert (
        format_difference(ROWS["exposure"], replace(CELL, apart=GroupDifference(0.2, -0.1, 0.5, 0.2)))
        == "+0.20× [-0.10, +0.50]"
    )


def test_a_hidden_figure_differs_from_a_group_without_people() -> None:
    assert format_amount(ROWS["wishes"], GroupResult("wishes", "gender", "man", None)) == ("too few", "")
    assert format_amount(ROWS["wishes"], GroupResult("wishes", "gender", "man", 0)) == ("none", "")
    assert format_amount(ROWS["rated"], replace(CELL, here=GroupEstimate(4.1, None, None))) == ("4.10", "")
    assert format_difference(ROWS["rated"], replace(CELL, apart=GroupDifference(1.0, None, None, None))) == ""
