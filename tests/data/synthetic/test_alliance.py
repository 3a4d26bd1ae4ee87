import numpy as np
import pytest
from scipy.stats import skew

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.alliance import (
    RECORD_SPAN_DAYS,
    TrueAllianceParts,
    Truth,
    build_episodes,
    compute_fading_factor,
)
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.effect_draws import INTAKE_COLUMNS
from attune_fit.data.synthetic.people import build_cross_rows
from attune_fit.data.synthetic.questionnaire import compute_expected_points
from attune_fit.data.synthetic.simulate import SimulatedClinic
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.world import MIXES, World

CASES = [(mix, fit) for mix in MIXES for fit in (0.05, 0.20)]
DAYS = np.array(
    [0.0, RECORD_SPAN_DAYS / 4, RECORD_SPAN_DAYS / 2, RECORD_SPAN_DAYS, RECORD_SPAN_DAYS + 200]
)  # days since referral


def draw_truth(clients: int, therapists: int, world: World, seed: int = 21) -> Truth:
    """Draw the truth of people, with referral days from ``DAYS`` and sites in rotation."""
    rng = np.random.default_rng(seed)
    people, roster = draw_clients(rng, clients), draw_therapists(rng, therapists, world)
    people = people.assign(days_ago=np.resize(DAYS, clients), site=np.arange(clients) % world.sites)
    return Truth.draw(world, people, roster, rng)


@pytest.fixture(scope="module")
def large_truth() -> Truth:
    """Many clients in a null world, where no carrier has to be computed."""
    return draw_truth(60_000, 2, World(mix="null"))


@pytest.mark.parametrize(("mix", "fit"), CASES)
def test_the_variance_components_of_random_pairs_are_those_of_the_world(mix: str, fit: float) -> None:
    world = World(mix=mix, fit=fit)
    truth = draw_truth(1_500, 600, world)
    parts = truth.compute_parts(*build_cross_rows(truth.clients, truth.therapists))
    assert parts.client.var() == pytest.approx(world.client, rel=4 * np.sqrt(2 / 1_500))
    assert parts.therapist.var() == pytest.approx(world.therapist, rel=4 * np.sqrt(2 / 600))
    assert parts.fit.var() == pytest.approx(world.effective_fit, rel=0.12)
    assert parts.chemistry.var() == pytest.approx(world.dyad - fit, rel=4 * np.sqrt(2 / (1_500 * 600)))


@pytest.mark.parametrize("mix", MIXES)
def test_fit_has_no_main_effect_of_client_or_therapist(mix: str) -> None:
    world = World(mix=mix, fit=0.2)
    fit = draw_truth(800, 400, world).compute_parts(np.arange(800)[:, None], np.arange(400)[None, :]).fit
    chance = 1 / 400 + 1 / 150 + 1 / 800  # variance of means over a roster and over the population
    assert fit.mean(axis=1).var() <= 2 * chance * world.effective_fit
    assert fit.mean(axis=0).var() <= 2 * chance * world.effective_fit


def test_a_negative_share_reverses_a_carrier() -> None:
    positive, negative = (
        draw_truth(60, 9, World(carriers=(("style", share),))).compute_parts(*build_cross_rows(60, 9)).fit
        for share in (1.0, -1.0)
    )
    assert negative == pytest.approx(-positive)
    assert positive.std() > 0.1


def test_a_null_world_has_no_pair_variance_and_two_therapists_differ_by_their_own_part_only() -> None:
    truth = draw_truth(50, 8, World(mix="null", fit=0.3, dyad=0.3))
    parts = truth.compute_parts(*build_cross_rows(truth.clients, truth.therapists))
    assert (parts.fit == 0).all()
    assert (parts.chemistry == 0).all()
    between = parts.client + parts.therapist
    assert np.allclose(between - between[:1], parts.client - parts.client[:1])


def test_therapists_without_a_share_do_not_differ() -> None:
    assert draw_truth(20, 50, World(therapist=0)).therapist == pytest.approx(0)


def test_intake_correlates_with_the_client_part_as_published(large_truth: Truth) -> None:
    for name, column in INTAKE_COLUMNS.items():
        covariance = np.cov(large_truth.client, large_truth.clients.standardize(column))[0, 1]
        assert covariance == pytest.approx(getattr(large_truth.world, name), abs=0.015)


def test_intake_explains_two_to_six_percent(large_truth: Truth) -> None:
    intake = np.stack([np.ones(60_000), *(large_truth.clients[column] for column in INTAKE_COLUMNS.values())], axis=1)
    predicted = intake @ np.linalg.lstsq(intake, large_truth.client, rcond=None)[0]
    assert 0.02 < predicted.var() < 0.06


def test_a_small_clients_part_is_kept_small() -> None:
    world = World(dyad=0.72)
    truth = draw_truth(5_000, 2, world)
    assert world.client == 0
    assert truth.client == pytest.approx(0, abs=1e-9)


def test_observed_skill_explains_its_share_of_the_therapist_part() -> None:
    truth = draw_truth(2, 5_000, World(mix="null", skill=0.25))
    assert np.corrcoef(truth.therapist, truth.therapists["skill"])[0, 1] ** 2 == pytest.approx(0.25, abs=0.04)


def test_the_sum_of_parts_gives_the_expected_alliance(clinic: SimulatedClinic) -> None:
    rows = np.arange(50)[:, None], np.arange(60)[None, :]
    parts = clinic.truth.compute_parts(*rows)
    expected = clinic.truth.compute_expected_alliance(*rows)
    assert expected == pytest.approx(WAI_SR.pomp(compute_expected_points(clinic.truth.world, np.sum(parts, axis=0))))
    assert 0 < expected.min() < expected.max() < 100


