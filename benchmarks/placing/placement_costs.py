"""Measure how the time and memory of an assignment grow; each size runs in its own process."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable

from attune_fit.matching.assignment.policies import POLICIES

SIZES = ((500, 200), (1_000, 400), (2_000, 800), (5_000, 2_000))
BYTES_PER_RSS_UNIT = 1024  # ru_maxrss on Linux


def measure_costs(report_progress: Callable[[str], None]) -> str:
    """Measure each size, in core seconds and GiB; return a table in Markdown."""
    policy_headers = " | ".join(f"{policy.name}, s" for policy in POLICIES)
    lines = [f"| clients | therapists | scored, s | {policy_headers} | GiB |"]
    lines += ["| ---: |" + " ---: |" * 7]
    for clients, therapists in SIZES:
        process = subprocess.run([sys.executable, "-m", __name__, str(clients), str(therapists)], check=True,
                                 capture_output=True, text=True)  # fmt: skip
        lines.append(f"| {clients:,} | {therapists:,} | {process.stdout.strip()} |")
        report_progress(lines[-1])
    return "\n".join(lines)


def print_costs(clients: int, therapists: int) -> None:
    """Print the core seconds and the peak memory of one size, as table cells."""
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients
    from attune_fit.data.synthetic.simulate import simulate
    from attune_fit.matching.assignment.waiting_list import WaitingList
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.models.active_model import load_starting_model
    from benchmarks.placing.oracle_share import NO_CLINIC, place_clients

    tables = simulate(clients + 5, therapists, seed=0, waiting=clients).tables
    scorer, seconds = RosterScorer.from_clinic(load_starting_model(), NO_CLINIC, tables), []
    start = time.process_time()
    waiting_list = WaitingList.build(scorer, find_waiting_clients(NO_CLINIC, tables))
    seconds.append(time.process_time() - start)
    for policy in POLICIES:
        start = time.process_time()
        place_clients(waiting_list, policy, seed=0)
        seconds.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_RSS_UNIT / 2**30
    print(" | ".join(f"{value:.1f}" for value in seconds), "|", f"{peak:.1f}")


if __name__ == "__main__":
    print_costs(int(sys.argv[1]), int(sys.argv[2]))
