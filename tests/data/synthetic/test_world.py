from typing import Any, get_args

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.assignment_policy import POLICY_WEIGHTS
from attune_fit.data.synthetic.fit_mechanisms import FIT_MECHANISMS
from attune_fit.data.synthetic.world import MIXES, World

CHOICES = {"mix", "carriers", "sessions", "sites", "meetings", "therapists_each"}  # no published figure exists for them
SHARES = ("fit", "dyad", "therapist", "occasion", "skill", "straight_lining", "missing", "overclaim", "profile")
STRICT = [
    (name, bound) for name, row in World.model_fields.items() for bound in row.metadata if type(bound) in {Gt, Lt}
]
LOOSE = [(name, bound) for name, row in World.model_fields.items() for bound in row.metadata if type(bound) in {Ge, Le}]


def build_world(name: str, value: Any) -> World:
    return World(**{name: value})


def test_every_number_comes_from_a_published_figure() -> None:
    numbers = set(World.model_fields) - CHOICES
    assert set(World.list_sources()) == numbers
    assert {name: figure.value for name, figure in World.list_sources().items()} == {
        name: getattr(World(), name) for name in numbers
    }


def test_the_defaults_are_the_published_ones() -> None:
    world = World()
    assert (world.dyad, world.fit, world.therapist, world.occasion, world.client) == (0.40, 0.05, 0.05, 0.23, 0.32)
    assert (world.dropout, world.dropout_d, world.avoidance) == (0.197, 0.55, -0.13)


def test_every_field_has_a_description_and_one_section() -> None:
    listed = [name for names in World.list_sections().values() for name in names]
    assert sorted(listed) == sorted(World.model_fields)
    assert all((row.description or "").endswith(".") for row in World.model_fields.values())


@pytest.mark.parametrize("mix", MIXES)
def test_shares_add_up_to_one_in_every_mix(mix: str) -> None:
    world = World(mix=mix, fit=0.2)
    assert world.effective_fit + world.chemistry + world.therapist + world.occasion + world.client == pytest.approx(1)
    assert world.effective_fit == (0 if mix == "null" else 0.2)
    assert world.chemistry == pytest.approx(world.dyad - 0.2)


@pytest.mark.parametrize("mix", sorted(set(MIXES) - {"null"}))
def test_a_mix_divides_all_of_fit_among_known_carriers(mix: str) -> None:
    assert sum(MIXES[mix].values()) == pytest.approx(1)
    assert set(MIXES[mix]) <= set(FIT_MECHANISMS)


def test_every_carrier_is_used_by_some_mix() -> None:
    assert {carrier for mix in MIXES.values() for carrier in mix} == set(FIT_MECHANISMS)


@pytest.mark.parametrize(
    ("numbers", "expected_share"),
    [
        ({}, 0.05 / 0.40),
        ({"fit": 0.1, "dyad": 0.1}, 1),
        ({"fit": 0}, 0),
        ({"mix": "null"}, 0),
        ({"fit": 0, "dyad": 0}, 0),
    ],
)
def test_the_predictable_share_is_fit_divided_by_dyad(numbers: dict[str, Any], expected_share: float) -> None:
    assert World(**numbers).predictable_share == pytest.approx(expected_share)


def test_carriers_replace_the_mix_in_any_notation() -> None:
    worlds = [
        World(carriers={"wishes": -0.3, "style": 0.7}),  # type: ignore[arg-type]
        World(carriers=[["style", 0.7], ["wishes", -0.3]], mix="own"),  # type: ignore[arg-type]
    ]
    assert worlds[0].carrier_shares == {"style": 0.7, "wishes": -0.3}
    assert worlds[0] == worlds[1]
    assert worlds[0].effective_fit == worlds[0].fit > 0


@pytest.mark.parametrize("mix", MIXES)
def test_an_unknown_mix_lists_the_known_mixes(mix: str) -> None:
    with pytest.raises(ValidationError, match=f"unknown mix `styl`: use one of .*{mix}[, ]"):
        World(mix="styl")


@pytest.mark.parametrize("carrier", FIT_MECHANISMS)
def test_an_unknown_carrier_lists_the_known_carriers(carrier: str) -> None:
    with pytest.raises(ValueError, match=f"unknown carrier `luck`: use some of .*{carrier}[, ]"):
        World(carriers=(("luck", 1.0),))


def test_every_policy_has_weights_and_an_unknown_policy_lists_them() -> None:
    assert set(get_args(World.model_fields["meetings"].annotation)) == set(POLICY_WEIGHTS)
    for policy in POLICY_WEIGHTS:
        with pytest.raises(ValidationError, match=f"meetings\n.*'{policy}'"):
            build_world("meetings", "by mood")


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize(
    ("value", "message"),
    [(-0.1, "greater than or equal to 0"), (1.1, "less than or equal to 1"), (float("nan"), "a finite number")],
)
def test_a_share_outside_0_to_1_is_refused(name: str, value: float, message: str) -> None:
    with pytest.raises(ValidationError, match=f"{name}\n  Input should be {message}"):
        build_world(name, value)


@pytest.mark.parametrize(("name", "bound"), LOOSE)
def test_a_number_beyond_its_bound_is_refused(name: str, bound: Ge | Le) -> None:
    limit, step = (bound.ge, -1) if isinstance(bound, Ge) else (bound.le, 1)
    with pytest.raises(ValidationError, match=f"{name}\n  Input should be (greater|less) than or equal to {limit}"):
        build_world(name, limit + step)  # type: ignore[operator]


@pytest.mark.parametrize(("name", "bound"), STRICT)
def test_a_number_at_its_open_bound_is_refused(name: str, bound: Gt | Lt) -> None:
    limit = bound.gt if isinstance(bound, Gt) else bound.lt
    with pytest.raises(ValidationError, match=f"{name}\n  Input should be (greater|less) than {limit}"):
        build_world(name, limit)


def test_one_error_lists_every_number_out_of_bounds() -> None:
    with pytest.raises(ValidationError) as raised:
        World(dropout=1.0, sessions=0, agreement=1, mood=3)  # type: ignore[call-arg]
    assert [error["loc"][0] for error in raised.value.errors()] == ["sessions", "dropout", "agreement", "mood"]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"dyad": 0.5, "therapist": 0.4}, "add up to more than 1: lower one of them"),
        ({"fit": 0.5}, "fit is a part of dyad and must not be larger: raise dyad, or lower fit"),
        ({"sites": 2, "site": 0.4}, "site is a part of the client's share and must not be larger: lower site"),
    ],
)
def test_inconsistent_shares_are_refused(numbers: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        World(**numbers)


def test_the_share_of_sites_does_not_matter_where_there_is_one() -> None:
    assert World(site=0.9).client == World().client


def test_a_world_with_other_numbers_is_checked_anew_and_the_first_stays_as_it_was() -> None:
    world = World(fit=0.1)
    assert world.replace(therapist=0.1) == World(fit=0.1, therapist=0.1)
    assert world == World(fit=0.1)
    with pytest.raises(ValidationError, match="fit is a part of dyad"):
        world.replace(dyad=0.05)
    with pytest.raises(ValidationError, match="frozen"):
        world.fit = 0.2


def test_making_a_world_twice_gives_equal_worlds() -> None:
    assert World() == World()
    assert hash(World()) == hash(World(fit=read_published_statistics()["fit_share"].value))


@pytest.mark.parametrize("numbers", [{"mix": "own"}, {"mix": "style", "carriers": {"wishes": 1.0}}])
def test_carriers_with_another_mix_are_refused(numbers: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="carriers need mix = own: change the mix, or remove the carriers"):
        World(**numbers)
