"""The same load on the library alone: as many threads, with the same verbs and pauses, in one warm workspace."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.workspace import Workspace

PAUSE = (3.0, 10.0)  # seconds, as the coordinators have
WEIGHTS = {"rank": 8, "today": 3, "client": 2, "roster": 1, "offer": 2}  # as the tasks of a coordinator


def measure_library_calls(folder: Path, users: int, seconds: float) -> list[float]:
    """Return the seconds of each warm ``clinic.rank(client, log=True)``, with what a page shows, while all users work.

    Parameters
    ----------
    folder : Path
    users : int
        Threads; each waits :data:`PAUSE`, and then does what a coordinator does.
    seconds : float
        How long.
    """
    from attune_fit.workspace import open_clinic

    workspace = open_clinic(folder)
    clients = workspace.list_client_ids(waiting_only=True)
    times = [rank(workspace, clients[0])]
    times.clear()
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        draw, own = random.Random(number), clients[number::users]  # noqa: S311
        while time.monotonic() < end:
            time.sleep(draw.uniform(*PAUSE))
            (turn,) = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))
            times.extend(take_turn(workspace, turn, draw.choice(own)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def take_turn(workspace: Workspace, turn: str, client: str) -> list[float]:
    """Call the verbs of one turn; return the seconds of each ranking."""
    if turn == "rank":
        return [rank(workspace, client)]
    if turn == "offer":
        times = [rank(workspace, client), rank(workspace, client)]
        first = workspace.rank(client).result.candidates
        if first:
            pair = {"client": client, "therapist": first[0].therapist_id}
            number = workspace.record("offered", **pair).result.row.event.number
            workspace.record("undone", number=number, because="decision-changed")
        return times
    verb = {"today": workspace.today, "roster": workspace.roster}.get(turn)
    (verb() if verb is not None else workspace.client(client)).to_dict()
    return []


def rank(workspace: Workspace, client: str) -> float:
    """Rank for a client, and read what a page shows; return the seconds."""
    from benchmarks.interactive import read_page

    started = time.perf_counter()
    read_page(workspace.rank(client, log=True).result)
    return time.perf_counter() - started
