"""`attune rank --out` with a selection of rows, several processes, a folder of parts, and their proof from the log."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.writing.table_writer import write_frame_blocks
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.ranking_log import log_ranking_file
from attune_fit.workspace import open_clinic
from tests.conftest import Attune
from tests.fault_descriptions import raises_faults


def rank_all(attune: Attune, clinic: Path, target: str, *words: object) -> pd.DataFrame:
    done = attune("rank", clinic, "--all", "--out", target, *words)
    assert done.exit_code == 0, done.output
    path = Path(target)
    return pd.read_csv(path, dtype="str", keep_default_na=False) if path.suffix == ".csv" else pd.read_parquet(path)


def test_a_selection_of_rows_is_written_and_proved(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    whole = rank_all(attune, clinic, f"{tmp_path}/all.csv")
    ranked = whole[whole["status"] == "ranked"]
    is_first = ranked["rank"].astype(int) <= 2
    for words, expected in {
        ("--top", 2): ranked[is_first],
        ("--no-excluded",): ranked,
        ("--top", 2, "--excluded"): whole[whole["status"].eq("excluded") | whole.index.isin(ranked.index[is_first])],
    }.items():
        found = rank_all(attune, clinic, f"{tmp_path}/some.csv", *words)
        pd.testing.assert_frame_equal(found, expected.reset_index(drop=True))
        assert "comes out the same byte for byte" in attune("replay", clinic).output


def test_two_processes_write_the_same_file(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    rank_all(attune, clinic, f"{tmp_path}/one.csv", "--jobs", 1)
    rank_all(attune, clinic, f"{tmp_path}/two.csv", "--jobs", 2)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_name_that_ends_in_a_slash_is_a_folder_of_parts(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    whole = rank_all(attune, clinic, f"{tmp_path}/all.parquet")
    for _ in range(2):  # the second run finds the folder
        parts = rank_all(attune, clinic, f"{tmp_path}/all/")
        pd.testing.assert_frame_equal(parts, whole)
        assert [path.name for path in (tmp_path / "all").iterdir()] == ["part-00000.parquet"]
        assert "comes out the same byte for byte" in attune("replay", clinic).output
    assert json.loads(attune("log", clinic, "--json").stdout)["lines"][-1]["file"] == "all"


def test_a_folder_that_the_clinic_reads_or_keeps_is_refused(clinic: Path) -> None:
    workspace = open_clinic(clinic)
    with raises_faults(f"{clinic}: output-folder-is-input"):
        workspace.write_rankings(f"{clinic}/")
    with raises_faults(f"{clinic}/artifacts: output-in-artifacts"):
        workspace.write_rankings(f"{clinic}/artifacts/")
    with raises_faults(f"{clinic}/outcomes.parquet: output-is-input"):
        workspace.write_rankings(f"{clinic}/outcomes.parquet/")
    assert not (clinic / "artifacts").exists()


@pytest.mark.parametrize("words", [("--top", 2), ("--excluded",), ("--jobs", 2), ("--cluster", "local")])
def test_options_of_files_need_a_file(attune: Attune, clinic: Path, words: tuple[object, ...]) -> None:
    assert "need --out FILE" in attune.fails("rank", clinic, "--all", *words, code=2)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_line_of_an_earlier_version_is_recomputed_as_it_was_written_then(
    attune: Attune, clinic: Path, tmp_path: Path, suffix: str
) -> None:
    workspace = open_clinic(clinic)
    scorer, path = workspace.get_scorer(), tmp_path / f"all.{suffix}"
    rows = write_frame_blocks(rank_to_frames(scorer, np.arange(len(workspace.tables.clients))), path)
    assert log_ranking_file(scorer, path, rows) is None
    assert "comes out the same byte for byte" in attune("replay", clinic).output


def test_a_table_that_is_a_folder_of_parts_is_read_as_one_file(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    rank_all(attune, clinic, f"{tmp_path}/one.csv")
    clients = pd.read_csv(clinic / "clients.csv", dtype="str", keep_default_na=False)
    (clinic / "clients.csv").unlink()
    (clinic / "clients.parquet").mkdir()
    for number in range(3):
        clients.iloc[number::3].to_parquet(clinic / "clients.parquet" / f"part-{number}.parquet")
    (clinic / "clients.parquet" / "_SUCCESS").write_text("")
    rank_all(attune, clinic, f"{tmp_path}/two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    with raises_faults(f"{clinic}/clients.parquet: output-is-input"):
        open_clinic(clinic).write_rankings(f"{clinic}/clients.parquet")


def test_parts_with_other_columns_are_one_error(attune: Attune, clinic: Path) -> None:
    clients = pd.read_csv(clinic / "clients.csv", dtype="str", keep_default_na=False)
    (clinic / "clients.csv").unlink()
    (clinic / "clients.parquet").mkdir()
    clients.to_parquet(clinic / "clients.parquet" / "part-0.parquet")
    clients[clients.columns[::-1]].to_parquet(clinic / "clients.parquet" / "part-1.parquet")
    output = attune.fails("check", clinic)
    assert "part-1.parquet in the folder clients.parquet has other columns than part-0.parquet" in output


def test_an_empty_folder_or_one_with_a_link_to_nothing_is_no_table(attune: Attune, clinic: Path) -> None:
    (clinic / "clients.csv").unlink()
    folder = clinic / "clients.parquet"
    folder.mkdir()
    assert "clients.parquet is a folder, not a file that Attune can read" in attune.fails("check", clinic)
    (folder / "part-0.parquet").symlink_to("nothing")
    assert "clients.parquet is a folder, not a file that Attune can read" in attune.fails("check", clinic)
