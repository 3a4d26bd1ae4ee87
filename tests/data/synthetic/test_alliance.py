import numpy as np
import pytest
from scipy.stats import skew

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.alliance import (RECORD_SPAN_DAYS, TrueAllianceParts, Truth, build_episodes, compute_fading_factor)
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.effect_draws import INTAKE_COLUMNS
from attune_fit.data.synthetic.people import build_cross_rows
from attune_fit.data.synthetic.questionnaire import compute_expected_points
from attune_fit.data.synthetic.simulate import SimulatedClinic
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.world import MIXES, World

PUT_IN = [(mix, fit) for mix in MIXES for fit in (0.05, 0.20)]
DAYS = np.array(
    [0.0, RECORD_SPAN_DAYS / 4, RECORD_SPAN_DAYS / 2, RECORD_SPAN_DAYS, RECORD_SPAN_DAYS + 200]
)  # ago, of referral


def truth_of(clients: int, therapists: int, world: World, seed: int = 21) -> Truth:
    """The truth of people at one site each, their days of referral those of ``DAYS`` in turn."""
    rng = np.random.default_rng(seed)
    people, roster = draw_clients(rng, clients), draw_therapists(rng, therapists, world)
    people = people.assign(days_ago=np.resize(DAYS, clients), site=np.arange(clients) % world.sites)
    return Truth.draw(world, people, roster, rng)


@pytest.fixture(scope="module")
def many() -> Truth:
    """Many clients, in a world where no carrier has to be worked out for them."""
    return truth_of(60_000, 2, World(mix="null"))


@pytest.mark.parametrize(("mix", "fit"), PUT_IN)
def test_the_shares_put_in_come_out_over_random_pairs(mix: str, fit: float) -> None:
    world = World(mix=mix, fit=fit)
    truth = truth_of(1_500, 600, world)
    parts = truth.compute_parts(*build_cross_rows(truth.clients, truth.therapists))
    assert parts.client.var() == pytest.approx(world.client, rel=4 * np.sqrt(2 / 1_500))
    assert parts.therapist.var() == pytest.approx(world.therapist, rel=4 * np.sqrt(2 / 600))
    assert parts.fit.var() == pytest.approx(world.effective_fit, rel=0.12)
    assert parts.chemistry.var() == pytest.approx(world.dyad - fit, rel=4 * np.sqrt(2 / (1_500 * 600)))


@pytest.mark.parametrize("mix", MIXES)
def test_fit_says_nothing_of_a_client_or_a_therapist_in_general(mix: str) -> None:
    world = World(mix=mix, fit=0.2)
    fit = truth_of(800, 400, world).compute_parts(np.arange(800)[:, None], np.arange(400)[None, :]).fit
    chance = 1 / 400 + 1 / 150 + 1 / 800  # of means over a roster and over the population
    assert fit.mean(axis=1).var() <= 2 * chance * world.effective_fit
    assert fit.mean(axis=0).var() <= 2 * chance * world.effective_fit


def test_a_carrier_with_a_share_below_0_works_the_other_way_round() -> None:
    with_it, against = (
        truth_of(60, 9, World(carriers=(("style", share),))).compute_parts(*build_cross_rows(60, 9)).fit
        for share in (1.0, -1.0)
    )
    assert against == pytest.approx(-with_it)
    assert with_it.std() > 0.1


def test_a_null_world_has_no_pair_variance_and_two_therapists_differ_by_their_own_part_only() -> None:
    truth = truth_of(50, 8, World(mix="null", fit=0.3, dyad=0.3))
    parts = truth.compute_parts(*build_cross_rows(truth.clients, truth.therapists))
    assert (parts.fit == 0).all()
    assert (parts.chemistry == 0).all()
    between = parts.client + parts.therapist
    assert np.allclose(between - between[:1], parts.client - parts.client[:1])


def test_therapists_without_a_share_do_not_differ() -> None:
    assert truth_of(20, 50, World(therapist=0)).therapist == pytest.approx(0)


def test_intake_goes_with_the_clients_part_as_published(many: Truth) -> None:
    for name, column in INTAKE_COLUMNS.items():
        seen = np.cov(many.client, many.clients.standardize(column))[0, 1]
        assert seen == pytest.approx(getattr(many.world, name), abs=0.015)


def test_intake_explains_two_to_six_percent(many: Truth) -> None:
    intake = np.stack([np.ones(60_000), *(many.clients[column] for column in INTAKE_COLUMNS.values())], axis=1)
    fitted = intake @ np.linalg.lstsq(intake, many.client, rcond=None)[0]
    assert 0.02 < fitted.var() < 0.06


def test_a_small_clients_part_is_kept_small() -> None:
    world = World(dyad=0.72)
    truth = truth_of(5_000, 2, world)
    assert world.client == 0
    assert truth.client == pytest.approx(0, abs=1e-9)


def test_observed_skill_tells_its_share_of_the_therapists_part() -> None:
    truth = truth_of(2, 5_000, World(mix="null", skill=0.25))
    assert np.corrcoef(truth.therapist, truth.therapists["skill"])[0, 1] ** 2 == pytest.approx(0.25, abs=0.04)


def test_parts_add_up_to_what_the_form_is_expected_to_show(clinic: SimulatedClinic) -> None:
    rows = np.arange(50)[:, None], np.arange(60)[None, :]
    parts = clinic.truth.compute_parts(*rows)
    shown = clinic.truth.compute_expected_alliance(*rows)
    assert shown == pytest.approx(WAI_SR.pomp(compute_expected_points(clinic.truth.world, np.sum(parts, axis=0))))
    assert 0 < shown.min() < shown.max() < 100


