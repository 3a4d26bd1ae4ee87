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
def made() -> SimulatedClinic:
    return simulate(40, 5, seed=9, world=TWO_EACH)


def written(made: SimulatedClinic, folder: Path) -> dict[str, pd.DataFrame]:
    write_truth(made.tables, made.truth, folder)
    return {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}


def rows(made: SimulatedClinic, pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Where the ids of these pairs stand in the tables."""
    tables = made.tables
    return (
        pd.Index(tables.clients["client_id"]).get_indexer(pd.Index(pairs["client_id"])),
        pd.Index(tables.therapists["therapist_id"]).get_indexer(pd.Index(pairs["therapist_id"])),
    )


def test_the_files_are_those_that_the_readme_lists(made: SimulatedClinic, tmp_path: Path) -> None:
    written(made, tmp_path)
    said = (tmp_path / "README.txt").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.txt", "world.toml", "met.parquet", "pairs.parquet", "people.npz"
    }  # fmt: skip
    assert all(path.name in said for path in tmp_path.iterdir() if path.name != "README.txt")
    assert read_world(tmp_path / "world.toml") == made.truth.world


def test_the_files_say_what_the_truth_says(made: SimulatedClinic, tmp_path: Path) -> None:
    files = written(made, tmp_path)
    assert list(files["pairs"]) == COLUMNS
    assert list(files["met"]) == [*COLUMNS, "turn", "probability"]
    for pairs in files.values():
        where = rows(made, pairs)
        for part, values in made.truth.compute_parts(*where)._asdict().items():
            assert pairs[part].tolist() == values.tolist()
        assert pairs["expected"].to_numpy() == pytest.approx(made.truth.compute_expected_alliance(*where))
        assert pairs["reachable"].to_numpy() == pytest.approx(
            made.truth.compute_expected_alliance(*where, chemistry=False)
        )


def test_who_met_whom_is_told_turn_by_turn_with_its_probability(made: SimulatedClinic, tmp_path: Path) -> None:
    met = written(made, tmp_path)["met"]
    client, therapist = rows(made, met)
    told = pd.DataFrame({"client_row": client, "therapist_row": therapist, **met[["turn", "probability"]]})
    assert told.to_numpy().tolist() == made.truth.episodes.to_numpy().tolist()
    assert set(met["turn"]) == {0, 1}


def test_every_client_of_a_small_clinic_stands_beside_every_therapist(
    made: SimulatedClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 25)  # several blocks
    pairs = written(made, tmp_path)["pairs"]
    assert len(pairs) == 40 * 5
    assert not pairs.duplicated(["client_id", "therapist_id"]).any()
    assert "every client with every therapist" in (tmp_path / "README.txt").read_text()


def test_of_a_large_clinic_only_those_who_wait_stand_beside_every_therapist(
    made: SimulatedClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truth_files, "MAX_PAIRS_WRITTEN", 40 * 5 - 1)
    monkeypatch.setattr(assignment_policy, "MAX_PAIRS_IN_BLOCK", 10)
    pairs = written(made, tmp_path)["pairs"]
    assert len(pairs) == len(pairs.drop_duplicates(["client_id", "therapist_id"])) == 4 * 5
    assert set(pairs["client_id"]) == set(made.tables.clients["client_id"]) - made.tables.met_client_ids
    assert "clients who met nobody, with every therapist" in (tmp_path / "README.txt").read_text()


def test_what_is_read_back_knows_the_truth_of_any_pair(made: SimulatedClinic, tmp_path: Path) -> None:
    write_truth(made.tables, made.truth, tmp_path)
    truth, clients, therapists = read_truth(tmp_path)
    assert clients.tolist() == made.tables.clients["client_id"].tolist()
    assert therapists.tolist() == made.tables.therapists["therapist_id"].tolist()
    for chemistry in (True, False):
        here, there = (
            each.compute_expected_alliance(*build_cross_rows(40, 5), chemistry=chemistry)
            for each in (truth, made.truth)
        )
        assert (here == there).all()
    assert truth.world == made.truth.world
    pd.testing.assert_frame_equal(truth.episodes, made.truth.episodes)
    some = np.arange(40)
    assert (
        assignment_policy.compute_propensities(truth, some) == assignment_policy.compute_propensities(made.truth, some)
    ).all()


def test_people_are_kept_as_plain_arrays(made: SimulatedClinic, tmp_path: Path) -> None:
    write_truth(made.tables, made.truth, tmp_path)
    with np.load(tmp_path / "people.npz", allow_pickle=False) as kept:
        assert all(each.dtype.kind in "biufU" for each in kept.values())


def test_a_clinic_where_nobody_waits_or_nobody_met_writes_empty_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truth_files, "MAX_PAIRS_WRITTEN", 0)
    pairs = written(simulate(4, 2, seed=1, waiting=0), tmp_path / "a")["pairs"]
    nobody = simulate(4, 2, seed=1, waiting=4)
    met = written(nobody, tmp_path / "b")["met"]
    for empty, columns in ((pairs, COLUMNS), (met, [*COLUMNS, "turn", "probability"])):
        assert empty.empty
        assert list(empty) == columns
        assert empty["expected"].dtype == np.float64
    assert read_truth(tmp_path / "b")[0].episodes.empty
