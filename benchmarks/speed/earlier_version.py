"""Train with an earlier version and with this one on the same clinics; their runs alternate."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.batch_rate import ATTUNE, ONE_THREAD
from benchmarks.speed.process_tree import measure_command
from benchmarks.speed.speed_clinics import CACHE, find_clinic

HOME = Path(__file__).resolve().parents[2]
EARLIER_COMMIT, EARLIER_NAME = "e9d3f20", "version 0.3.0"
PACKAGE_FILES = ("attune_fit/*.py", "attune_fit/verbs", "data", "features", "models", "training", "matching", "app")
EARLIER = (sys.executable, "-P", *ATTUNE[1:])  # -P: the folder where it runs is not on the path


class TrainingSize(NamedTuple):
    """One size of clinic to train on.

    Attributes
    ----------
    records : int
        About so many early alliance records.
    clients, therapists, runs : int
    has_base : bool
        Whether the earlier version trains too. On 300,000 records it takes some 20 GiB and half an hour.
    """

    records: int
    clients: int
    therapists: int
    runs: int
    has_base: bool


SIZES = {
    "small": TrainingSize(300, 345, 15, 3, has_base=True),
    "middle": TrainingSize(30_000, 34_500, 300, 1, has_base=True),
    "large": TrainingSize(300_000, 345_000, 2_000, 1, has_base=False),
}


def find_earlier_version(commit: str = EARLIER_COMMIT, cache: Path = CACHE) -> Path:
    """Return the folder to put first on the path, so that ``attune_fit`` is the package as of a commit.

    Raises
    ------
    RuntimeError
        If this is no git checkout, or the commit is not in it.
    """
    folder = cache / f"version-{commit}"
    if not folder.exists():
        archived = subprocess.run(["git", "archive", commit], cwd=HOME, capture_output=True, check=False)
        if archived.returncode:
            raise RuntimeError(f"the earlier version is taken from git: {archived.stderr.decode().strip()}")
        unfinished = folder.with_name(f"{folder.name}.half")
        shutil.rmtree(unfinished, ignore_errors=True)
        with tarfile.open(fileobj=BytesIO(archived.stdout)) as archive:
            archive.extractall(unfinished / "sources", filter="data")
        package = unfinished / "path" / "attune_fit"
        package.mkdir(parents=True)
        for pattern in PACKAGE_FILES:  # as links: the package is put together when it is installed
            for source in (unfinished / "sources").glob(pattern):
                (package / source.name).symlink_to(
                    Path("..", "..", "sources", source.relative_to(unfinished / "sources"))
                )
        unfinished.rename(folder)
    return folder / "path"


def measure_trainings(report_progress: Callable[[str], None]) -> dict[str, Any]:
    """Return seconds and peak MiB of ``attune train`` by size, run by run: ``attune`` and ``base``."""
    return {
        name: compare_trainings(find_clinic(size.clients, size.therapists), size.runs, report_progress, size.has_base)
        for name, size in SIZES.items()
    }


def compare_trainings(
    clinic: Path, runs: int, report_progress: Callable[[str], None], has_base: bool = True
) -> dict[str, list[float]]:
    """Return seconds and peak MiB of this version and of the earlier one, run by run; each starts without a bundle."""
    versions: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {"attune": (ATTUNE, ONE_THREAD)}
    if has_base:
        versions["base"] = EARLIER, {**ONE_THREAD, "PYTHONPATH": str(find_earlier_version())}
    result: dict[str, list[float]] = {f"{name}{kind}": [] for name in versions for kind in ("", "_mib")}
    for _ in range(runs):
        for name, (command, environment) in versions.items():
            shutil.rmtree(clinic / "artifacts", ignore_errors=True)
            cost = measure_command((*command, "train", str(clinic)), folder=clinic, environment=environment)
            if cost.exit_code:
                raise RuntimeError(f"{name}: {cost.output}")
            result[name].append(cost.seconds)
            result[f"{name}_mib"].append(cost.peak_mib)
            report_progress(f"{clinic.name}, {name}: {cost.seconds:.1f} s, peak {cost.peak_mib:,.0f} MiB")
    shutil.rmtree(clinic / "artifacts", ignore_errors=True)
    return result
