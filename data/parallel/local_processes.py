"""Processes of this machine that work on items at the same time, one thread each.

Each worker is a new process, with nothing of this one but what is sent to it: a fork would copy locks that other
threads hold. Its main module is Attune's own, so a script or a notebook that uses it needs no ``__main__`` guard.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock
from typing import IO, Any, cast

from attune_fit.data.faults import DataFault
from attune_fit.data.parallel.executor import C, Executor, R, T
from attune_fit.data.parallel.worker_process import CONTEXT, ITEM, PREPARE, RAISED, encode_message, read_message

PENDING_PER_WORKER = 2  # items that are being worked on, or whose results wait for an earlier one
THREAD_LIMITS = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


_SEPARATE: dict[str, Any] = {"process_group": 0}  # Ctrl-C reaches this process alone, which then ends the workers
if sys.platform == "win32":
    _SEPARATE = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}


class LocalProcesses(Executor):
    """Works on items in processes of this machine; see :class:`Executor`.

    Parameters
    ----------
    n_workers : int
        Number of processes, >= 1. They start at the first item, or with :meth:`start`.
    """

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        self._workers: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None
        self._context = _SharedContext(None)

    def start(self, prepare: Callable[[], object] | None = None) -> None:
        """Start the processes; see :meth:`Executor.start`."""
        if not self._workers:
            self._workers = [_Worker() for _ in range(self.n_workers)]
            self._threads = ThreadPoolExecutor(self.n_workers)  # each thread waits for one process
            self._idle = SimpleQueue()
            for worker in self._workers:
                self._idle.put(worker)
                if prepare is not None:
                    worker.write(encode_message(PREPARE, prepare))

    def map_ordered(self, function: Callable[[C, T], R], items: Iterable[T], context: C) -> Iterator[R]:
        """Yield the results; see :meth:`Executor.map_ordered`."""
        self.start()
        threads = cast(ThreadPoolExecutor, self._threads)
        if self._context.value is not context:
            self._context = _SharedContext(context, self.n_workers)
        shared = self._context

        def work(item: T) -> Any:
            worker = self._idle.get()
            try:
                if worker.context is not shared:
                    worker.context = None
                    worker.ask(shared.take_message())
                    worker.context = shared
                return worker.ask(encode_message(ITEM, (function, item)))
            finally:
                self._idle.put(worker)

        pending: deque[Future[Any]] = deque()
        try:
            for item in items:
                pending.append(threads.submit(work, item))
                if len(pending) >= PENDING_PER_WORKER * self.n_workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BaseException:
            is_working = any(not future.cancel() for future in pending)
            if is_working or any(worker.is_lost for worker in self._workers):
                self.close()  # the next call starts new processes
            raise

    def close(self) -> None:
        """End the processes; see :meth:`Executor.close`."""
        for worker in self._workers:
            worker.stop()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.wait()
        self._workers, self._threads, self._context = [], None, _SharedContext(None)


class _SharedContext:
    """A context, and its message until every process has it."""

    def __init__(self, value: object, n_workers: int = 0) -> None:
        self.value, self.n_workers = value, n_workers
        self.message, self.n_taken, self.lock = b"", 0, Lock()

    def take_message(self) -> bytes:
        """Return the message for one process."""
        with self.lock:
            message = self.message or encode_message(CONTEXT, self.value)
            self.n_taken += 1
            self.message = message if self.n_taken < self.n_workers else b""
            return message


class _Worker:
    """One process, and the pipes to it."""

    def __init__(self) -> None:
        code = "from attune_fit.data.parallel.worker_process import main; main()"
        self.process = subprocess.Popen(  # noqa: S603 - this Python, with code of ours
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **THREAD_LIMITS, "PYTHONPATH": _join_search_path()},
            **_SEPARATE,
        )
        self.questions, self.answers = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        self.context: _SharedContext | None = None
        self.is_lost = False

    def ask(self, message: bytes) -> Any:
        """Return the answer to a message, or raise the error that is the answer."""
        try:
            self.write(message)
            kind, content = read_message(cast(Any, self.answers))
        except (OSError, EOFError, ValueError):  # a pipe that is closed at either end
            self.is_lost = True
            raise _build_ended_fault(self.process) from None
        if kind == RAISED:
            raise content
        return content

    def write(self, message: bytes) -> None:
        """Send a message without waiting for an answer."""
        self.questions.write(message)
        self.questions.flush()

    def stop(self) -> None:
        """End the process at once."""
        with suppress(OSError):
            self.process.kill()

    def wait(self) -> None:
        """Wait until the process has ended, and close the pipes."""
        self.process.wait()
        for pipe in (self.questions, self.answers):
            with suppress(OSError):
                pipe.close()


def _join_search_path() -> str:
    """Return where this process finds modules, for the environment of another."""
    return os.pathsep.join(path or os.getcwd() for path in sys.path if os.path.exists(path or os.getcwd()))


def _build_ended_fault(process: subprocess.Popen[bytes]) -> DataFault:
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)  # the pipe can be closed a moment earlier
    code = process.returncode
    how = "" if code is None else f" (exit code {code})"
    message = f"a worker process ended before its work was done{how}"
    fix = "It can lack memory: run the same command again with fewer processes, such as `--jobs 1`."
    return DataFault.error("worker-process-ended", "--jobs", "", message, fix=fix)
