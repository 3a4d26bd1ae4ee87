"""Rows of a fairness page: groups whose names a clinic wrote in any way, hidden groups, significant groups."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from attune_fit.app.views.fairness_sections import EMPTY_TEXT, HIDDEN_TEXT, _format_groups
from attune_fit.matching.fairness.group_comparison import GroupResult
from attune_fit.matching.fairness.group_intervals import GroupEstimate
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS

WHOLE = GroupResult("wishes", "", "", 90, GroupEstimate(0.5, 0.4, 0.6))
METRIC = next(row for row in GROUP_METRICS if row.name == "wishes")


def build_group(name: str, here: GroupEstimate | None = WHOLE.here) -> GroupResult:
    return GroupResult("wishes", "race_ethnicity", name, 20, here)


def format_one(cell: GroupResult) -> str:
    return _format_groups(METRIC, WHOLE, [cell], [cell])


@pytest.mark.parametrize(
    ("name", "shown"),
    [("$10-$20 copay", "$10-$20 copay"), ("<b>a</b>", "&lt;b&gt;a&lt;/b&gt;"), ("a\x1b[2J", "a␛[2J"),
     ("two\nlines", "two lines"), ("RTL \u202e abc", "RTL \ufffd abc"), ("العربية", "العربية")],
)  # fmt: skip
def test_a_name_is_escaped_on_one_line_with_hidden_characters_visible(name: str, shown: str) -> None:
    assert f'<th scope="row">{shown}\n</th>' in format_one(build_group(name)).replace("</th>", "\n</th>")


def test_a_hidden_group_says_so_and_has_no_picture_and_no_number() -> None:
    page = format_one(GroupResult("wishes", "gender", "man", None))
    assert HIDDEN_TEXT in page
    assert "ci-point" not in page
    assert EMPTY_TEXT in format_one(GroupResult("wishes", "gender", "man", 0))


def test_a_significant_group_is_marked_in_words_and_not_only_in_colour() -> None:
    page = format_one(replace(build_group("woman"), adjusted=0.01))
    assert "significant</span>" in page
    assert "significant</span>" not in format_one(build_group("woman"))


def test_a_point_is_between_the_ends_of_its_interval() -> None:
    page = format_one(build_group("woman", GroupEstimate(0.7, 0.65, 0.75)))
    bar, point = (
        re.search(pattern, page) for pattern in (r'ci-range" x="([\d.]+)".*?width="([\d.]+)"', r'cx="([\d.]+)"')
    )
    assert bar is not None
    assert point is not None
    assert float(bar[1]) < float(point[1]) < float(bar[1]) + float(bar[2])
