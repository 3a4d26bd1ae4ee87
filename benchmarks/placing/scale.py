"""How time and memory of a placement grow with clients and therapists; each size in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable

from attune_fit.matching.assignment.policies import POLICIES

SIZES = ((500, 200), (1_000, 400), (2_000, 800), (5_000, 2_000))
BYTES = 1024  # of one unit of ru_maxrss on Linux


def scale(say: Callable[[str], None]) -> str:
    """Measure each size; a table in Markdown. Seconds of a core."""
    named = " | ".join(f"{policy.name}, s" for policy in POLICIES)
    lines = [f"| clients | therapists | scored, s | {named} | GiB |"]
    lines += ["| ---: |" + " ---: |" * 7]
    for clients, therapists in SIZES:
        said = subprocess.run([sys.executable, "-m", __name__, str(clients), str(therapists)], check=True,
                              capture_output=True, text=True)  # fmt: skip
        lines.append(f"| {clients:,} | {therapists:,} | {said.stdout.strip()} |")
        say(lines[-1])
    return "\n".join(lines)


def one(clients: int, therapists: int) -> None:
    """Print what one size took."""
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients
    from attune_fit.data.synthetic.simulate import simulate
    from attune_fit.matching.assignment.waiting_list import WaitingList
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.models.active_model import load_starting_model
    from benchmarks.placing.worth import NOWHERE, placed

    tables = simulate(clients + 5, therapists, seed=0, waiting=clients).tables
    desk, took = RosterScorer.from_clinic(load_starting_model(), NOWHERE, tables), []
    start = time.process_time()
    listed = WaitingList.build(desk, find_waiting_clients(NOWHERE, tables))
    took.append(time.process_time() - start)
    for policy in POLICIES:
        start = time.process_time()
        placed(listed, policy, seed=0)
        took.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES / 2**30
    print(" | ".join(f"{seconds:.1f}" for seconds in took), "|", f"{peak:.1f}")


if __name__ == "__main__":
    one(int(sys.argv[1]), int(sys.argv[2]))
