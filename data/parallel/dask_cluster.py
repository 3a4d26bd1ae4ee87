"""Workers of a Dask cluster, on one machine or on many: the only module that loads Dask.

A worker that is lost costs time, and no result: Dask repeats its items on other workers. Versions are compared first,
because another version could give other results.
"""

from __future__ import annotations

import logging
import pickle
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

from attune_fit.data.faults import DataFault
from attune_fit.data.parallel.executor import C, Executor, R, T
from attune_fit.data.parallel.worker_process import PROTOCOL

SECONDS_TO_CONNECT = 10
SECONDS_FOR_WORKERS = 60  # a cluster that starts with this command can take that long
PENDING_PER_THREAD = 2
REFRESH_ITEMS = 32  # after so many results, the number of workers is asked for again
CLUSTER = "--cluster"

# The same result needs the same arithmetic; the scheduler only needs what carries messages.
COMPARED_PACKAGES = ("attune-fit", "lightgbm", "numpy", "pandas", "pyarrow", "scipy")
MESSAGE_PACKAGES = ("dask", "distributed")


class DaskCluster(Executor):
    """Works on items in the workers of a cluster; see :class:`Executor`.

    Parameters
    ----------
    client : distributed.Client
    local : distributed.LocalCluster, optional
        A cluster that ends with this executor.
    """

    def __init__(self, client: Any, local: Any = None) -> None:
        self.client, self.local = client, local
        self._sent: tuple[object, Any] | None = None
        try:
            _check_workers(client)
            _check_versions(client)
        except BaseException:
            self.close()
            raise

    @classmethod
    def from_address(cls, address: str) -> DaskCluster:
        """Connect to the scheduler of a running cluster.

        Raises
        ------
        DataFault
            If Dask is not installed, no scheduler answers, it has no worker, or other versions run there.
        """
        distributed = _import_distributed()
        try:
            with _silence_log():
                client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, ValueError, RuntimeError, TypeError) as error:  # TimeoutError is an OSError
            message = f"no scheduler of Dask answers at {address} ({type(error).__name__})"
            fix = "Check the address, that the scheduler runs, and that the same version of Dask runs there."
            raise DataFault.error("cluster-not-found", CLUSTER, "", message, fix=fix) from None
        return cls(client)

    @classmethod
    def from_local(cls, n_workers: int) -> DaskCluster:
        """Start a cluster of processes on this machine, one thread each, without Dask's web pages.

        Raises
        ------
        DataFault
            If Dask is not installed, or a worker ends while it starts.
        """
        distributed = _import_distributed()
        try:
            with _silence_log():
                local = distributed.LocalCluster(
                    n_workers=n_workers,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # any free port, for the small server that every scheduler has
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=logging.CRITICAL,
                )
        except (OSError, RuntimeError) as error:  # a worker that ended while it started, or no free port
            message = f"the workers of a cluster on this machine do not start ({type(error).__name__})"
            fix = "Run the same command again; without `--cluster` it works with processes."
            raise DataFault.error("cluster-not-started", CLUSTER, "", message, fix=fix) from None
        return cls(distributed.Client(local, set_as_default=False), local)

    @property
    def n_workers(self) -> int:  # type: ignore[override] # workers come and go
        """Threads of all workers now."""
        return max(1, sum(map(int, self.client.nthreads().values())))

    def map_ordered(self, function: Callable[[C, T], R], items: Iterable[T], context: C) -> Iterator[R]:
        """Yield the results; see :meth:`Executor.map_ordered`."""
        waiting, pending, limit, n_done = iter(items), deque[Any](), 0, 0
        try:
            sent = self._send(context)
            while True:
                if n_done % REFRESH_ITEMS == 0:
                    limit = PENDING_PER_THREAD * self.n_workers
                for item in islice(waiting, limit - len(pending)):
                    pending.append(self._submit(function, sent, item))
                if not pending:
                    return
                result = pending[0].result()
                pending.popleft()  # the cluster forgets what no variable refers to
                n_done += 1
                yield result
        except _list_lost_errors() as error:
            raise _build_lost_fault(error) from None
        finally:
            for future in pending:
                with suppress(Exception):
                    future.cancel()

    def close(self) -> None:
        """Leave the cluster, and end it where this executor started it."""
        with _silence_log():
            with suppress(Exception):
                self.client.close(timeout=2)
            if self.local is not None:
                with suppress(Exception):
                    self.local.close(timeout=5)

    def _send(self, context: object) -> Any:
        """Give the scheduler a task that makes the context, whose result goes to each worker once.

        Data that is only scattered is lost with the last worker that has it; a task is repeated.
        """
        import dask

        if self._sent is not None and self._sent[0] is context:
            return self._sent[1]
        self._sent = None  # the cluster forgets the old one before it has to hold the new one
        content = pickle.dumps(context, PROTOCOL)
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TiB"}):
            sent = self.client.submit(SentContext, content, uuid.uuid4().hex, pure=False)
        self._sent = context, sent
        return sent

    def _submit(self, function: Callable[..., Any], sent: Any, item: object) -> Any:
        return self.client.submit(run_item, function, sent, item, _find_version("attune-fit"), pure=False)


