from typing import Any

import numpy as np
import pytest

from data.spans import span
from data.synthetic import policy
from data.synthetic.clients import draw_clients
from data.synthetic.people import People
from data.synthetic.policy import blocks, chances, eligible, meet
from data.synthetic.therapists import draw_therapists
from data.synthetic.wishes import wish_table
from data.synthetic.world import World


@pytest.fixture(scope="module")
def clients() -> People:
    return draw_clients(np.random.default_rng(1), 150)


@pytest.fixture(scope="module")
def therapists() -> People:
    return draw_therapists(np.random.default_rng(2), 25, World())


def parts(cell: object) -> set[str]:
    return set() if not isinstance(cell, str) else set(cell.split("|"))


def by_reading(clients: People, therapists: People) -> list[list[bool]]:
    """Who may see whom, read off the tables one pair at a time."""
    wishes = wish_table(clients, np.arange(len(clients)).astype(object)).groupby("client_id")
    wished = {client: list(rows.itertuples()) for client, rows in wishes}
    roster = therapists.frame("therapists").to_dict("records")
    return [
        [_may(client, therapist, wished.get(number, [])) for therapist in roster]
        for number, client in enumerate(clients.frame("clients").to_dict("records"))
    ]


def _may(client: dict[Any, Any], therapist: dict[Any, Any], wishes: list[Any]) -> bool:
    groups = parts(therapist["age_groups"])
    return (
        all(parts(client[ours]) & parts(therapist[theirs]) for ours, theirs in policy.MUST_SHARE.items())
        and not parts(client["presenting_problems"]) & parts(therapist["problems_not_taken"])
        and (not groups or any(_inside(client["age"], group) for group in groups))
        and all(_meets(therapist[wish.attribute], wish.value) for wish in wishes if wish.strength == "must")
        and not any(_meets(therapist[wish.attribute], wish.value) for wish in wishes if wish.strength == "never")
    )


def _inside(number: Any, group: str) -> bool:
    low, high = span(group)
    return low <= float(number) <= high


def _meets(cell: object, value: str) -> bool:
    return _inside(cell, value) if isinstance(cell, float) else value in parts(cell)


def test_who_may_see_whom_agrees_with_reading_the_tables(clients: People, therapists: People) -> None:
    assert eligible(clients, therapists).tolist() == by_reading(clients, therapists)


def test_a_third_to_a_half_of_the_roster_may_see_a_client(clients: People, therapists: People) -> None:
    assert 0.25 < eligible(clients, therapists).mean() < 0.6


def test_chances_add_up_to_one_over_those_who_may(clients: People, therapists: People) -> None:
    chance, may = chances(World(), clients, therapists), eligible(clients, therapists)
    assert chance.sum(axis=1) == pytest.approx(may.any(axis=1).astype(float))
    assert ((chance > 0) == may).all()


def test_meetings_come_about_as_often_as_their_probability_says(clients: People, therapists: People) -> None:
    one = clients.take(np.full(20_000, 3))
    rows, probability = meet(np.random.default_rng(3), World(), one, therapists)
    chance = chances(World(), clients, therapists)[3]
    assert np.bincount(rows, minlength=25) / 20_000 == pytest.approx(chance, abs=0.015)
    assert probability == pytest.approx(chance[rows])


def test_who_nobody_may_see_meets_nobody(clients: People, therapists: People) -> None:
    nowhere = People({**clients.columns, "region": np.zeros_like(clients["region"])})
    rows, probability = meet(np.random.default_rng(3), World(), nowhere, therapists)
    assert (rows == -1).all()
    assert (probability == 0).all()


def test_a_coordinator_leans_towards_the_main_problem_and_wishes(clients: People, therapists: People) -> None:
    focus = therapists["specialties"][:, clients["main"]].T
    leaning, not_leaning = (chances(World(coordinator=by), clients, therapists) for by in (1.5, 0.0))
    assert (leaning * focus).sum() > 1.1 * (not_leaning * focus).sum()


def test_blocks_cover_every_client_once_and_change_nothing(
    clients: People, therapists: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = meet(np.random.default_rng(4), World(), clients, therapists)
    monkeypatch.setattr(policy, "PAIRS", 200)
    pieces = meet(np.random.default_rng(4), World(), clients, therapists)
    assert np.concatenate(list(blocks(150, 25))).tolist() == list(range(150))
    assert max(len(block) for block in blocks(150, 25)) == 8
    assert whole[0].tolist() == pieces[0].tolist()
