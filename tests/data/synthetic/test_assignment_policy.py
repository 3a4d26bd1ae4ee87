from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.number_ranges import parse_range
from attune_fit.data.synthetic import assignment_policy
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.assignment_policy import (POLICY_WEIGHTS, compute_propensities, draw_episodes, has_eligible_therapist, is_eligible, iterate_blocks)
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.wishes import STRENGTH_WEIGHTS, WISH_OPTIONS, build_wish_table, has_wished_attributes
from attune_fit.data.synthetic.world import World

EVERYBODY, ROSTER = np.arange(150), 25


@pytest.fixture(scope="module")
def clients() -> People:
    return draw_clients(np.random.default_rng(1), 150)


@pytest.fixture(scope="module")
def therapists() -> People:
    return draw_therapists(np.random.default_rng(2), ROSTER, World())


def truth_of(clients: People, therapists: People, **world: Any) -> Truth:
    return Truth.draw(World(**world), clients, therapists, np.random.default_rng(9))


def parts(cell: object) -> set[str]:
    return set() if not isinstance(cell, str) else set(cell.split("|"))


def by_reading(clients: People, therapists: People) -> list[list[bool]]:
    """Who may see whom, read off the tables one pair at a time."""
    wishes = build_wish_table(clients, np.arange(len(clients)).astype(object)).groupby("client_id")
    wished = {client: list(rows.itertuples()) for client, rows in wishes}
    roster = therapists.to_frame("therapists").to_dict("records")
    return [
        [_may(client, therapist, wished.get(number, [])) for therapist in roster]
        for number, client in enumerate(clients.to_frame("clients").to_dict("records"))
    ]


def _may(client: dict[Any, Any], therapist: dict[Any, Any], wishes: list[Any]) -> bool:
    groups = parts(therapist["age_groups"])
    return (
        all(
            parts(client[ours]) & parts(therapist[theirs])
            for ours, theirs in assignment_policy.REQUIRED_OVERLAPS.items()
        )
        and not parts(client["presenting_problems"]) & parts(therapist["problems_not_taken"])
        and (not groups or any(_inside(client["age"], group) for group in groups))
        and all(_meets(therapist[wish.attribute], wish.value) for wish in wishes if wish.strength == "must")
        and not any(_meets(therapist[wish.attribute], wish.value) for wish in wishes if wish.strength == "never")
    )


def _inside(number: Any, group: str) -> bool:
    low, high = parse_range(group)
    return low <= float(number) <= high


def _meets(cell: object, value: str) -> bool:
    return _inside(cell, value) if isinstance(cell, float) else value in parts(cell)


def test_who_may_see_whom_agrees_with_reading_the_tables(clients: People, therapists: People) -> None:
    assert is_eligible(clients, therapists).tolist() == by_reading(clients, therapists)


def test_a_third_to_a_half_of_the_roster_may_see_a_client(clients: People, therapists: People) -> None:
    assert 0.25 < is_eligible(clients, therapists).mean() < 0.6


def test_nobody_may_see_a_therapist_of_another_site(clients: People, therapists: People) -> None:
    ours, theirs = np.arange(150) % 3, np.arange(ROSTER) % 3
    apart = is_eligible(clients.assign(site=ours), therapists.assign(site=theirs))
    assert (apart == (is_eligible(clients, therapists) & (ours[:, None] == theirs))).all()


def test_whom_anybody_may_see_is_found_block_by_block(
    clients: People, therapists: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 30)
    few = therapists.take(np.array([3, 8]))
    assert has_eligible_therapist(clients, few).tolist() == is_eligible(clients, few).any(axis=1).tolist()
    assert 0 < has_eligible_therapist(clients, few).mean() < 1


