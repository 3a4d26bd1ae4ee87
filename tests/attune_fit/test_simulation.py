"""A simulated world: its tables are the command's, and the share of the oracle's gain is what its formula says."""

from __future__ import annotations

import gc
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

import attune_fit as af
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.oracle_gain import compute_gains_over_random
from tests.conftest import Attune
from tests.fault_descriptions import raises_faults


@cache
def make_world() -> af.SimulatedWorld:
    return af.simulate(clients=80, therapists=8, seed=4)


def list_pairs(world: af.SimulatedWorld) -> pd.DataFrame:
    """All pairs of the world, in the order of its arrays."""
    clients, therapists = world.tables.clients[["client_id"]], world.tables.therapists[["therapist_id"]]
    return clients.merge(therapists, how="cross")


def test_the_clinic_is_that_of_the_command(attune: Attune, tmp_path: Path) -> None:
    words = ("--clients", 80, "--therapists", 8, "--seed", 4)
    assert attune("simulate", tmp_path / "command", *words).exit_code == 0
    clinic = make_world().workspace(tmp_path / "python")
    for file in sorted((tmp_path / "command").glob("*.csv")):
        assert file.read_bytes() == (tmp_path / "python" / file.name).read_bytes()
    assert clinic.tables.digest() == af.open_clinic(tmp_path / "command").tables.digest()
    with pytest.raises(af.DataFault, match="is not empty"):
        make_world().workspace(tmp_path / "python")


def test_a_clinic_without_a_folder_is_removed_with_its_workspace() -> None:
    clinic = make_world().workspace()
    folder = clinic.clinic.folder
    assert folder.is_dir()
    assert not (folder / "truth").exists()
    del clinic
    gc.collect()
    assert not folder.exists()


def test_training_data_are_those_of_the_clinic() -> None:
    ours, clinics = make_world().training_data(), make_world().workspace().training_data()
    pd.testing.assert_frame_equal(ours.X, clinics.X)
    pd.testing.assert_series_equal(ours.y, clinics.y)
    pd.testing.assert_frame_equal(ours.groups, clinics.groups)


def test_the_default_size_is_that_of_the_world_and_faults_name_the_worlds() -> None:
    size = WORLDS["crossed"]
    world = af.simulate(world=size.build_world(), clients=30, therapists=5)
    assert (len(world.tables.clients), len(world.tables.therapists)) == (30, 5)
    with raises_faults("nowhere: unknown-world (Known: `published`, `null`, `chemistry`, and more.)"):
        af.simulate(world="nowhere")


def test_the_share_of_the_gain_is_the_slow_sum() -> None:
    world = make_world()
    scores = np.random.default_rng(0).integers(0, 4, world.eligible.shape).astype(float)  # many ties
    waiting = ~world.tables.clients["client_id"].isin(world.tables.outcomes["client_id"]).to_numpy()
    waiting &= ~world.tables.clients["client_id"].isin(list(world.tables.met_client_ids)).to_numpy()
    gain = possible = 0.0
    for client in np.flatnonzero(waiting):
        truths = [(scores[client, one], world.reachable[client, one]) for one in np.flatnonzero(world.eligible[client])]
        at_random = sum(truth for _, truth in truths) / len(truths)
        best = max(score for score, _ in truths)
        first = [truth for score, truth in truths if score == best]
        gain += sum(first) / len(first) - at_random
        possible += max(truth for _, truth in truths) - at_random
    assert world.oracle_gain(scores) == pytest.approx(gain / possible)
    table = list_pairs(world).assign(mine=scores.ravel())
    assert world.oracle_gain(table.sample(frac=1, random_state=1)) == pytest.approx(gain / possible)


def test_the_oracle_gets_all_and_a_constant_nothing() -> None:
    world = make_world()
    assert world.oracle_gain(world.reachable) == pytest.approx(1)
    assert world.oracle_gain(DummyRegressor()) == pytest.approx(0)
    assert world.oracle_gain(-world.reachable) < 0
    assert world.oracle_gain(world.pair_part, pair_part=True) == pytest.approx(1, abs=0.03)  # a mean of few clients
    levels = np.broadcast_to(world.reachable.mean(axis=0), world.reachable.shape)
    assert world.oracle_gain(levels, pair_part=True) == pytest.approx(0)
    assert world.oracle_gain(levels) > 0


def test_sizes_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 client and 1 therapist"):
        af.simulate(clients=0)
    assert len(repr(af.simulate(clients=30, therapists=4).truth)) < 80


def test_in_the_null_world_there_is_no_pair_part_to_gain() -> None:
    world = af.simulate(clients=60, therapists=6, seed=2, world="null")
    assert np.isnan(world.oracle_gain(world.reachable, pair_part=True))
    assert world.oracle_gain(world.reachable) == pytest.approx(1)


def test_a_world_without_differences_has_nothing_to_gain() -> None:
    gains = compute_gains_over_random(np.full((2, 3), 70.0), np.ones((2, 3), dtype=bool), np.eye(2, 3))
    assert np.array(gains) == pytest.approx(0)


def test_a_method_that_does_not_fit_the_world_is_refused() -> None:
    world = make_world()
    with pytest.raises(ValueError, match=r"the shape \(2, 2\); it must be \(80, 8\)"):
        world.oracle_gain(np.zeros((2, 2)))
    table = list_pairs(world).assign(mine=1.0)
    with pytest.raises(ValueError, match="pairs have no prediction in the table"):
        world.oracle_gain(table[table["therapist_id"] == world.tables.therapists["therapist_id"].iloc[0]])
    with pytest.raises(ValueError, match="more than once"):
        world.oracle_gain(pd.concat([table, table]))
    with pytest.raises(ValueError, match="one for the predictions; this one has client_id, mine"):
        world.oracle_gain(table[["client_id", "mine"]])
