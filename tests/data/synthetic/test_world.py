import dataclasses

import pytest

from data.published import figures
from data.synthetic.carriers import CARRIERS
from data.synthetic.world import MIXES, World

SHARES = ("fit", "therapist", "occasion", "skill", "straight_lining", "missing", "unreturned", "overclaim")


def test_every_number_comes_from_a_published_figure() -> None:
    numbers = {field.name for field in dataclasses.fields(World)} - {"mix"}
    assert set(World.sources()) == numbers
    assert {name: figure.value for name, figure in World.sources().items()} == {
        name: getattr(World(), name) for name in numbers
    }


def test_the_defaults_are_the_published_ones() -> None:
    world = World()
    assert (world.fit, world.therapist, world.occasion, world.client) == (0.05, 0.05, 0.23, 0.67)
    assert (world.dropout, world.dropout_d, world.avoidance) == (0.197, 0.55, -0.13)


@pytest.mark.parametrize("mix", MIXES)
def test_shares_add_up_to_one_in_every_mix(mix: str) -> None:
    world = World(mix=mix, fit=0.2)
    assert world.pair + world.therapist + world.occasion + world.client == pytest.approx(1)
    assert world.pair == (0 if mix == "null" else 0.2)


@pytest.mark.parametrize("mix", sorted(set(MIXES) - {"null"}))
def test_a_mix_shares_out_all_of_fit_among_known_carriers(mix: str) -> None:
    assert sum(MIXES[mix].values()) == pytest.approx(1)
    assert set(MIXES[mix]) <= set(CARRIERS)


def test_every_carrier_is_used_by_some_mix() -> None:
    assert {carrier for mix in MIXES.values() for carrier in mix} == set(CARRIERS)


def test_an_unknown_mix_lists_the_known() -> None:
    with pytest.raises(ValueError, match="unknown mix `styl`: say one of balanced, wishes, style, attachment, prob"):
        World(mix="styl")


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_share_outside_0_to_1_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is a share: say a number from 0 to 1"):
        World(**{name: value})  # type: ignore[arg-type]


def test_everybody_dropping_out_is_refused() -> None:
    with pytest.raises(ValueError, match="dropout is a share: say a number from 0 up to, not including, 1"):
        World(dropout=1.0)


def test_shares_that_leave_nothing_for_the_client_are_refused() -> None:
    with pytest.raises(ValueError, match="add up to more than 1: make one of them smaller"):
        World(fit=0.5, therapist=0.4)


def test_making_a_world_twice_gives_equal_worlds() -> None:
    assert World() == World()
    assert hash(World()) == hash(World(fit=figures()["fit_share"].value))
