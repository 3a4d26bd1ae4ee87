from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from attune_fit.data.synthetic.alliance import TrueAllianceParts
from attune_fit.data.synthetic.named_worlds import _ROWS, WORLDS
from attune_fit.data.synthetic.people import build_cross_rows
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World

OTHERS = sorted(set(WORLDS) - {"published"})
NO_FIT = ("null", "chemistry", "therapist-only")
ALONE = {"style-only": "style", "complementarity": "complement", "threshold": "threshold"}


def simulate_world(name: str, clients: int = 60, therapists: int = 12) -> SimulatedClinic:
    return simulate(clients, therapists, seed=5, world=WORLDS[name].build_world())


def parts(clinic: SimulatedClinic) -> TrueAllianceParts:
    return clinic.truth.compute_parts(*build_cross_rows(clinic.truth.clients, clinic.truth.therapists))


def test_names_are_unique_and_easy_to_type() -> None:
    assert [row.name for row in _ROWS] == list(WORLDS)
    assert len({row.name for row in _ROWS}) == len(_ROWS)
    assert all(name.replace("-", "").isalpha() and name.islower() for name in WORLDS)


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_makes_a_clinic_of_its_size(name: str) -> None:
    row = WORLDS[name]
    clinic = simulate_world(name, row.clients, row.therapists)
    assert (len(clinic.tables.clients), len(clinic.tables.therapists)) == (row.clients, row.therapists)
    assert len(clinic.tables.met_client_ids) == row.clients - round(row.clients / 10)
    assert clinic.tables.outcomes["score"].notna().any()


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_has_its_own_description_and_a_requirement(name: str) -> None:
    assert WORLDS[name].description
    assert WORLDS[name].requirement
    for other in set(WORLDS) - {name}:
        assert WORLDS[name].description != WORLDS[other].description


@pytest.mark.parametrize("name", OTHERS)
def test_every_change_of_a_world_really_differs_from_the_published_one(name: str) -> None:
    published, changes = World(), WORLDS[name].changes
    assert changes
    assert not [field for field, value in changes.items() if value == getattr(published, field)]
    assert WORLDS[name].build_world() == published.replace(**changes)


def test_the_published_world_changes_nothing_and_no_two_worlds_are_the_same() -> None:
    assert WORLDS["published"].build_world() == World()
    assert len({row.build_world() for row in WORLDS.values()}) == len(WORLDS)


@pytest.mark.parametrize("name", NO_FIT)
def test_without_fit_intake_predicts_no_pair_effect(name: str) -> None:
    clinic = simulate_world(name)
    assert WORLDS[name].build_world().predictable_share == 0
    assert (parts(clinic).fit == 0).all()


@pytest.mark.parametrize("name", ["null", "therapist-only"])
def test_without_a_pair_effect_two_therapists_differ_equally_for_every_client(name: str) -> None:
    all_parts = parts(simulate_world(name))
    alliance = sum(all_parts, np.zeros(1))
    assert (all_parts.chemistry == 0).all()
    assert np.allclose(alliance - alliance[:, :1], all_parts.therapist[0] - all_parts.therapist[0, 0])


def test_without_fit_only_chemistry_separates_pairs() -> None:
    assert parts(simulate_world("chemistry")).chemistry.var() == pytest.approx(
        World().dyad, rel=4 * np.sqrt(2 / (60 * 12))
    )


def test_therapists_differ_more_in_the_therapist_only_world() -> None:
    therapist_only, usual = (
        parts(simulate_world(name, 3, 300)).therapist[0].var() for name in ("therapist-only", "null")
    )
    assert therapist_only == pytest.approx(0.15, rel=4 * np.sqrt(2 / 300))
    assert therapist_only > 2 * usual


@pytest.mark.parametrize(("name", "carrier"), ALONE.items())
def test_a_world_named_for_a_carrier_has_only_this_carrier(name: str, carrier: str) -> None:
    assert simulate_world(name).truth.world.carrier_shares == {carrier: 1.0}
    assert parts(simulate_world(name)).fit.std() > 0.1


def test_hard_clients_meet_strong_therapists_in_the_confounded_world() -> None:
    clinic = simulate_world("confounded", 1_000, 30)
    client, therapist = (clinic.truth.episodes[f"{side}_row"] for side in ("client", "therapist"))
    assert np.corrcoef(clinic.truth.client[client], clinic.truth.therapist[therapist])[0, 1] < -0.2


def test_the_fit_of_two_years_ago_is_reversed_at_half_its_size_in_the_drifting_world() -> None:
    clinic = simulate_world("drifting", 400, 12)
    now = clinic.truth.clients["days_ago"] < 30
    today = clinic.truth.take(np.flatnonzero(now), np.arange(12))
    old = today.clients.assign(days_ago=np.full(len(today.clients), 730.0))
    pairs = build_cross_rows(today.clients, today.therapists)
    fit, two_years_ago = (truth.compute_parts(*pairs).fit for truth in (today, replace(today, clients=old)))
    assert np.polyfit(two_years_ago.ravel(), fit.ravel(), 1)[0] == pytest.approx(-0.5, abs=1.5 * 30 / 730)


def test_each_client_of_the_crossed_world_meets_three_therapists() -> None:
    met = simulate_world("crossed", 200, 30).truth.episodes
    assert met.groupby("client_row")["therapist_row"].nunique().value_counts().idxmax() == 3


def test_more_forms_are_missing_in_the_tiny_world_than_elsewhere() -> None:
    tiny, usual = (
        simulate_world(name, 300, 12).tables.outcomes.query("rater == 'client'")["score"] for name in ("tiny", "null")
    )
    assert tiny.isna().mean() > usual.isna().mean() + 0.15


def test_the_world_of_sites_has_four_of_them() -> None:
    assert simulate_world("sites").tables.clients["site"].nunique() == 4


def test_no_named_world_can_be_changed_in_place() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        WORLDS["null"] = WORLDS["published"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError, match="cannot assign to field"):
        WORLDS["null"].clients = 3  # type: ignore[misc]
