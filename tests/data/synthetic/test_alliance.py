import numpy as np
import pytest

from data.instruments import WAI_SR
from data.synthetic.alliance import AT_INTAKE, Truth
from data.synthetic.clients import draw_clients
from data.synthetic.clinic import Simulated
from data.synthetic.form import expected_points
from data.synthetic.people import everyone
from data.synthetic.therapists import draw_therapists
from data.synthetic.world import MIXES, World

PUT_IN = [(mix, fit) for mix in MIXES for fit in (0.05, 0.20)]


def truth_of(clients: int, therapists: int, world: World, seed: int = 21) -> Truth:
    rng = np.random.default_rng(seed)
    return Truth.of(world, draw_clients(rng, clients), draw_therapists(rng, therapists, world), rng)


@pytest.mark.parametrize(("mix", "fit"), PUT_IN)
def test_the_shares_put_in_come_out_over_random_pairs(mix: str, fit: float) -> None:
    world = World(mix=mix, fit=fit)
    truth = truth_of(1_500, 600, world)
    parts = truth.parts(*everyone(truth.clients, truth.therapists))
    assert parts.client.var() == pytest.approx(world.client, rel=4 * np.sqrt(2 / 1_500))
    assert parts.therapist.var() == pytest.approx(world.therapist, rel=4 * np.sqrt(2 / 600))
    assert parts.fit.var() == pytest.approx(world.pair, rel=0.12)


@pytest.mark.parametrize("mix", MIXES)
def test_fit_says_nothing_of_a_client_or_a_therapist_in_general(mix: str) -> None:
    world = World(mix=mix, fit=0.2)
    fit = truth_of(800, 400, world).parts(np.arange(800)[:, None], np.arange(400)[None, :]).fit
    chance = 1 / 400 + 1 / 150 + 1 / 800  # of means over a roster and over the population
    assert fit.mean(axis=1).var() <= 2 * chance * world.pair
    assert fit.mean(axis=0).var() <= 2 * chance * world.pair


def test_a_null_world_has_no_pair_variance_and_two_therapists_differ_by_their_own_part_only() -> None:
    truth = truth_of(50, 8, World(mix="null", fit=0.3))
    parts = truth.parts(*everyone(truth.clients, truth.therapists))
    assert (parts.fit == 0).all()
    between = parts.client + parts.therapist
    assert np.allclose(between - between[:1], parts.client - parts.client[:1])


def test_therapists_without_a_share_do_not_differ() -> None:
    assert truth_of(20, 50, World(therapist=0)).therapist == pytest.approx(0)


def test_intake_goes_with_the_clients_part_as_published() -> None:
    world = World()
    truth = truth_of(60_000, 2, world)
    for name, column in AT_INTAKE.items():
        seen = np.cov(truth.client, truth.clients.standard(column))[0, 1]
        assert seen == pytest.approx(getattr(world, name), abs=0.015)


def test_intake_explains_two_to_six_percent() -> None:
    truth = truth_of(60_000, 2, World())
    intake = np.stack([np.ones(60_000), *(truth.clients[column] for column in AT_INTAKE.values())], axis=1)
    fitted = intake @ np.linalg.lstsq(intake, truth.client, rcond=None)[0]
    assert 0.02 < fitted.var() < 0.06


def test_a_small_clients_part_is_kept_small() -> None:
    truth = truth_of(5_000, 2, World(fit=0.72))
    assert World(fit=0.72).client == 0
    assert truth.client == pytest.approx(0, abs=1e-9)


def test_observed_skill_tells_its_share_of_the_therapists_part() -> None:
    truth = truth_of(2, 5_000, World(mix="null", skill=0.25))
    assert np.corrcoef(truth.therapist, truth.therapists["skill"])[0, 1] ** 2 == pytest.approx(0.25, abs=0.04)


def test_parts_add_up_to_what_the_form_is_expected_to_show(clinic: Simulated) -> None:
    rows = np.arange(50)[:, None], np.arange(60)[None, :]
    parts = clinic.truth.parts(*rows)
    shown = clinic.truth.expected(*rows)
    assert shown == pytest.approx(WAI_SR.pomp(expected_points(clinic.truth.world, np.sum(parts, axis=0))))
    assert 0 < shown.min() < shown.max() < 100


def test_everyone_with_everyone_agrees_with_one_by_one(clinic: Simulated) -> None:
    c, t = np.array([5, 17, 2_999]), np.array([0, 59])
    cross = clinic.truth.expected(c[:, None], t[None, :])
    assert clinic.truth.expected(np.repeat(c, 2), np.tile(t, 3)) == pytest.approx(cross.ravel())


def test_a_pairs_truth_does_not_depend_on_who_else_is_there(clinic: Simulated) -> None:
    few = clinic.truth.take(np.array([7, 3]), np.array([40, 2, 9]))
    here, there = few.expected(*everyone(2, 3)), clinic.truth.expected(*everyone(3_000, 60))
    assert here == pytest.approx(there[np.ix_([7, 3], [40, 2, 9])])


def test_what_carriers_give_a_therapist_in_general_counts_with_the_therapist() -> None:
    truth = truth_of(2, 3_000, World(mix="problems"))
    assert np.corrcoef(truth.therapist, truth.therapist_general)[0, 1] > 0.3
