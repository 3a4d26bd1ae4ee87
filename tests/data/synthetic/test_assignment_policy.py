from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.number_ranges import parse_range
from attune_fit.data.synthetic import assignment_policy
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.assignment_policy import (
    POLICY_WEIGHTS,
    compute_propensities,
    draw_episodes,
    has_eligible_therapist,
    is_eligible,
    iterate_blocks,
)
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.wishes import STRENGTH_WEIGHTS, WISH_OPTIONS, build_wish_table, has_wished_attributes
from attune_fit.data.synthetic.world import World

CLIENT_ROWS, ROSTER = np.arange(150), 25


@pytest.fixture(scope="module")
def clients() -> People:
    return draw_clients(np.random.default_rng(1), 150)


@pytest.fixture(scope="module")
def therapists() -> People:
    return draw_therapists(np.random.default_rng(2), ROSTER, World())


def truth_of(clients: People, therapists: People, **world: Any) -> Truth:
    return Truth.draw(World(**world), clients, therapists, np.random.default_rng(9))


def split_codes(cell: object) -> set[str]:
    return set() if not isinstance(cell, str) else set(cell.split("|"))


def read_eligibility(clients: People, therapists: People) -> list[list[bool]]:
    """Read the eligibility from the tables, one pair at a time."""
    wishes = build_wish_table(clients, np.arange(len(clients)).astype(object)).groupby("client_id")
    wished = {client: list(rows.itertuples()) for client, rows in wishes}
    roster = therapists.to_frame("therapists").to_dict("records")
    return [
        [_is_eligible(client, therapist, wished.get(number, [])) for therapist in roster]
        for number, client in enumerate(clients.to_frame("clients").to_dict("records"))
    ]


def _is_eligible(client: dict[Any, Any], therapist: dict[Any, Any], wishes: list[Any]) -> bool:
    groups = split_codes(therapist["age_groups"])
    return (
        all(
            split_codes(client[ours]) & split_codes(therapist[theirs])
            for ours, theirs in assignment_policy.REQUIRED_OVERLAPS.items()
        )
        and not split_codes(client["presenting_problems"]) & split_codes(therapist["problems_not_taken"])
        and (not groups or any(_is_in_range(client["age"], group) for group in groups))
        and all(_has_value(therapist[wish.attribute], wish.value) for wish in wishes if wish.strength == "must")
        and not any(_has_value(therapist[wish.attribute], wish.value) for wish in wishes if wish.strength == "never")
    )


def _is_in_range(number: Any, group: str) -> bool:
    low, high = parse_range(group)
    return low <= float(number) <= high


def _has_value(cell: object, value: str) -> bool:
    return _is_in_range(cell, value) if isinstance(cell, float) else value in split_codes(cell)


def test_eligibility_agrees_with_a_slow_reading_of_the_tables(clients: People, therapists: People) -> None:
    assert is_eligible(clients, therapists).tolist() == read_eligibility(clients, therapists)


def test_a_quarter_to_three_fifths_of_the_roster_is_eligible_for_a_client(clients: People, therapists: People) -> None:
    assert 0.25 < is_eligible(clients, therapists).mean() < 0.6


def test_no_therapist_is_eligible_at_another_site(clients: People, therapists: People) -> None:
    ours, theirs = np.arange(150) % 3, np.arange(ROSTER) % 3
    apart = is_eligible(clients.assign(site=ours), therapists.assign(site=theirs))
    assert (apart == (is_eligible(clients, therapists) & (ours[:, None] == theirs))).all()


def test_clients_with_an_eligible_therapist_are_the_same_in_blocks(
    clients: People, therapists: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 30)
    two_therapists = therapists.take(np.array([3, 8]))
    assert (
        has_eligible_therapist(clients, two_therapists).tolist()
        == is_eligible(clients, two_therapists).any(axis=1).tolist()
    )
    assert 0 < has_eligible_therapist(clients, two_therapists).mean() < 1


