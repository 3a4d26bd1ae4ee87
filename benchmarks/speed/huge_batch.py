"""What a batch over a network of clinics would take: rates measured apart, and sums for sizes beyond one machine.

Rules are checked for every pair, and everything else is done for candidates only. So the seconds of a batch are those
of its pairs in the rules, plus those of its candidates.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

CLIENTS, THERAPISTS, RUNS = 500, 10_000, 3  # measured
TARGET_CLIENTS, TARGET_THERAPISTS = 1_000_000, 10_000
SECONDS_PER_HOUR = 3600


class BatchRates(NamedTuple):
    """The rates of one core, measured with as many therapists as the target has.

    Attributes
    ----------
    rules : float
        Pairs of a second through all rules.
    candidates : float
        Candidates of a second through everything else.
    share : float
        Candidates among all pairs, from 0 to 1.
    bytes_per_client : float
        Size of the file with ten places for each client.
    """

    rules: float
    candidates: float
    share: float
    bytes_per_client: float


class BatchHours(NamedTuple):
    """Core hours of the target: rules, the rest for candidates, and their sum; and the size of the file in GiB."""

    rules: float
    candidates: float
    total: float
    file_gib: float


def sum_hours(rates: BatchRates, clients: int = TARGET_CLIENTS, therapists: int = TARGET_THERAPISTS) -> BatchHours:
    """Return the core hours of a batch from the rates of one core.

    >>> sum_hours(BatchRates(1e6, 1e5, 0.1, 1024.0), clients=3_600, therapists=1_000)
    BatchHours(rules=0.001, candidates=0.001, total=0.002, file_gib=0.0034332275390625)
    """
    pairs = clients * therapists
    rules = pairs / rates.rules / SECONDS_PER_HOUR
    candidates = pairs * rates.share / rates.candidates / SECONDS_PER_HOUR
    return BatchHours(rules, candidates, rules + candidates, clients * rates.bytes_per_client / 2**30)


def measure_rates(folder: Path, report_progress: Callable[[str], None], runs: int = RUNS) -> dict[str, Any]:
    """Measure the rates of one core on a clinic; medians of the runs, which alternate."""
    import numpy as np

    from attune_fit.matching.eligibility.client_profiles import check_by_profile
    from attune_fit.workspace import open_clinic

    workspace = open_clinic(folder)
    scorer = workspace.get_scorer()
    rows = np.arange(len(workspace.tables.clients))
    rule_seconds, all_seconds, share, size = [], [], 0.0, 0
    with TemporaryDirectory() as temporary:
        target = Path(temporary, "ranking.parquet")
        for run in range(runs + 1):
            start = time.perf_counter()
            eligibility = check_by_profile(scorer.sides, scorer.rules, rows)
            between = time.perf_counter()
            share = float(eligibility.is_eligible.mean())
            start_all = time.perf_counter()
            workspace.write_rankings(target, everyone=True, top=10, jobs=1)
            if run:  # the first only prepares what all clients share
                rule_seconds.append(between - start)
                all_seconds.append(time.perf_counter() - start_all)
        size = target.stat().st_size
    n_pairs = len(rows) * len(workspace.tables.therapists)
    rule, whole = statistics.median(rule_seconds), statistics.median(all_seconds)
    report_progress(f"{n_pairs:,} pairs: rules {rule:.2f} s of {whole:.2f} s, candidates {share:.1%}")
    rates = BatchRates(n_pairs / rule, n_pairs * share / (whole - rule), share, size / len(rows))
    return rates._asdict()
