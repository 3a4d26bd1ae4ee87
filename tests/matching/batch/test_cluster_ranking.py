"""A cluster writes the bytes of one process: for any number of partitions, and when a worker is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attune_fit.data.arrays import Indices
from attune_fit.data.parallel.dask_cluster import DaskCluster
from attune_fit.matching.batch import ranking_blocks, ranking_files
from attune_fit.matching.batch.ranking_blocks import RankedBlock, RankingJob
from attune_fit.matching.batch.ranking_files import write_ranking_parts, write_rankings
from attune_fit.matching.batch.ranking_table import RowSelection
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.data.parallel.conftest import start_cluster
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets that Dask closes later
EVERYONE = np.arange(60)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with start_cluster() as local:
        yield local


@pytest.fixture
def executor(cluster: Any) -> Iterator[DaskCluster]:
    with DaskCluster.from_address(cluster.scheduler_address) as executor:
        yield executor


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking_blocks, "MAX_PAIRS_PER_BLOCK", 100)
    monkeypatch.setattr(ranking_blocks, "MAX_PAIRS_PER_PART", 300)


def scorer(folder: Path = Path("nowhere")) -> RosterScorer:
    return RosterScorer.from_clinic(published(), opened(folder=folder), busy())


def rank_partition(job: RankingJob, blocks: list[Indices]) -> list[RankedBlock]:
    """Work on several blocks in one call."""
    return [ranking_blocks.rank_block(job, rows) for rows in blocks]


class Partitioned(DaskCluster):
    """The cluster, with the blocks cut into a number of runs, each worked on by one call."""

    n_partitions = 1

    def map_ordered(self, function: Any, items: Iterable[Any], context: Any) -> Iterator[Any]:
        blocks = list(items)
        cuts = np.linspace(0, len(blocks), self.n_partitions + 1).astype(int)
        runs = [blocks[start:stop] for start, stop in pairwise(cuts)]
        for run in super().map_ordered(rank_partition, runs, context):
            yield from run


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
def test_one_two_and_four_partitions_give_the_bytes_of_one_process(tmp_path: Path, cluster: Any, name: str) -> None:
    rows = RosterScorer.from_clinic(experienced(), opened(), busy())  # with trees
    first = write_rankings(rows, EVERYONE, tmp_path / name)
    for n in (1, 2, 4):
        with Partitioned.from_address(cluster.scheduler_address) as executor:
            executor.n_partitions = n  # type: ignore[attr-defined]
            path = tmp_path / str(n) / name
            assert write_rankings(rows, EVERYONE, path, executor=executor) == first
        assert path.read_bytes() == (tmp_path / name).read_bytes()


def test_a_cluster_writes_the_same_file_and_the_same_parts(tmp_path: Path, executor: DaskCluster) -> None:
    for selection in (RowSelection(), RowSelection(2, False)):
        write_rankings(scorer(), EVERYONE, tmp_path / "one.csv", selection)
        write_rankings(scorer(), EVERYONE, tmp_path / "two.csv", selection, executor=executor)
        assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    write_ranking_parts(scorer(), EVERYONE, tmp_path / "one")
    write_ranking_parts(scorer(), EVERYONE, tmp_path / "two", executor=executor)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def kill_once(job: RankingJob, client_rows: Indices) -> RankedBlock:
    """Work on a block, and end the worker the first time that it comes to the fourth."""
    mark = job.scorer.clinic.folder / "killed"
    if client_rows[0] == ranking_blocks.split_clients(job.scorer, EVERYONE, 100)[3][0] and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return ranking_blocks.rank_block(job, client_rows)


def kill_always(job: RankingJob, client_rows: Indices) -> RankedBlock:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_killed_worker_changes_no_byte(
    tmp_path: Path, executor: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = scorer(tmp_path)
    write_rankings(rows, EVERYONE, tmp_path / "one.csv")
    monkeypatch.setattr(ranking_files, "rank_block", kill_once)
    write_rankings(rows, EVERYONE, tmp_path / "two.csv", executor=executor)
    assert (tmp_path / "killed").exists()
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.slow
def test_a_lost_cluster_leaves_the_file_that_was_there(
    tmp_path: Path, executor: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "all.csv").write_text("before")
    monkeypatch.setattr(ranking_files, "rank_block", kill_always)
    with raises_faults("--cluster: cluster-workers-ended"):
        write_rankings(scorer(), EVERYONE, tmp_path / "all.csv", executor=executor)
    assert (tmp_path / "all.csv").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["all.csv"]
