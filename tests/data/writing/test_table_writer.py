"""Many rankings in one file that is complete or absent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.writing.table_writer import choose_format, write_frame_blocks
from attune_fit.matching.ranking import rank as rank_module
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.conftest import Attune
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened

HEADER = "client_id,therapist_id,status,rule,rank,band,score,low,high"


def frames(clients: int = 60) -> Iterator[pd.DataFrame]:
    return rank_to_frames(RosterScorer.from_clinic(experienced(), opened(), busy()), np.arange(clients))


def test_csv_and_parquet_hold_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_module, "MAX_PAIRS_PER_BLOCK", 300)
    for suffix in ("csv", "parquet"):
        assert write_frame_blocks(frames(), tmp_path / f"all.{suffix}") == 900
    by_suffix = [
        pd.read_csv(tmp_path / "all.csv", keep_default_na=False, na_values={"rank": "", "score": ""}),
        pd.read_parquet(tmp_path / "all.parquet"),
    ]
    whole = pd.concat(frames(), ignore_index=True)
    for frame in by_suffix:
        assert ",".join(frame.columns) == HEADER
        for column in ("client_id", "therapist_id", "status", "rule"):
            assert frame[column].to_list() == whole[column].to_list()
        for column in ("rank", "score"):
            actual = frame[column].to_numpy(float, na_value=np.nan)
            expected = whole[column].to_numpy(float, na_value=np.nan)
            np.testing.assert_allclose(actual, expected, atol=1e-9)


def test_every_excluded_row_names_its_rule_and_no_ranked_one_does(tmp_path: Path) -> None:
    write_frame_blocks(frames(), tmp_path / "all.csv")
    frame = pd.read_csv(tmp_path / "all.csv", keep_default_na=False)
    assert set(frame["status"]) == {"ranked", "excluded"}
    assert ((frame["rule"] != "") == (frame["status"] == "excluded")).all()
    assert ((frame["rank"] != "") == (frame["status"] == "ranked")).all()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_data_and_seed_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("one", "two"):
        write_frame_blocks(frames(), tmp_path / f"{name}.{suffix}")
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_no_client_to_rank_writes_the_header(tmp_path: Path) -> None:
    assert write_frame_blocks(frames(0), tmp_path / "none.csv") == 0
    assert (tmp_path / "none.csv").read_text() == f"{HEADER}\n"
    assert write_frame_blocks(frames(0), tmp_path / "none.parquet") == 0
    assert ",".join(pd.read_parquet(tmp_path / "none.parquet").columns) == HEADER


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_the_existing_file_unchanged(
    tmp_path: Path, suffix: str, stop: type[BaseException]
) -> None:
    path = tmp_path / f"all.{suffix}"
    path.write_text("before")

    def interrupted() -> Iterator[pd.DataFrame]:
        yield from frames(5)
        raise stop

    with pytest.raises(stop):
        write_frame_blocks(interrupted(), path)
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_another_file_type_is_an_error_before_anything_is_ranked(tmp_path: Path) -> None:
    ranked = []

    def watched() -> Iterator[pd.DataFrame]:
        ranked.append(True)
        yield from frames(1)

    with raises_faults("all.xlsx: unknown-file-type (.csv, .tsv or .parquet)"):
        write_frame_blocks(watched(), tmp_path / "all.xlsx")
    assert not ranked
    assert not list(tmp_path.iterdir())


def test_progress_is_reported(tmp_path: Path) -> None:
    messages: list[str] = []
    write_frame_blocks(frames(), tmp_path / "all.csv", report_progress=messages.append)
    assert messages == ["900 rows"]


def test_standard_output_gets_a_table_in_csv() -> None:
    assert choose_format(Path("/dev/stdout")).suffixes[0] == ".csv"
    assert write_frame_blocks(frames(), Path("/dev/null")) == 900
    with raises_faults("list: unknown-file-type (.csv, .tsv or .parquet)"):
        choose_format(Path("list"))


def test_a_ranking_for_another_program_is_logged_and_replayed(attune: Attune, clinic: Path) -> None:
    """A pipe can be read only once: the digest in the log is that of a temporary file."""
    command = [
        sys.executable,
        "-c",
        "from attune_fit.app.cli import main; main()",
        "rank",
        str(clinic),
        "--waiting",
        "--out",
        "/dev/stdout",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.startswith(HEADER)
    assert "comes out the same byte for byte" in attune("replay", clinic).output
