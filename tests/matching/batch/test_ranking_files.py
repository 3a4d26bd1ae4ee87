"""Files of many rankings: the bytes do not depend on who works on them, and a file is complete or absent."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.tables import UnreadableCell
from attune_fit.data.parallel.executor import Executor
from attune_fit.data.parallel.local_processes import LocalProcesses
from attune_fit.data.writing.table_writer import write_frame_blocks
from attune_fit.matching.batch import ranking_blocks, ranking_files
from attune_fit.matching.batch.ranking_blocks import RankedBlock, RankingJob
from attune_fit.matching.batch.ranking_files import write_ranking_parts, write_rankings
from attune_fit.matching.batch.ranking_table import COLUMNS, RowSelection
from attune_fit.matching.eligibility.candidate_counts import find_clients_without_candidate
from attune_fit.matching.ranking import parallel_scoring
from attune_fit.matching.ranking.parallel_scoring import choose_jobs, prepare_worker
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import crowd

EVERYONE = np.arange(60)
TOP = RowSelection(2, False)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking_blocks, "MAX_PAIRS_PER_BLOCK", 100)
    monkeypatch.setattr(ranking_blocks, "MAX_PAIRS_PER_PART", 300)


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with LocalProcesses(2) as executor:
        executor.start(prepare_worker)
        yield executor


def scorer() -> RosterScorer:
    return RosterScorer.from_clinic(experienced(), opened(), busy())


def kill_worker(job: RankingJob, client_rows: Indices) -> RankedBlock:
    """Work on a block, and end the process at the fourth."""
    if client_rows[0] == ranking_blocks.split_clients(job.scorer, EVERYONE, 100)[3][0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return ranking_blocks.rank_block(job, client_rows)


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_text_has_the_bytes_of_the_plain_file(tmp_path: Path, suffix: str) -> None:
    write_frame_blocks(rank_to_frames(scorer(), EVERYONE), tmp_path / f"plain.{suffix}")
    written = write_rankings(scorer(), EVERYONE, tmp_path / f"all.{suffix}")
    assert (tmp_path / f"all.{suffix}").read_bytes() == (tmp_path / f"plain.{suffix}").read_bytes()
    assert written.rows == 900


def test_parquet_is_read_as_the_plain_file(tmp_path: Path) -> None:
    write_frame_blocks(rank_to_frames(scorer(), EVERYONE), tmp_path / "plain.parquet")
    write_rankings(scorer(), EVERYONE, tmp_path / "all.parquet")
    write_ranking_parts(scorer(), EVERYONE, tmp_path / "all")
    plain = pd.read_parquet(tmp_path / "plain.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "all.parquet"), plain)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "all"), plain)
    assert [path.name for path in sorted((tmp_path / "all").iterdir())] == [f"part-{n:05d}.parquet" for n in range(4)]


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
@pytest.mark.parametrize("selection", [RowSelection(), TOP], ids=["every row", "top"])
def test_two_processes_write_the_same_bytes(
    tmp_path: Path, processes: Executor, name: str, selection: RowSelection
) -> None:
    (tmp_path / "two").mkdir()
    one, two = tmp_path / name, tmp_path / "two" / name
    first = write_rankings(scorer(), EVERYONE, one, selection)
    second = write_rankings(scorer(), EVERYONE[::-1], two, selection, executor=processes)
    assert one.read_bytes() == two.read_bytes()
    assert first == second


def test_two_processes_write_the_same_parts(tmp_path: Path, processes: Executor) -> None:
    first = write_ranking_parts(scorer(), EVERYONE, tmp_path / "one")
    second = write_ranking_parts(scorer(), EVERYONE, tmp_path / "two", executor=processes)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert len(list((tmp_path / "one").iterdir())) == len(list((tmp_path / "two").iterdir())) == 4
    assert first == second
    assert first.rows == 900


def test_the_size_of_blocks_changes_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rankings(scorer(), EVERYONE, tmp_path / "small.csv")
    monkeypatch.setattr(ranking_blocks, "MAX_PAIRS_PER_BLOCK", 10_000)
    write_rankings(scorer(), EVERYONE, tmp_path / "one.csv")
    assert (tmp_path / "small.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_clients_without_a_candidate_are_those_of_the_rules(tmp_path: Path) -> None:
    tables = crowd(9)
    without = find_clients_without_candidate(opened(), tables, np.arange(25)).client_ids
    assert 1 < len(without) < 25
    aside = frozenset({UnreadableCell("clients", "", without[0], "aside")})
    rows = RosterScorer.from_clinic(published(), opened(), replace(tables, unreadable=aside))
    written = write_rankings(rows, np.arange(25), tmp_path / "all.csv", TOP)
    assert tuple(written.without_candidate) == without[1:]  # the first is set aside, which another message reports


def test_row_groups_are_whole_blocks_and_not_tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_fit.data.formats.parquet_tables.LEAST_ROWS_PER_GROUP", 200)
    write_rankings(scorer(), EVERYONE, tmp_path / "all.parquet")
    metadata = pq.read_metadata(tmp_path / "all.parquet")
    groups = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert groups == [270, 270, 270, 90]  # blocks of 6 clients are 90 rows
    assert pd.read_parquet(tmp_path / "all.parquet")["client_id"].is_monotonic_increasing


@pytest.mark.parametrize("name", ["none.csv", "none.parquet"])
def test_without_clients_the_file_has_headers(tmp_path: Path, name: str) -> None:
    assert write_rankings(scorer(), EVERYONE[:0], tmp_path / name).rows == 0
    read: Callable[[Path], Any] = pd.read_csv if name.endswith("csv") else pd.read_parquet
    assert list(read(tmp_path / name).columns) == list(COLUMNS)


def test_parts_of_an_earlier_run_are_replaced_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "part-00077.parquet").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    write_ranking_parts(scorer(), EVERYONE, tmp_path, TOP)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"notes.txt", *(f"part-{n:05d}.parquet" for n in range(4))}


@pytest.mark.parametrize("name", ["all.csv", pytest.param("all.parquet", marks=pytest.mark.slow)])
def test_a_killed_worker_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_text("before")
    monkeypatch.setattr(ranking_files, "rank_block", kill_worker)
    rows = RosterScorer.from_clinic(published(), opened(), busy())
    with LocalProcesses(2) as executor, raises_faults("--jobs: worker-process-ended (-9)"):
        write_rankings(rows, EVERYONE, tmp_path / name, executor=executor)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "before"


@pytest.mark.slow
def test_a_killed_worker_leaves_the_folder_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part-00000.parquet").write_text("before")
    monkeypatch.setattr(ranking_blocks, "MAX_PAIRS_PER_PART", 1)
    monkeypatch.setattr(ranking_files, "rank_part", kill_part)
    with LocalProcesses(2) as executor, raises_faults("--jobs: worker-process-ended (-9)"):
        write_ranking_parts(scorer(), EVERYONE, tmp_path, executor=executor)
    assert [file.name for file in tmp_path.iterdir()] == ["part-00000.parquet"]
    assert (tmp_path / "part-00000.parquet").read_text() == "before"


def kill_part(job: RankingJob, blocks: list[Indices]) -> RankedBlock:
    kill_worker(job, blocks[0])
    return ranking_blocks.rank_part(job, blocks)


def test_progress_is_reported(tmp_path: Path) -> None:
    messages: list[str] = []
    write_rankings(scorer(), EVERYONE, tmp_path / "all.csv", report_progress=messages.append)
    assert messages[:2] == ["ranked for 6 of 60 clients", "ranked for 12 of 60 clients"]
    assert len(messages) == 10


def test_progress_is_reported_once_for_each_percent() -> None:
    messages: list[str] = []
    blocks = [RankedBlock(b"", 5, 1, ()) for _ in range(1_000)]
    contents = ranking_files._count(blocks, ranking_files.WrittenRankings(), 1_000, messages.append)
    assert len(list(contents)) == 1_000
    assert messages[:2] == ["ranked for 10 of 1,000 clients", "ranked for 20 of 1,000 clients"]
    assert len(messages) == 100


def test_a_job_is_sent_without_what_can_be_computed_again() -> None:
    rows = scorer()
    rows.score_clients(EVERYONE[:2])
    sent = RankingJob(rows, RowSelection()).without_caches().scorer
    assert "sides" in vars(rows)
    assert "sides" not in vars(sent)


def test_processes_are_used_where_they_repay_their_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel_scoring, "count_cores", lambda: 4)
    assert [choose_jobs(pairs) for pairs in (0, 999_999, 2_000_000, 10**9)] == [1, 1, 2, 4]