@pytest.mark.parametrize("world", [World(), World(occasion=0.05), World(spread=2.0)])
def test_what_is_read_off_a_grid_is_what_the_form_is_expected_to_show(world: World) -> None:
    alliance, none = np.random.default_rng(1).uniform(-6, 6, 500), np.zeros(500)
    shown, truth = WAI_SR.pomp(compute_expected_points(world, alliance)), truth_of(2, 2, world)
    assert truth.convert_parts_to_pomp(
        TrueAllianceParts(alliance / 2, none, alliance / 4, alliance / 4)
    ) == pytest.approx(shown, abs=1e-4)


def test_what_may_be_reached_is_the_mean_over_every_chemistry_a_pair_might_have(clinic: SimulatedClinic) -> None:
    truth, rows = clinic.truth, (np.arange(12), np.arange(12) * 5)
    told = sum(truth.compute_parts(*rows)[:3], np.zeros(1))
    might = np.sqrt(truth.world.chemistry) * np.random.default_rng(1).standard_normal((20_000, 1))
    slow = WAI_SR.pomp(compute_expected_points(truth.world, told + might))
    error = slow.std(axis=0).max() / np.sqrt(20_000)
    assert truth.compute_expected_alliance(*rows, chemistry=False) == pytest.approx(slow.mean(axis=0), abs=4 * error)
    assert np.abs(truth.compute_expected_alliance(*rows) - slow.mean(axis=0)).max() > 20 * error


def test_everyone_with_everyone_agrees_with_one_by_one(clinic: SimulatedClinic) -> None:
    c, t = np.array([5, 17, 2_999]), np.array([0, 59])
    cross = clinic.truth.compute_expected_alliance(c[:, None], t[None, :])
    assert clinic.truth.compute_expected_alliance(np.repeat(c, 2), np.tile(t, 3)) == pytest.approx(cross.ravel())


def test_a_pairs_truth_does_not_depend_on_who_else_is_there(clinic: SimulatedClinic) -> None:
    few = clinic.truth.take(np.array([7, 3]), np.array([40, 2, 9]))
    here, there = (
        few.compute_expected_alliance(*build_cross_rows(2, 3)),
        clinic.truth.compute_expected_alliance(*build_cross_rows(3_000, 60)),
    )
    assert here == pytest.approx(there[np.ix_([7, 3], [40, 2, 9])])


def test_what_carriers_give_a_therapist_in_general_counts_with_the_therapist() -> None:
    truth = truth_of(2, 1_000, World(mix="problems"))
    assert np.corrcoef(truth.therapist, truth.therapist_general)[0, 1] > 0.3


def test_what_intake_does_not_tell_of_a_client_is_as_skewed_as_stated() -> None:
    world = World(mix="null", skew=-1.0, avoidance=0, anxiety=0, interpersonal=0, expectancy=0)
    client = truth_of(60_000, 2, world).client
    assert skew(client) == pytest.approx(-1.0, abs=0.1)  # four standard errors of that gamma distribution
    assert client.var() == pytest.approx(world.client, rel=0.05)


def test_a_site_is_a_part_of_its_clients_part() -> None:
    world = World(mix="null", sites=50, site=0.2)
    truth = truth_of(20_000, 50, world)
    level = np.array([truth.client[truth.clients["site"] == site].mean() for site in range(50)])
    within = truth.client - level[truth.clients["site"]]
    assert within.var() == pytest.approx(world.client - 0.2, rel=0.06)
    assert level.var() == pytest.approx(0.2, rel=4 * np.sqrt(2 / 49))
    alone = truth_of(20_000, 2, World(mix="null", site=0.2)).client
    assert alone.var() == pytest.approx(World(mix="null").client, rel=4 * np.sqrt(2 / 20_000))


def test_the_level_of_a_drifting_clinic_rises_by_the_stated_sd_a_year() -> None:
    still, moving = (truth_of(50, 3, World(drift=drift)) for drift in (0.0, 0.3))
    years_ago = still.clients["days_ago"] / 365.25
    rise, half_way = np.polyfit(RECORD_SPAN_DAYS / 2 / 365.25 - years_ago, moving.client - still.client, 1)
    assert rise == pytest.approx(0.3)
    assert half_way == pytest.approx(0)


def test_fit_fades_with_the_date_and_chemistry_does_not() -> None:
    before, after = (truth_of(50, 3, World(fading=fading, fit=0.1)) for fading in (0.0, 1.5))
    first, then = (truth.compute_parts(*build_cross_rows(truth.clients, truth.therapists)) for truth in (before, after))
    holds = compute_fading_factor(after.world, after.clients["days_ago"])
    assert holds[:5] == pytest.approx([-0.5, -0.125, 0.25, 1.0, 1.0])  # DAYS: today, ..., two years ago and longer
    assert then.fit == pytest.approx(first.fit * holds[:, None])
    assert (then.chemistry == first.chemistry).all()


def test_episodes_stand_in_the_order_of_clients_and_turns() -> None:
    met = build_episodes(np.array([2, 0, 2]), np.array([5, 6, 7]), np.array([1, 0, 0]), np.array([0.1, 0.2, 0.3]))
    assert met.to_numpy().tolist() == [[0, 6, 0, 0.2], [2, 7, 0, 0.3], [2, 5, 1, 0.1]]


def test_who_met_somebody_left_out_has_met_nobody() -> None:
    met = build_episodes(np.array([0, 1, 2]), np.array([4, 5, 4]), np.array([0, 0, 0]), np.array([0.1, 0.2, 0.3]))
    few = truth_of(4, 6, World()).with_episodes(met).take(np.array([2, 1, 3]), np.array([0, 4]))
    assert few.episodes.to_numpy().tolist() == [[0, 1, 0, 0.3]]
