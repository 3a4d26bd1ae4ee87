"""Stored results of the parts: one JSON file each in ``.cache/speed``, with the version of the measured code."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from attune_fit.data.storage.atomic_write import write_atomically
from benchmarks.speed.parts import PARTS, Part, Results, run_part
from benchmarks.speed.speed_clinics import CACHE

HOME = Path(__file__).resolve().parents[2]
PACKAGE = ("attune_fit", "data", "features", "models", "training", "matching", "app")


@cache
def compute_package_digest() -> str:
    """Return the SHA-256 of all sources of the package, in hex."""
    digest = hashlib.sha256()
    for folder in PACKAGE:
        for path in sorted((HOME / folder).rglob("*.py")):
            digest.update(path.relative_to(HOME).as_posix().encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def compute_part_version(part: Part) -> str:
    """Return 16 hex digits that change with the package and with the part's own code."""
    digest = hashlib.sha256(compute_package_digest().encode())
    for name in part.sources:
        digest.update((HOME / "benchmarks" / name).read_bytes())
    return digest.hexdigest()[:16]


def read_results(folder: Path = CACHE) -> tuple[Results, frozenset[str]]:
    """Return the stored result of each part, and the names of those that an earlier version of the code gave."""
    stored = {part: json.loads(_find_file(folder, part).read_text(encoding="utf-8"))
              for part in PARTS if _find_file(folder, part).exists()}  # fmt: skip
    old = {part.name for part, one in stored.items() if one["version"] != compute_part_version(part)}
    return {part.name: one["result"] for part, one in stored.items()}, frozenset(old)


def store_result(part: Part, result: dict[str, Any], folder: Path = CACHE) -> None:
    """Store the result of a part with the version of the code."""
    content = json.dumps({"version": compute_part_version(part), "result": result}, indent=1)
    write_atomically(_find_file(folder, part), content)


def measure_parts(parts: Iterable[Part]) -> None:
    """Measure parts one after another, each in a process of its own with one thread, and store their results."""
    os.environ["OMP_NUM_THREADS"] = "1"
    for part in parts:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            store_result(part, pool.submit(run_part, part.name).result())


def _find_file(folder: Path, part: Part) -> Path:
    return folder / f"{part.name}.json"
