"""Compare one client through the front door with the naive script: ``python -m benchmarks.interactive``.

The clinic is open (warm). A turn ranks one waiting client with rules, bands and intervals, and adds the ranking to the
log. It reads what a page shows: the first candidates with reasons and wishes, and why the others are ruled out. The
naive script ranks the same client in the same turn and process, on one thread. Every turn is another client.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.naive_ranking import NaiveRanker
from benchmarks.speed.speed_clinics import find_clinic
from benchmarks.speed.spreads import compute_ratios, compute_spread, format_spread

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.workspace import Workspace

CLIENTS, WAITING, THERAPISTS = 300, 100, (1_000, 3_000, 10_000)
TURNS, WARM_UP = 25, 3
KINDS = ("attune", "unlogged", "naive", "candidates")


def read_page(ranking: Ranking) -> int:
    """Read what a page shows of a ranking; return the number of texts."""
    texts = 0
    for candidate in ranking.candidates[: ranking.shortlist]:
        texts += len(candidate.reasons) + len(candidate.wishes) + (candidate.caution is not None)
    return texts + len(ranking.group_exclusions()) + len(ranking.count_exclusions())


def measure_interactive(
    folders: Sequence[Path], turns: int = TURNS, warm_up: int = WARM_UP
) -> dict[str, dict[str, list[float]]]:
    """Return the seconds of each turn by number of therapists: ``attune``, ``unlogged`` and ``naive``.

    ``unlogged`` is Attune without the log, for another client. The list ``candidates`` has their number in each turn.
    """
    from attune_fit.workspace import open_clinic

    opened = [open_clinic(folder) for folder in folders]
    rankers = [NaiveRanker(one.tables.clients, one.tables.therapists) for one in opened]
    lists: dict[str, dict[str, list[float]]] = {
        str(len(one.tables.therapists)): {kind: [] for kind in KINDS} for one in opened
    }
    for turn in range(warm_up + turns):
        for workspace, ranker, of_size in zip(opened, rankers, lists.values(), strict=True):
            values = _measure_turn(workspace, ranker, turn)
            for kind, value in zip(KINDS, values, strict=True):
                if turn >= warm_up:
                    of_size[kind].append(value)
    return lists


def _measure_turn(workspace: Workspace, ranker: NaiveRanker, turn: int) -> tuple[float, float, float, float]:
    """Return the seconds of Attune, of Attune without the log and of the naive script, and the candidates."""
    waiting = workspace.list_client_ids(waiting_only=True)
    client_id, other_id = (waiting[(2 * turn + step) % len(waiting)] for step in (0, 1))
    times = [time.perf_counter()]
    ranking = workspace.rank(client_id, log=True).result
    read_page(ranking)
    times.append(time.perf_counter())
    read_page(workspace.rank(other_id).result)
    times.append(time.perf_counter())
    ranker.rank(client_id)
    times.append(time.perf_counter())
    first, second, third = (end - start for start, end in pairwise(times))
    return first, second, third, float(len(ranking.candidates))


def draw_clinics() -> list[Path]:
    """Return the folder of a clinic of each size; enough clients wait for a new one in every turn."""
    return [find_clinic(CLIENTS, size, waiting=WAITING) for size in THERAPISTS]


def main() -> None:
    """Print milliseconds and ratios by number of therapists."""
    os.environ["OMP_NUM_THREADS"] = "1"
    for therapists, lists in measure_interactive(draw_clinics()).items():
        milliseconds = {name: 1000 * statistics.median(lists[name]) for name in ("attune", "unlogged", "naive")}
        ratio = format_spread(compute_spread(compute_ratios(lists["attune"], lists["naive"])), " ×")
        print(f"{int(therapists):>6,} therapists: {milliseconds['attune']:.1f} ms, without log "
              f"{milliseconds['unlogged']:.1f} ms, naive {milliseconds['naive']:.1f} ms, ratio {ratio}")  # fmt: skip


if __name__ == "__main__":
    main()