@pytest.mark.parametrize("meetings", POLICY_WEIGHTS)
@pytest.mark.parametrize("besides", [{}, {"confounding": 1.0, "insight": 1.0}], ids=["plain", "confounded"])
def test_chances_add_up_to_one_over_those_who_may(
    meetings: str, besides: dict[str, float], clients: People, therapists: People
) -> None:
    chance = compute_propensities(truth_of(clients, therapists, meetings=meetings, **besides), EVERYBODY)
    may = is_eligible(clients, therapists)
    assert chance.sum(axis=1) == pytest.approx(may.any(axis=1).astype(float))
    assert ((chance > 0) == may).all()


@pytest.mark.parametrize("meetings", POLICY_WEIGHTS)
def test_meetings_come_about_as_often_as_their_probability_says(
    meetings: str, clients: People, therapists: People
) -> None:
    often = truth_of(clients.take(np.full(20_000, 3)), therapists, meetings=meetings, mix="null", insight=1.0)
    met = draw_episodes(np.random.default_rng(3), often, np.arange(20_000))
    each = compute_propensities(often, np.arange(20_000))
    assert np.bincount(met["therapist_row"], minlength=ROSTER) / 20_000 == pytest.approx(each.mean(axis=0), abs=0.015)
    assert met["probability"].to_numpy() == pytest.approx(each[met["client_row"], met["therapist_row"]])


def test_by_lot_everybody_who_may_is_as_likely_as_another(clients: People, therapists: People) -> None:
    may = is_eligible(clients, therapists)
    chance = compute_propensities(truth_of(clients, therapists, meetings="random"), EVERYBODY)
    assert chance[may] == pytest.approx((may / np.maximum(may.sum(axis=1, keepdims=True), 1))[may])


def test_who_nobody_may_see_meets_nobody(clients: People, therapists: People) -> None:
    nowhere = clients.assign(region=np.zeros_like(clients["region"]))
    truth = truth_of(nowhere, therapists)
    assert draw_episodes(np.random.default_rng(3), truth, EVERYBODY).empty
    assert (compute_propensities(truth, EVERYBODY) == 0).all()
    assert draw_episodes(np.random.default_rng(3), truth, EVERYBODY[:0]).empty


def test_a_coordinator_leans_towards_the_main_problem_and_wishes(clients: People, therapists: People) -> None:
    focus = therapists["specialties"][:, clients["main"]].T
    leaning, not_leaning = (
        compute_propensities(truth_of(clients, therapists, coordinator=by), EVERYBODY) for by in (1.5, 0.0)
    )
    assert (leaning * focus).sum() > 1.1 * (not_leaning * focus).sum()
    by_slots = compute_propensities(truth_of(clients, therapists, meetings="availability"), EVERYBODY)
    assert not_leaning == pytest.approx(by_slots)


def test_clients_who_choose_do_not_care_for_slots_and_care_for_wishes(clients: People, therapists: People) -> None:
    prefer, wish = 2, WISH_OPTIONS.index(("orientations", "cbt"))
    nobody = np.zeros_like(clients["wishes"])
    wanted = nobody.copy()
    wanted[:, wish] = prefer
    has = has_wished_attributes(therapists)[:, wish]
    with_wish, without = (
        compute_propensities(
            truth_of(clients.assign(wishes=wishes), therapists, meetings="wishes", self_selection=2.0), EVERYBODY
        )
        for wishes in (wanted, nobody)
    )
    may = without > 0
    assert without[may] == pytest.approx((may / np.maximum(may.sum(axis=1, keepdims=True), 1))[may])
    both = (may & has).any(axis=1) & (may & ~has).any(axis=1)
    odds = np.where(may & has, with_wish, 0).max(axis=1)[both] / np.where(may & ~has, with_wish, 0).max(axis=1)[both]
    assert both.any()
    assert odds == pytest.approx(np.exp(2.0 * STRENGTH_WEIGHTS[prefer]))


