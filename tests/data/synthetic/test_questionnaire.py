import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.questionnaire import (
    CHANCE_SHARES,
    compute_chance_sd,
    compute_expected_points,
    draw_answers,
)
from attune_fit.data.synthetic.world import World


def add_session_chance(world: World, alliance: Floats, seed: int = 1) -> Floats:
    """Add the chance of one session to alliance."""
    return alliance + compute_chance_sd(world, "session") * np.random.default_rng(seed).standard_normal(alliance.shape)


def simulate_early_mean(world: World, alliance: Floats) -> float:
    """Simulate the mean score of forms over the first three sessions, or fewer."""
    rng, means = np.random.default_rng(3), []
    for session in range(min(3, world.sessions)):
        chance = compute_chance_sd(world, "session") ** 2 + (world.first if session == 0 else 0.0)
        session_alliance = alliance + session * world.growth + np.sqrt(chance) * rng.standard_normal(alliance.shape)
        means.append(draw_answers(rng, world, session_alliance).mean())
    return float(np.mean(means))


@pytest.fixture(scope="module")
def forms() -> Floats:
    world, rng = World(), np.random.default_rng(4)
    return draw_answers(rng, world, add_session_chance(world, rng.normal(0, np.sqrt(1 - world.occasion), 30_000)))


def test_answers_are_options_of_the_form(forms: Floats) -> None:
    assert forms.shape == (30_000, WAI_SR.items)
    assert set(np.unique(forms)) == {1, 2, 3, 4, 5}


def test_items_hang_together_as_published(forms: Floats) -> None:
    k = WAI_SR.items
    alpha = k / (k - 1) * (1 - forms.var(axis=0).sum() / forms.sum(axis=1).var())
    assert alpha == pytest.approx(read_published_statistics()["wai_alpha"].value, abs=0.03)


def test_level_spread_and_skew_are_those_of_early_alliance(forms: Floats) -> None:
    score = forms.mean(axis=1)
    mean, sd = read_published_statistics()["early_alliance_mean"], read_published_statistics()["early_alliance_sd"]
    assert mean.low is not None
    assert mean.high is not None
    assert mean.low < score.mean() < mean.high
    assert score.std() == pytest.approx(sd.value, abs=0.05)
    assert ((score - score.mean()) ** 3).mean() / score.std() ** 3 < -0.4
    assert 0.04 < (score == 5).mean() < 0.20


def test_items_of_one_scale_go_together_more_than_others(forms: Floats) -> None:
    correlations = np.asarray(np.corrcoef(forms.T))
    task, bond = (np.array(WAI_SR.scales[name]) - 1 for name in ("task", "bond"))
    within = correlations[np.ix_(bond, bond)][~np.eye(4, dtype=bool)].mean()
    assert within > correlations[np.ix_(task, bond)].mean() + 0.03


def test_some_forms_hold_one_option_throughout() -> None:
    def same(share: float) -> float:
        world = World(straight_lining=share)
        answers = draw_answers(np.random.default_rng(2), world, np.zeros(20_000))
        return float((answers.min(axis=1) == answers.max(axis=1)).mean())

    assert same(1.0) == 1
    assert same(0.15) - same(0.0) == pytest.approx(0.15, abs=0.02)


@pytest.mark.parametrize("alliance", [-2.0, -1.0, 0.0, 1.0, 2.0])
@pytest.mark.parametrize("world", [World(), World(sessions=1), World(sessions=9, growth=0.2), World(profile=1.0)])
def test_expected_points_are_the_mean_of_many_early_forms(world: World, alliance: float) -> None:
    slow = simulate_early_mean(world, np.full(10_000, alliance))
    assert compute_expected_points(world, np.array([alliance]))[0] == pytest.approx(
        slow, abs=0.02
    )  # four standard errors


def test_hidden_variance_flattens_the_expected_points() -> None:
    world, alliance = World(), np.array([1.5])
    slow = simulate_early_mean(world, alliance + np.sqrt(0.35) * np.random.default_rng(8).standard_normal(20_000))
    assert compute_expected_points(world, alliance, hidden_variance=0.35)[0] == pytest.approx(slow, abs=0.02)
    assert (
        compute_expected_points(world, alliance, hidden_variance=0.35)[0]
        < compute_expected_points(world, alliance)[0] - 0.03
    )


def test_a_better_alliance_is_never_expected_to_look_worse() -> None:
    expected = compute_expected_points(World(), np.linspace(-8, 8, 200))
    assert (np.diff(expected) > 0).all()
    assert 1 <= expected.min() < expected.max() <= 5


def test_one_forms_chance_is_what_occasion_states() -> None:
    world = World(occasion=0.3)
    session, scale, item, straight = (
        compute_chance_sd(world, each) for each in ("session", "scale", "item", "straight")
    )
    assert sum(CHANCE_SHARES.values()) == pytest.approx(1)
    assert session**2 + scale**2 / 3 + item**2 / WAI_SR.items == pytest.approx(0.3)
    assert session**2 + straight**2 == pytest.approx(0.3)


def test_without_chance_every_session_looks_the_same() -> None:
    world = World(occasion=0, straight_lining=0, profile=0, first=0, growth=0)
    alliance = np.array([-1.0, 0.5])
    repeats = [draw_answers(np.random.default_rng(seed), world, alliance).tolist() for seed in (1, 2)]
    assert repeats[0] == repeats[1]
    assert np.array(repeats[0]).mean(axis=1) == pytest.approx(compute_expected_points(world, alliance))


def test_the_bond_profile_is_stable_over_forms_and_does_not_change_the_score() -> None:
    world, rng = World(level=3, spread=0.6, straight_lining=0, profile=0.5), np.random.default_rng(5)
    profile, typical = rng.standard_normal(30_000), np.zeros(30_000)
    first, second = (draw_answers(rng, world, typical, profile) / 0.6 for _ in range(2))
    bond = np.isin(np.arange(WAI_SR.items) + 1, WAI_SR.scales["bond"])
    closer = [form[:, bond].mean(axis=1) - form[:, ~bond].mean(axis=1) for form in (first, second)]
    assert np.cov(*closer)[0, 1] == pytest.approx(0.5, abs=0.03)
    assert np.corrcoef(first.mean(axis=1), second.mean(axis=1))[0, 1] == pytest.approx(0, abs=4 / np.sqrt(30_000))