@pytest.mark.parametrize("meetings", POLICY_WEIGHTS)
@pytest.mark.parametrize("changes", [{}, {"confounding": 1.0, "insight": 1.0}], ids=["plain", "confounded"])
def test_propensities_add_up_to_one_over_eligible_therapists(
    meetings: str, changes: dict[str, float], clients: People, therapists: People
) -> None:
    chance = compute_propensities(truth_of(clients, therapists, meetings=meetings, **changes), CLIENT_ROWS)
    eligible = is_eligible(clients, therapists)
    assert chance.sum(axis=1) == pytest.approx(eligible.any(axis=1).astype(float))
    assert ((chance > 0) == eligible).all()


@pytest.mark.parametrize("meetings", POLICY_WEIGHTS)
def test_meetings_come_about_as_often_as_their_probability_says(
    meetings: str, clients: People, therapists: People
) -> None:
    repeated = truth_of(clients.take(np.full(20_000, 3)), therapists, meetings=meetings, mix="null", insight=1.0)
    episodes = draw_episodes(np.random.default_rng(3), repeated, np.arange(20_000))
    each = compute_propensities(repeated, np.arange(20_000))
    assert np.bincount(episodes["therapist_row"], minlength=ROSTER) / 20_000 == pytest.approx(
        each.mean(axis=0), abs=0.015
    )
    assert episodes["probability"].to_numpy() == pytest.approx(each[episodes["client_row"], episodes["therapist_row"]])


def test_at_random_all_eligible_therapists_are_equally_likely(clients: People, therapists: People) -> None:
    eligible = is_eligible(clients, therapists)
    chance = compute_propensities(truth_of(clients, therapists, meetings="random"), CLIENT_ROWS)
    assert chance[eligible] == pytest.approx((eligible / np.maximum(eligible.sum(axis=1, keepdims=True), 1))[eligible])


def test_a_client_without_eligible_therapist_meets_no_therapist(clients: People, therapists: People) -> None:
    without_region = clients.assign(region=np.zeros_like(clients["region"]))
    truth = truth_of(without_region, therapists)
    assert draw_episodes(np.random.default_rng(3), truth, CLIENT_ROWS).empty
    assert (compute_propensities(truth, CLIENT_ROWS) == 0).all()
    assert draw_episodes(np.random.default_rng(3), truth, CLIENT_ROWS[:0]).empty


def test_a_coordinator_leans_towards_the_main_problem_and_wishes(clients: People, therapists: People) -> None:
    focus = therapists["specialties"][:, clients["main"]].T
    steered, unsteered = (
        compute_propensities(truth_of(clients, therapists, coordinator=by), CLIENT_ROWS) for by in (1.5, 0.0)
    )
    assert (steered * focus).sum() > 1.1 * (unsteered * focus).sum()
    by_slots = compute_propensities(truth_of(clients, therapists, meetings="availability"), CLIENT_ROWS)
    assert unsteered == pytest.approx(by_slots)


def test_self_selection_depends_on_wishes_and_not_on_slots(clients: People, therapists: People) -> None:
    prefer, wish = 2, WISH_OPTIONS.index(("orientations", "cbt"))
    no_wishes = np.zeros_like(clients["wishes"])
    with_one_wish = no_wishes.copy()
    with_one_wish[:, wish] = prefer
    has = has_wished_attributes(therapists)[:, wish]
    with_wish, without = (
        compute_propensities(
            truth_of(clients.assign(wishes=wishes), therapists, meetings="wishes", self_selection=2.0), CLIENT_ROWS
        )
        for wishes in (with_one_wish, no_wishes)
    )
    eligible = without > 0
    assert without[eligible] == pytest.approx((eligible / np.maximum(eligible.sum(axis=1, keepdims=True), 1))[eligible])
    both = (eligible & has).any(axis=1) & (eligible & ~has).any(axis=1)
    odds = (
        np.where(eligible & has, with_wish, 0).max(axis=1)[both]
        / np.where(eligible & ~has, with_wish, 0).max(axis=1)[both]
    )
    assert both.any()
    assert odds == pytest.approx(np.exp(2.0 * STRENGTH_WEIGHTS[prefer]))


def test_the_more_confounded_the_more_hard_clients_go_to_strong_therapists(clients: People, therapists: People) -> None:
    expected = []
    for confounding in (-2.0, 0.0, 2.0):
        truth = truth_of(clients, therapists, meetings="random", confounding=confounding)
        expected_level = compute_propensities(truth, CLIENT_ROWS) @ truth.therapist
        expected.append(np.corrcoef(expected_level, truth.client)[0, 1])
    assert expected[0] > 0.6
    assert expected[2] < -0.6
    assert abs(expected[1]) < 4 / np.sqrt(150)