def test_the_more_confounded_the_more_hard_clients_go_to_strong_therapists(clients: People, therapists: People) -> None:
    expected = []
    for confounding in (-2.0, 0.0, 2.0):
        truth = truth_of(clients, therapists, meetings="random", confounding=confounding)
        given = compute_propensities(truth, EVERYBODY) @ truth.therapist
        expected.append(np.corrcoef(given, truth.client)[0, 1])
    assert expected[0] > 0.6
    assert expected[2] < -0.6
    assert abs(expected[1]) < 4 / np.sqrt(150)


def test_the_more_insight_the_better_the_pairs(clients: People, therapists: People) -> None:
    suits = []
    for insight in (0.0, 1.0, 3.0):
        truth = truth_of(clients, therapists, meetings="random", insight=insight)
        own = truth.compute_parts(EVERYBODY[:, None], np.arange(ROSTER)[None, :])
        suits.append((compute_propensities(truth, EVERYBODY) * (own.fit + own.chemistry)).sum() / 150)
    assert suits[0] == pytest.approx(0, abs=4 * np.sqrt(0.4 / (150 * 8)))  # about eight may see each
    assert suits[2] > suits[1] + 0.1 > suits[0] + 0.4


def test_insight_into_pairs_that_do_not_differ_changes_nothing(clients: People, therapists: People) -> None:
    with_eye, without = (
        compute_propensities(truth_of(clients, therapists, mix="null", fit=0, dyad=0, insight=insight), EVERYBODY)
        for insight in (3.0, 0.0)
    )
    assert with_eye == pytest.approx(without)


def by_turns(chance: np.ndarray, met: pd.DataFrame) -> list[float]:
    """The probability of each meeting given the turns before it, one client at a time."""
    found = []
    for client, episodes in met.groupby("client_row"):
        left = dict(enumerate(chance[int(str(client))]))
        for therapist in episodes.sort_values("turn")["therapist_row"]:
            total = sum(left.values())
            found.append(left.pop(therapist) / total)
    return found


@pytest.mark.parametrize("meetings", POLICY_WEIGHTS)
def test_who_meets_several_meets_nobody_twice_and_each_turn_knows_those_before(
    meetings: str, clients: People, therapists: People
) -> None:
    truth = truth_of(clients, therapists, meetings=meetings, therapists_each=3, insight=0.5)
    met = draw_episodes(np.random.default_rng(5), truth, EVERYBODY)
    assert not met.duplicated(["client_row", "therapist_row"]).any()
    enough = np.minimum(is_eligible(clients, therapists).sum(axis=1), 3)
    turns = met.groupby("client_row")["turn"].agg(list)
    assert turns.tolist() == [list(range(count)) for count in enough if count]
    assert met["probability"].tolist() == pytest.approx(by_turns(compute_propensities(truth, EVERYBODY), met))


def test_the_second_turn_comes_about_as_often_as_its_probability_says(clients: People, therapists: People) -> None:
    often = truth_of(clients.take(np.full(20_000, 3)), therapists, mix="null", therapists_each=2)
    met = draw_episodes(np.random.default_rng(6), often, np.arange(20_000))
    chance = compute_propensities(often, np.arange(1))[0]
    second = chance * sum(np.where(np.arange(ROSTER) == one, 0, p / (1 - p)) for one, p in enumerate(chance) if p)
    seen = np.bincount(met["therapist_row"][met["turn"] == 1], minlength=ROSTER) / 20_000
    assert seen == pytest.approx(second, abs=0.015)


def test_blocks_cover_every_client_once_and_change_nothing(
    clients: People, therapists: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = truth_of(clients, therapists, therapists_each=2, insight=1.0, confounding=1.0)
    some = np.arange(20, 150)
    whole = draw_episodes(np.random.default_rng(4), truth, some)
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 200)
    pieces = draw_episodes(np.random.default_rng(4), truth, some)
    assert np.concatenate(list(iterate_blocks(150, ROSTER))).tolist() == list(range(150))
    assert max(len(block) for block in iterate_blocks(150, ROSTER)) == 8
    pd.testing.assert_frame_equal(whole, pieces)
    assert set(whole["client_row"]) <= set(some)
