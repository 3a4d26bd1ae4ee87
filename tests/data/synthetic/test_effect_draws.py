import itertools

import numpy as np
import pytest

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.effect_draws import EFFECT_ERROR_FIGURES, INTAKE_COLUMNS, MAX_CORRELATION, draw_effects
from attune_fit.data.synthetic.fit_mechanisms import FIT_MECHANISMS
from attune_fit.data.synthetic.world import MIXES, World

DRAWS = 2_000
MIXED = sorted(mix for mix, carriers in MIXES.items() if len(carriers) > 1)
AT_MOST_ONE = sorted(set(MIXES) - set(MIXED))


def draw_worlds(world: World, count: int = DRAWS, seed: int = 1) -> list[World]:
    rng = np.random.default_rng(seed)
    return [draw_effects(world, rng) for _ in range(count)]


@pytest.fixture(scope="module")
def drawn_worlds() -> list[World]:
    return draw_worlds(World())


def test_every_carrier_has_a_published_error() -> None:
    assert set(EFFECT_ERROR_FIGURES) == set(FIT_MECHANISMS)
    assert all(read_published_statistics()[key].value > 0 for key in EFFECT_ERROR_FIGURES.values())


def test_without_spread_a_clinic_is_as_published() -> None:
    world = World(effect_spread=0)
    assert draw_effects(world, np.random.default_rng(1)) == world


def test_two_clinics_differ_and_the_same_seed_gives_the_same() -> None:
    first, again, other = (draw_effects(World(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first.carriers != other.carriers
    assert all(getattr(first, name) != getattr(other, name) for name in INTAKE_COLUMNS)


def test_a_drawn_world_is_not_drawn_again() -> None:
    once = draw_effects(World(), np.random.default_rng(1))
    assert once.effect_spread == 0
    assert draw_effects(once, np.random.default_rng(2)) == once


@pytest.mark.parametrize("mix", MIXED)
def test_only_the_division_of_fit_among_carriers_is_drawn(mix: str) -> None:
    world = World(mix=mix, fit=0.1)
    for clinic in draw_worlds(world, 50):
        assert set(clinic.carrier_shares) == set(MIXES[mix])
        assert sum(map(abs, clinic.carrier_shares.values())) == pytest.approx(1)
        changed = {name for name in World.model_fields if getattr(clinic, name) != getattr(world, name)}
        assert changed == {"mix", "carriers", "effect_spread", *INTAKE_COLUMNS}
        assert (clinic.fit, clinic.effective_fit, clinic.client) == (world.fit, world.effective_fit, world.client)


@pytest.mark.parametrize("mix", AT_MOST_ONE)
def test_a_single_carrier_keeps_all_of_fit(mix: str) -> None:
    unsure = World(
        mix=mix, fit=0.001, effect_spread=2.0
    )  # the error is so large that half of the effects would change sign
    assert {tuple(clinic.carrier_shares.items()) for clinic in draw_worlds(unsure, 20)} == {tuple(MIXES[mix].items())}


@pytest.mark.parametrize("name", INTAKE_COLUMNS)
def test_correlations_with_intake_scatter_around_the_published_ones(name: str, drawn_worlds: list[World]) -> None:
    error = read_published_statistics()["intake_effect_error"].value
    drawn = np.array([getattr(clinic, name) for clinic in drawn_worlds])
    assert drawn.mean() == pytest.approx(getattr(World(), name), abs=4 * error / np.sqrt(DRAWS))
    assert drawn.std() == pytest.approx(error, rel=4 / np.sqrt(2 * DRAWS))


def test_twice_the_spread_scatters_twice_as_far() -> None:
    once, twice = (np.std([clinic.expectancy for clinic in draw_worlds(World(effect_spread=by))]) for by in (1.0, 2.0))
    assert twice == pytest.approx(2 * once)


def test_no_correlation_is_drawn_beyond_what_a_correlation_can_be() -> None:
    drawn = [clinic.avoidance for clinic in draw_worlds(World(avoidance=-0.94, effect_spread=2.0), 200)]
    assert min(drawn) == -MAX_CORRELATION


def test_a_larger_share_in_the_mix_is_larger_on_average(drawn_worlds: list[World]) -> None:
    stated = MIXES["balanced"]
    drawn = {name: float(np.mean([clinic.carrier_shares[name] for clinic in drawn_worlds])) for name in stated}
    for more, less in itertools.permutations(stated, 2):
        assert stated[more] <= stated[less] or drawn[more] > drawn[less]


def test_a_small_effect_sometimes_changes_its_sign_and_a_large_one_rarely(drawn_worlds: list[World]) -> None:
    negative_share = {
        name: np.mean([clinic.carrier_shares[name] < 0 for clinic in drawn_worlds]) for name in ("style", "weaker")
    }
    assert negative_share["weaker"] > 0.1 > negative_share["style"]
    precise = draw_worlds(World(effect_spread=0.1), 200)
    assert not any(clinic.carrier_shares["style"] < 0 for clinic in precise)


def test_a_stated_negative_share_stays_negative() -> None:
    world = World(carriers=(("style", -0.9), ("wishes", 0.1)), fit=0.3, effect_spread=0.1)
    assert all(
        clinic.carrier_shares["style"] < 0 < clinic.carrier_shares["wishes"] for clinic in draw_worlds(world, 50)
    )
