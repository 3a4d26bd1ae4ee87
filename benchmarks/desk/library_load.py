"""The same load on the library alone: as many threads, with the same pauses, in one warm workspace."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

PAUSE = (3.0, 10.0)  # seconds, as the coordinators have


def measure_library_calls(folder: Path, users: int, seconds: float, each_turn: int = 1) -> list[float]:
    """Return the seconds of each warm ``clinic.rank(client, log=True)``, with what a page shows, while all users work.

    Parameters
    ----------
    folder : Path
    users : int
        Threads; each waits :data:`PAUSE` between two calls.
    seconds : float
        How long.
    each_turn : int
        Calls in a row after each pause.
    """
    from attune_fit.workspace import open_clinic
    from benchmarks.interactive import read_page

    workspace = open_clinic(folder)
    clients = workspace.list_client_ids(waiting_only=True)
    read_page(workspace.rank(clients[0], log=True).result)
    times: list[float] = []
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        draw = random.Random(number)  # noqa: S311
        while time.monotonic() < end:
            time.sleep(draw.uniform(*PAUSE))
            for _ in range(each_turn):
                started = time.perf_counter()
                read_page(workspace.rank(draw.choice(clients), log=True).result)
                times.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times
