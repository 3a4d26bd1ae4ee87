"""Rank 200,000 clients with 2,000 therapists: by processes of one machine, then by a cluster that loses a worker."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.batch_rate import ATTUNE, ONE_THREAD, TOP
from benchmarks.speed.process_tree import measure_command


class LargeRun(NamedTuple):
    """One way to run the batch: its name, its options, and whether one worker is killed."""

    name: str
    options: tuple[str, ...]
    loses_worker: bool


LARGE_RUNS = (
    LargeRun("2 processes", ("--jobs", "2"), loses_worker=False),
    LargeRun("local cluster, one worker killed", ("--cluster", "local", "--jobs", "2"), loses_worker=True),
)


def measure_large(folder: Path, report_progress: Callable[[str], None], kill_after: float) -> dict[str, Any]:
    """Return seconds, peak MiB, bytes and digest of the file of every way; equal files have equal digests."""
    result: dict[str, Any] = {"cores": os.cpu_count()}
    for run in LARGE_RUNS:
        with TemporaryDirectory(dir=folder.parent) as temporary:
            target = Path(temporary, "ranking.parquet")
            command = (*ATTUNE, "rank", str(folder), "--all", *TOP, "--out", str(target), *run.options)
            cost = measure_command(command, kill_after=kill_after if run.loses_worker else None, environment=ONE_THREAD)
            if cost.exit_code or cost.has_killed != run.loses_worker:
                raise RuntimeError(f"{run.name}, killed: {cost.has_killed}: {cost.output}")
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            result[run.name] = {"seconds": cost.seconds, "peak_mib": cost.peak_mib, "bytes": target.stat().st_size,
                                "digest": digest}  # fmt: skip
        report_progress(f"{run.name}: {cost.seconds:,.0f} s, peak {cost.peak_mib:,.0f} MiB, SHA-256 {digest[:12]}")
    return result