def test_the_more_insight_the_better_the_pairs(clients: People, therapists: People) -> None:
    mean_effects = []
    for insight in (0.0, 1.0, 3.0):
        truth = truth_of(clients, therapists, meetings="random", insight=insight)
        pair_parts = truth.compute_parts(CLIENT_ROWS[:, None], np.arange(ROSTER)[None, :])
        mean_effects.append(
            (compute_propensities(truth, CLIENT_ROWS) * (pair_parts.fit + pair_parts.chemistry)).sum() / 150
        )
    assert mean_effects[0] == pytest.approx(
        0, abs=4 * np.sqrt(0.4 / (150 * 8))
    )  # about eight therapists are eligible for each client
    assert mean_effects[2] > mean_effects[1] + 0.1 > mean_effects[0] + 0.4


def test_insight_into_pairs_that_do_not_differ_changes_nothing(clients: People, therapists: People) -> None:
    with_insight, without = (
        compute_propensities(truth_of(clients, therapists, mix="null", fit=0, dyad=0, insight=insight), CLIENT_ROWS)
        for insight in (3.0, 0.0)
    )
    assert with_insight == pytest.approx(without)


def compute_slowly(chance: np.ndarray, episodes: pd.DataFrame) -> list[float]:
    """Compute the probability of each episode given the turns before, one client at a time."""
    probabilities = []
    for client, client_episodes in episodes.groupby("client_row"):
        remaining = dict(enumerate(chance[int(str(client))]))
        for therapist in client_episodes.sort_values("turn")["therapist_row"]:
            total = sum(remaining.values())
            probabilities.append(remaining.pop(therapist) / total)
    return probabilities


@pytest.mark.parametrize("meetings", POLICY_WEIGHTS)
def test_therapists_are_drawn_without_replacement_turn_by_turn(
    meetings: str, clients: People, therapists: People
) -> None:
    truth = truth_of(clients, therapists, meetings=meetings, therapists_each=3, insight=0.5)
    episodes = draw_episodes(np.random.default_rng(5), truth, CLIENT_ROWS)
    assert not episodes.duplicated(["client_row", "therapist_row"]).any()
    enough = np.minimum(is_eligible(clients, therapists).sum(axis=1), 3)
    turns = episodes.groupby("client_row")["turn"].agg(list)
    assert turns.tolist() == [list(range(count)) for count in enough if count]
    assert episodes["probability"].tolist() == pytest.approx(
        compute_slowly(compute_propensities(truth, CLIENT_ROWS), episodes)
    )


def test_the_second_turn_is_as_frequent_as_its_probability(clients: People, therapists: People) -> None:
    repeated = truth_of(clients.take(np.full(20_000, 3)), therapists, mix="null", therapists_each=2)
    episodes = draw_episodes(np.random.default_rng(6), repeated, np.arange(20_000))
    chance = compute_propensities(repeated, np.arange(1))[0]
    second = chance * sum(np.where(np.arange(ROSTER) == one, 0, p / (1 - p)) for one, p in enumerate(chance) if p)
    frequency = np.bincount(episodes["therapist_row"][episodes["turn"] == 1], minlength=ROSTER) / 20_000
    assert frequency == pytest.approx(second, abs=0.015)


def test_blocks_cover_every_client_once_and_change_nothing(
    clients: People, therapists: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = truth_of(clients, therapists, therapists_each=2, insight=1.0, confounding=1.0)
    some_rows = np.arange(20, 150)
    one_block = draw_episodes(np.random.default_rng(4), truth, some_rows)
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 200)
    several_blocks = draw_episodes(np.random.default_rng(4), truth, some_rows)
    assert np.concatenate(list(iterate_blocks(150, ROSTER))).tolist() == list(range(150))
    assert max(len(block) for block in iterate_blocks(150, ROSTER)) == 8
    pd.testing.assert_frame_equal(one_block, several_blocks)
    assert set(one_block["client_row"]) <= set(some_rows)
