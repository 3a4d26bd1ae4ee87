"""Functions that workers run in the tests of this folder."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from attune_fit.data.faults import DataFault


class Context(NamedTuple):
    factor: int = 3
    folder: Path = Path()


def multiply(context: Context, item: int) -> int:
    return context.factor * item


def multiply_slowly(context: Context, item: int) -> int:
    time.sleep(0.02 * (item % 3))
    return context.factor * item


def find_process(context: Context, item: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def count_threads(context: Context, item: int) -> int:
    import numpy  # noqa: F401 - loads the library whose threads are counted
    from threadpoolctl import threadpool_info

    return max((int(library["num_threads"]) for library in threadpool_info()), default=1)


def fail_at_five(context: Context, item: int) -> int:
    if item == 5:
        raise DataFault.error(
            "id-not-found", "clients", "client_id", "no row has the id `c5`", fix="Look it up in that table."
        )
    return item


def die_at_five(context: Context, item: int) -> int:
    if item == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def die_once_at_five(context: Context, item: int) -> int:
    """End the worker at the first attempt only."""
    mark = context.folder / "died"
    if item == 5 and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return context.factor * item


def raise_odd(context: Context, item: int) -> int:
    class Odd(Exception):  # no other process can build it
        pass

    raise Odd("odd")


def print_text(context: Context, item: int) -> int:
    print("a library prints")
    os.write(1, b"a library writes\n")
    return item


def sleep_long(context: Context, item: int) -> int:
    (context.folder / str(os.getpid())).write_text("")
    time.sleep(60)
    return item


def prepare() -> None:
    os.environ["IS_PREPARED"] = "yes"


def is_prepared(context: Context, item: int) -> bool:
    return os.environ.get("IS_PREPARED") == "yes"


class CountedContext:
    """Counts how often it is made ready to be sent."""

    def __init__(self, factor: int) -> None:
        self.factor, self.n_sent = factor, 0

    def __reduce__(self) -> tuple[type[CountedContext], tuple[int]]:
        self.n_sent += 1
        return CountedContext, (self.factor,)


def multiply_counted(context: CountedContext, item: int) -> int:
    return context.factor * item
