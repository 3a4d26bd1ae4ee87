"""Charts of groups whose names a clinic wrote in any way."""

from __future__ import annotations

import pytest

from attune_fit.app.views.fairness_charts import MAX_LABEL, draw_groups
from attune_fit.matching.fairness.group_comparison import GroupResult
from attune_fit.matching.fairness.group_intervals import GroupEstimate
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS

NAMES = (
    "$x^$",
    r"$\frac$ a",
    "$10-$20 copay",
    "中文",
    "العربية",
    "a\x1b[2J",
    "RTL \u202e abc",
    "two\nlines",
    "W" * 3000,
)


def build_groups(*names: str) -> list[GroupResult]:
    estimate = GroupEstimate(0.5, 0.4, 0.6)
    return [GroupResult("offered", "race_ethnicity", name, 20, estimate) for name in names]


def test_groups_of_any_name_are_drawn_without_an_error_or_a_warning() -> None:
    whole, *cells = build_groups("", *NAMES)
    assert draw_groups(GROUP_METRICS[0], whole, cells).startswith(b"\x89PNG")  # a warning is an error in these tests


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\x1b[2J", "a␛[2J"), ("two\nlines", "two lines"), ("W" * 3000, "W" * (MAX_LABEL - 1) + "…")],
    ids=["control character", "two lines", "long"],
)
def test_a_name_is_on_one_line_of_a_chart_visible_and_short(name: str, shown: str) -> None:
    whole, *cells = build_groups("", name, shown)
    drawn, expected = (draw_groups(GROUP_METRICS[0], whole, [one]) for one in cells)
    assert drawn == expected
