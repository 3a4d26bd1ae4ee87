"""A cluster gives the results of one process, also when a worker is killed; what is wrong with it is one error."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.parallel import dask_cluster
from attune_fit.data.parallel.dask_cluster import DaskCluster
from attune_fit.data.parallel.executor_choice import open_executor
from tests.data.parallel import tasks
from tests.data.parallel.tasks import Context
from tests.fault_descriptions import raises_faults

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets that Dask closes later


@pytest.fixture
def executor(cluster: Any) -> Iterator[DaskCluster]:
    with DaskCluster.from_address(cluster.scheduler_address) as executor:
        yield executor


def test_results_are_in_the_order_of_the_items(executor: DaskCluster) -> None:
    assert executor.n_workers == 2
    assert list(executor.map_ordered(tasks.multiply_slowly, range(20), Context(3))) == [3 * item for item in range(20)]
    assert list(executor.map_ordered(tasks.multiply, range(3), Context(5))) == [0, 5, 10]
    assert list(executor.map_ordered(tasks.multiply, [], Context())) == []


def test_a_context_is_sent_once(executor: DaskCluster) -> None:
    context = tasks.CountedContext(3)
    for _ in range(3):
        assert list(executor.map_ordered(tasks.multiply_counted, range(3), context)) == [0, 3, 6]
    assert context.n_sent == 1


def test_both_workers_work_with_one_thread(executor: DaskCluster) -> None:
    assert len(set(executor.map_ordered(tasks.find_process, range(8), Context()))) == 2
    assert set(executor.map_ordered(tasks.count_threads, range(4), Context())) == {1}


def test_an_error_comes_at_its_place(executor: DaskCluster) -> None:
    got = []
    with raises_faults("clients, client_id: id-not-found (c5)"):
        for item in executor.map_ordered(tasks.fail_at_five, range(9), Context()):
            got.append(item)
    assert got == [0, 1, 2, 3, 4]


def test_a_killed_worker_changes_no_result(executor: DaskCluster, tmp_path: Path) -> None:
    results = list(executor.map_ordered(tasks.die_once_at_five, range(12), Context(3, tmp_path)))
    assert (tmp_path / "died").exists()
    assert results == [3 * item for item in range(12)]


@pytest.mark.slow
def test_all_workers_can_be_killed(executor: DaskCluster, tmp_path: Path) -> None:
    results = executor.map_ordered(tasks.multiply_slowly, range(12), Context(3, tmp_path))
    got = [next(results)]
    for number in executor.client.run(os.getpid).values():
        os.kill(number, signal.SIGKILL)
    assert got + list(results) == [3 * item for item in range(12)]


@pytest.mark.slow
def test_work_that_kills_each_worker_is_one_error(executor: DaskCluster) -> None:
    with raises_faults("--cluster: cluster-workers-ended"):
        list(executor.map_ordered(tasks.die_at_five, range(9), Context()))


def test_no_scheduler_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "SECONDS_TO_CONNECT", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with raises_faults(f"--cluster: cluster-not-found ({address}, OSError)"):
        open_executor(cluster=address)
    with raises_faults("--cluster: cluster-not-found (nonsense://x, ValueError)"):
        open_executor(cluster="nonsense://x")


def test_another_version_is_one_error(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = version
    monkeypatch.setattr(dask_cluster, "version", lambda name: "9.9" if name in ("attune-fit", "dask") else real(name))
    attune, dask = real("attune-fit"), real("dask")
    with raises_faults(
        f"--cluster: cluster-of-other-version (attune-fit {attune} there, 9.9 here; dask {dask} there, 9.9 here)"
    ):
        open_executor(cluster=cluster.scheduler_address)


def test_a_worker_that_joined_late_compares_its_version() -> None:
    with raises_faults(f"--cluster: cluster-of-other-version (attune-fit {version('attune-fit')} there, 9.9 here)"):
        dask_cluster.run_item(tasks.multiply, dask_cluster.SentContext(b"", "key"), 1, "9.9")


def test_without_dask_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with raises_faults("--cluster: cluster-not-installed"):
        open_executor(cluster="local")


def test_a_local_cluster_that_does_not_start_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    def fail(**_: object) -> None:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(distributed, "LocalCluster", fail)
    with raises_faults("--cluster: cluster-not-started (RuntimeError)"):
        open_executor(2, "local")


def test_a_cluster_without_workers_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    monkeypatch.setattr(dask_cluster, "SECONDS_FOR_WORKERS", 1)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as empty,
        raises_faults("--cluster: cluster-without-worker (1)"),
    ):
        open_executor(cluster=empty.scheduler_address)


@pytest.mark.slow
def test_a_lost_scheduler_is_one_error() -> None:
    with open_executor(2, "local") as executor:
        assert isinstance(executor, DaskCluster)
        results = executor.map_ordered(tasks.multiply_slowly, range(200), Context())
        assert next(results) == 0
        executor.local.close()
        with raises_faults("--cluster: cluster-lost"):
            list(results)
