from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.synthetic import assignment_policy, truth_files
from attune_fit.data.synthetic.people import build_cross_rows
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.truth_files import read_truth, write_truth
from attune_fit.data.synthetic.world import World
from attune_fit.data.synthetic.world_file import read_world

TWO_EACH = World(sites=2, therapists_each=2, drift=0.2, fading=1.0, insight=1.0)
COLUMNS = ["client_id", "therapist_id", "client", "therapist", "fit", "chemistry", "expected", "reachable"]


@pytest.fixture(scope="module")
def clinic() -> SimulatedClinic:
    return simulate(40, 5, seed=9, world=TWO_EACH)


def write_and_read(clinic: SimulatedClinic, folder: Path) -> dict[str, pd.DataFrame]:
    write_truth(clinic.tables, clinic.truth, folder)
    return {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}


def find_rows(clinic: SimulatedClinic, pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the table rows of the ids of these pairs."""
    tables = clinic.tables
    return (
        pd.Index(tables.clients["client_id"]).get_indexer(pd.Index(pairs["client_id"])),
        pd.Index(tables.therapists["therapist_id"]).get_indexer(pd.Index(pairs["therapist_id"])),
    )


def test_the_files_are_those_that_the_readme_lists(clinic: SimulatedClinic, tmp_path: Path) -> None:
    write_and_read(clinic, tmp_path)
    readme = (tmp_path / "README.txt").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.txt", "world.toml", "met.parquet", "pairs.parquet", "people.npz"
    }  # fmt: skip
    assert all(path.name in readme for path in tmp_path.iterdir() if path.name != "README.txt")
    assert read_world(tmp_path / "world.toml") == clinic.truth.world


def test_the_files_equal_the_truth(clinic: SimulatedClinic, tmp_path: Path) -> None:
    files = write_and_read(clinic, tmp_path)
    assert list(files["pairs"]) == COLUMNS
    assert list(files["met"]) == [*COLUMNS, "turn", "probability"]
    for pairs in files.values():
        where = find_rows(clinic, pairs)
        for part, values in clinic.truth.compute_parts(*where)._asdict().items():
            assert pairs[part].tolist() == values.tolist()
        assert pairs["expected"].to_numpy() == pytest.approx(clinic.truth.compute_expected_alliance(*where))
        assert pairs["reachable"].to_numpy() == pytest.approx(
            clinic.truth.compute_expected_alliance(*where, chemistry=False)
        )


def test_episodes_are_written_turn_by_turn_with_their_probability(clinic: SimulatedClinic, tmp_path: Path) -> None:
    met = write_and_read(clinic, tmp_path)["met"]
    client, therapist = find_rows(clinic, met)
    episodes = pd.DataFrame({"client_row": client, "therapist_row": therapist, **met[["turn", "probability"]]})
    assert episodes.to_numpy().tolist() == clinic.truth.episodes.to_numpy().tolist()
    assert set(met["turn"]) == {0, 1}


def test_a_small_clinic_has_all_pairs_in_the_file(
    clinic: SimulatedClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 25)  # several blocks
    pairs = write_and_read(clinic, tmp_path)["pairs"]
    assert len(pairs) == 40 * 5
    assert not pairs.duplicated(["client_id", "therapist_id"]).any()
    assert "every client with every therapist" in (tmp_path / "README.txt").read_text()


def test_a_large_clinic_has_only_the_pairs_of_waiting_clients_in_the_file(
    clinic: SimulatedClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truth_files, "MAX_PAIRS_WRITTEN", 40 * 5 - 1)
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 10)
    pairs = write_and_read(clinic, tmp_path)["pairs"]
    assert len(pairs) == len(pairs.drop_duplicates(["client_id", "therapist_id"])) == 4 * 5
    assert set(pairs["client_id"]) == set(clinic.tables.clients["client_id"]) - clinic.tables.met_client_ids
    assert "every waiting client with every therapist" in (tmp_path / "README.txt").read_text()


def test_the_truth_of_any_pair_survives_the_files(clinic: SimulatedClinic, tmp_path: Path) -> None:
    write_truth(clinic.tables, clinic.truth, tmp_path)
    truth, clients, therapists = read_truth(tmp_path)
    assert clients.tolist() == clinic.tables.clients["client_id"].tolist()
    assert therapists.tolist() == clinic.tables.therapists["therapist_id"].tolist()
    for chemistry in (True, False):
        here, there = (
            array.compute_expected_alliance(*build_cross_rows(40, 5), chemistry=chemistry)
            for array in (truth, clinic.truth)
        )
        assert (here == there).all()
    assert truth.world == clinic.truth.world
    pd.testing.assert_frame_equal(truth.episodes, clinic.truth.episodes)
    client_rows = np.arange(40)
    assert (
        assignment_policy.compute_propensities(truth, client_rows)
        == assignment_policy.compute_propensities(clinic.truth, client_rows)
    ).all()


def test_people_are_stored_as_plain_arrays(clinic: SimulatedClinic, tmp_path: Path) -> None:
    write_truth(clinic.tables, clinic.truth, tmp_path)
    with np.load(tmp_path / "people.npz", allow_pickle=False) as archive:
        assert all(array.dtype.kind in "biufU" for array in archive.values())


def test_a_clinic_without_waiting_clients_or_without_episodes_writes_empty_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truth_files, "MAX_PAIRS_WRITTEN", 0)
    pairs = write_and_read(simulate(4, 2, seed=1, waiting=0), tmp_path / "a")["pairs"]
    all_waiting = simulate(4, 2, seed=1, waiting=4)
    met = write_and_read(all_waiting, tmp_path / "b")["met"]
    for empty, columns in ((pairs, COLUMNS), (met, [*COLUMNS, "turn", "probability"])):
        assert empty.empty
        assert list(empty) == columns
        assert empty["expected"].dtype == np.float64
    assert read_truth(tmp_path / "b")[0].episodes.empty