@pytest.mark.parametrize("world", [World(), World(occasion=0.05), World(spread=2.0)])
def test_the_interpolated_points_equal_the_exact_points(world: World) -> None:
    alliance, none = np.random.default_rng(1).uniform(-6, 6, 500), np.zeros(500)
    expected, truth = WAI_SR.pomp(compute_expected_points(world, alliance)), draw_truth(2, 2, world)
    assert truth.convert_parts_to_pomp(
        TrueAllianceParts(alliance / 2, none, alliance / 4, alliance / 4)
    ) == pytest.approx(expected, abs=1e-4)


def test_the_reachable_alliance_is_the_mean_over_all_possible_chemistry(clinic: SimulatedClinic) -> None:
    truth, rows = clinic.truth, (np.arange(12), np.arange(12) * 5)
    predictable = sum(truth.compute_parts(*rows)[:3], np.zeros(1))
    chemistry = np.sqrt(truth.world.chemistry) * np.random.default_rng(1).standard_normal((20_000, 1))
    slow = WAI_SR.pomp(compute_expected_points(truth.world, predictable + chemistry))
    error = slow.std(axis=0).max() / np.sqrt(20_000)
    assert truth.compute_expected_alliance(*rows, chemistry=False) == pytest.approx(slow.mean(axis=0), abs=4 * error)
    assert np.abs(truth.compute_expected_alliance(*rows) - slow.mean(axis=0)).max() > 20 * error


def test_all_pairs_at_once_equal_listed_pairs(clinic: SimulatedClinic) -> None:
    c, t = np.array([5, 17, 2_999]), np.array([0, 59])
    cross = clinic.truth.compute_expected_alliance(c[:, None], t[None, :])
    assert clinic.truth.compute_expected_alliance(np.repeat(c, 2), np.tile(t, 3)) == pytest.approx(cross.ravel())


def test_the_truth_of_a_pair_does_not_depend_on_other_people(clinic: SimulatedClinic) -> None:
    subset = clinic.truth.take(np.array([7, 3]), np.array([40, 2, 9]))
    here, there = (
        subset.compute_expected_alliance(*build_cross_rows(2, 3)),
        clinic.truth.compute_expected_alliance(*build_cross_rows(3_000, 60)),
    )
    assert here == pytest.approx(there[np.ix_([7, 3], [40, 2, 9])])


def test_main_effects_of_carriers_are_in_the_therapist_part() -> None:
    truth = draw_truth(2, 1_000, World(mix="problems"))
    assert np.corrcoef(truth.therapist, truth.therapist_general)[0, 1] > 0.3


def test_the_unexplained_part_of_a_client_has_the_stated_skewness() -> None:
    world = World(mix="null", skew=-1.0, avoidance=0, anxiety=0, interpersonal=0, expectancy=0)
    client = draw_truth(60_000, 2, world).client
    assert skew(client) == pytest.approx(-1.0, abs=0.1)  # four standard errors of that gamma distribution
    assert client.var() == pytest.approx(world.client, rel=0.05)


def test_a_site_is_a_part_of_its_clients_part() -> None:
    world = World(mix="null", sites=50, site=0.2)
    truth = draw_truth(20_000, 50, world)
    level = np.array([truth.client[truth.clients["site"] == site].mean() for site in range(50)])
    within = truth.client - level[truth.clients["site"]]
    assert within.var() == pytest.approx(world.client - 0.2, rel=0.06)
    assert level.var() == pytest.approx(0.2, rel=4 * np.sqrt(2 / 49))
    one_site = draw_truth(20_000, 2, World(mix="null", site=0.2)).client
    assert one_site.var() == pytest.approx(World(mix="null").client, rel=4 * np.sqrt(2 / 20_000))


def test_the_level_of_a_drifting_clinic_rises_by_the_stated_sd_a_year() -> None:
    still, moving = (draw_truth(50, 3, World(drift=drift)) for drift in (0.0, 0.3))
    years_ago = still.clients["days_ago"] / 365.25
    rise, half_way = np.polyfit(RECORD_SPAN_DAYS / 2 / 365.25 - years_ago, moving.client - still.client, 1)
    assert rise == pytest.approx(0.3)
    assert half_way == pytest.approx(0)


def test_fit_fades_with_the_date_and_chemistry_does_not() -> None:
    before, after = (draw_truth(50, 3, World(fading=fading, fit=0.1)) for fading in (0.0, 1.5))
    first, then = (truth.compute_parts(*build_cross_rows(truth.clients, truth.therapists)) for truth in (before, after))
    factor = compute_fading_factor(after.world, after.clients["days_ago"])
    assert factor[:5] == pytest.approx([-0.5, -0.125, 0.25, 1.0, 1.0])  # DAYS: today to two years ago, and longer
    assert then.fit == pytest.approx(first.fit * factor[:, None])
    assert (then.chemistry == first.chemistry).all()


def test_episodes_are_sorted_by_client_and_turn() -> None:
    episodes = build_episodes(np.array([2, 0, 2]), np.array([5, 6, 7]), np.array([1, 0, 0]), np.array([0.1, 0.2, 0.3]))
    assert episodes.to_numpy().tolist() == [[0, 6, 0, 0.2], [2, 7, 0, 0.3], [2, 5, 1, 0.1]]


def test_episodes_with_an_excluded_person_are_removed() -> None:
    episodes = build_episodes(np.array([0, 1, 2]), np.array([4, 5, 4]), np.array([0, 0, 0]), np.array([0.1, 0.2, 0.3]))
    subset = draw_truth(4, 6, World()).with_episodes(episodes).take(np.array([2, 1, 3]), np.array([0, 4]))
    assert subset.episodes.to_numpy().tolist() == [[0, 1, 0, 0.3]]
