"""The draw of a list: its tied groups are those of the ranking, and its probabilities those of many seeds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from attune_fit.matching.ranking.list_draw import ListDraw, TiedGroup, build_list_draw, parse_list_draw
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.training.evaluation.draw_probability import compute_place_probabilities
from tests.matching.builders import busy, experienced, opened

IDS = busy().clients["client_id"].tolist()
SEEDS = range(10)


def build_scorer(weight: float) -> RosterScorer:
    clinic = opened(f"[settings]\nnewcomer_weight = {weight}\nband = 0.75")
    return RosterScorer.from_clinic(experienced(), clinic, busy())


def test_groups_are_places_of_one_band_with_equally_many_wishes_met() -> None:
    for ranking in rank_each(build_scorer(1.0), IDS[:12]):
        n = len(ranking.candidates)
        draw = ranking.arrays.build_draw(n)
        keys = [(one.band, sum(wish.answer == "met" for wish in one.wishes)) for one in ranking.candidates]
        starts = [place + 1 for place in range(n) if place == 0 or keys[place] != keys[place - 1]]
        assert [group.first for group in draw.groups] == starts
        assert sum(group.size for group in draw.groups) == n
        assert [group.band for group in draw.groups] == [keys[start - 1][0] for start in starts]


@pytest.mark.parametrize("weight", [1.0, 4.0])
def test_over_many_seeds_the_first_place_is_drawn_as_the_probabilities_say(weight: float) -> None:
    """The weighted draw of the product against its probabilities: a difference of 4 standard errors has p < .0001."""
    scorer = build_scorer(weight)
    new = {str(one) for one, is_new in zip(scorer.therapist_ids, scorer.is_newcomer, strict=True) if is_new}
    expected, variance, count = 0.0, 0.0, 0
    for seed in SEEDS:
        for ranking in rank_each(replace(scorer, seed=seed), IDS[:20]):
            if not ranking.candidates:
                continue
            ids, group = ranking.arrays.therapist_ids, ranking.arrays.build_draw(len(ranking.candidates)).groups[0]
            n_new = sum(one in new for one in ids[: group.size])
            assert group.newcomers == (n_new if weight != 1 else 0)
            own = compute_place_probabilities(group.size, n_new, weight)[1, 0] if n_new else 0.0
            expected, variance = expected + n_new * own, variance + n_new * own * (1 - n_new * own)
            count += ids[0] in new
    assert variance > 5, "the draw decides often"
    assert abs(count - expected) < 4 * np.sqrt(variance)


def test_a_draw_is_logged_short_and_read_again() -> None:
    band, wishes = np.array([1, 1, 1, 2, 2]), np.array([1.0, 0.0, 0.0, 2.0, 2.0])
    is_new = np.array([False, True, False, True, True])
    plain = build_list_draw(band, wishes, is_new, 1.0, 4)
    assert plain == ListDraw((TiedGroup(1, 1, 1), TiedGroup(1, 2, 2), TiedGroup(2, 4, 2)))
    assert plain.to_dict() == {"groups": [[1, 1], [1, 2], [2, 2]]}
    weighted = build_list_draw(band, wishes, is_new, 3.0, 4)
    assert weighted.newcomers == {2, 4}
    for draw in (plain, weighted):
        assert parse_list_draw({"draw": json.loads(json.dumps(draw.to_dict()))}, 4) == draw
    assert [weighted.find_group(place).first for place in (1, 2, 3, 4)] == [1, 2, 2, 4]


def test_a_list_without_a_place_has_no_group() -> None:
    draw = build_list_draw(np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0, dtype=bool), 1.0, 0)
    assert draw.to_dict() == {"groups": []}
    assert parse_list_draw({"draw": draw.to_dict()}, 0) is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"draw": {}},
        {"draw": None},
        {"draw": {"groups": [[1, 2]]}},  # three places were shown
        {"draw": {"groups": [[1, 3], [2, 1]]}},  # a group of places that were not shown
        {"draw": {"groups": [[1, 0], [1, 3]]}},
        {"draw": {"groups": [[1]]}},
        {"draw": {"groups": [[1, 3, 4]], "weight": 2}},
        {"draw": {"groups": [[1, 3]], "weight": 0.5}},
        {"draw": {"groups": "x"}},
    ],
)
def test_a_draw_that_does_not_fit_its_list_counts_as_not_logged(fields: dict[str, Any]) -> None:
    assert parse_list_draw(fields, 3) is None
