"""The interface of an executor: a function of a shared context, mapped over items; and the plain one, in this process.

A result must depend on the function, the context and the item alone, never on the executor. Linear algebra therefore
has one thread everywhere: a sum over another number of threads can differ in its last digit.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")


class Executor(ABC):
    """Maps a function over items. A context manager: at its end, all processes that it started have ended.

    Attributes
    ----------
    n_workers : int
        How many items are worked on at once, >= 1.
    """

    n_workers: int = 1

    def start(self, prepare: Callable[[], object] | None = None) -> None:  # noqa: B027 - most have nothing to start
        """Start processes of this machine now, so that they are ready when they are needed.

        Parameters
        ----------
        prepare : callable, optional
            A function of a module that each process calls first, such as one that imports what the work needs.
        """

    @abstractmethod
    def map_ordered(self, function: Callable[[C, T], R], items: Iterable[T], context: C) -> Iterator[R]:
        """Yield ``function(context, item)`` for each item, in the order of the items.

        Items are taken when a worker is nearly free, and only a few results wait at a time: memory does not grow with
        the number of items.

        Parameters
        ----------
        function : callable
            A function of a module. Other processes import it by its name.
        items : iterable
        context : object
            What all items share, sent once to each worker; not again when the next call has the same object. Neither
            the function nor the caller changes it.

        Raises
        ------
        DataFault
            If a worker or the cluster is lost, and its work cannot be done again.
        Exception
            The first error of the function, in the order of the items.
        """

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """End all processes that the executor started, without waiting for their work."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SerialExecutor(Executor):
    """Works on one item after another in this process."""

    def map_ordered(self, function: Callable[[C, T], R], items: Iterable[T], context: C) -> Iterator[R]:
        """Yield the results; see :meth:`Executor.map_ordered`."""
        from threadpoolctl import ThreadpoolController

        function_threads = None
        for item in items:
            # the first call can load the libraries whose threads are limited
            function_threads = function_threads or ThreadpoolController()
            with function_threads.limit(limits=1):
                result = function(context, item)
            yield result


def count_cores() -> int:
    """Return how many cores this process can use, >= 1."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1
