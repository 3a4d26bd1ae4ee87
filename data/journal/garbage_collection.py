"""The garbage collector of Python, paused where many objects are made and all of them are kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
    """Pause the search for cyclic garbage during a block.

    A journal of 50,000 events is a million small objects. The collector would search them again and again and find
    nothing: it took a third of the time. What is no longer used is still freed, by its count of references.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