class SentContext(NamedTuple):
    """A context on its way: workers hand on the bytes, and each unpacks them once.

    Attributes
    ----------
    content : bytes
        A pickle.
    key : str
        Unique for each context.
    """

    content: bytes
    key: str

    def unpack(self) -> Any:
        """Return the context; this process remembers the last one."""
        with _unpacking:
            if self.key not in _unpacked:
                _unpacked.clear()  # before the next one is read: both need not fit
                _unpacked[self.key] = pickle.loads(self.content)  # noqa: S301 - from the client of this cluster
            return _unpacked[self.key]


_unpacked: dict[str, Any] = {}
_unpacking = Lock()


def run_item(function: Callable[[C, T], R], sent: SentContext, item: T, expected: str) -> R:
    """Return ``function(context, item)`` in a worker. It can have joined late, so it compares its version of Attune."""
    here = _find_version("attune-fit")
    if here != expected:
        raise _build_version_fault([f"attune-fit {here} there, {expected} here"])
    from threadpoolctl import threadpool_limits

    context = sent.unpack()
    with threadpool_limits(limits=1):
        return function(context, item)


def _import_distributed() -> Any:
    try:
        import distributed
    except ImportError:
        fix = 'Install it: `pip install "attune-fit[cluster]"`, with the same versions on every machine.'
        raise DataFault.error("cluster-not-installed", CLUSTER, "", "Dask is not installed", fix=fix) from None
    return distributed


def _check_workers(client: Any) -> None:
    """Wait for the first worker."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
    except TimeoutError:
        message = f"the cluster has no worker after {SECONDS_FOR_WORKERS} seconds"
        fix = "Start at least one worker: `dask worker ADDRESS`, where Attune is installed."
        raise DataFault.error("cluster-without-worker", CLUSTER, "", message, fix=fix) from None


def _check_versions(client: Any) -> None:
    """Compare the versions of the scheduler and of every worker with those of this process."""
    packages = (*MESSAGE_PACKAGES, *COMPARED_PACKAGES)
    found = client.get_versions(check=False, packages=packages)
    here = {"python": found["client"]["packages"]["python"], **{name: _find_version(name) for name in packages}}
    scheduler = (found["scheduler"] or {}).get("packages", {})
    different = {
        f"{name} {there.get(name) or 'missing'} there, {here[name]} here"
        for there, names in (
            (scheduler, MESSAGE_PACKAGES),
            *(((worker or {}).get("packages", {}), here) for worker in found["workers"].values()),
        )
        for name in names
        if there.get(name) != here[name]
    }
    if different:
        raise _build_version_fault(sorted(different))


def _find_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _build_version_fault(different: list[str]) -> DataFault:
    message = f"the cluster runs other versions: {'; '.join(different)}"
    fix = "Install the same versions on every machine, and start the scheduler and the workers again."
    return DataFault.error("cluster-of-other-version", CLUSTER, "", message, fix=fix)


def _list_lost_errors() -> tuple[type[Exception], ...]:
    """Return the errors that mean a lost scheduler, or work that ended one worker after another."""
    from distributed import KilledWorker
    from distributed.client import ClosedClientError
    from distributed.comm import CommClosedError

    return (CancelledError, ClosedClientError, CommClosedError, KilledWorker, TimeoutError)


def _build_lost_fault(error: Exception) -> DataFault:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        message = "several workers of the cluster ended while they did the same work"
        fix = "Nothing was written. Give the workers more memory, or read their logs; then run the command again."
        return DataFault.error("cluster-workers-ended", CLUSTER, "", message, fix=fix)
    message, fix = "the scheduler was lost before the work was done", "Nothing was written. Start it, and try again."
    return DataFault.error("cluster-lost", CLUSTER, "", message, fix=fix)


@contextmanager
def _silence_log() -> Iterator[None]:
    """Keep Dask's log of connections off the terminal: the error of Attune states what matters."""
    log = logging.getLogger("distributed")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
