"""Stored results: one small CSV for each clinic, size and method, so that a run resumes where it stopped."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path

import pandas as pd

from attune_fit.data.storage.atomic_write import write_atomically

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "learning"


@dataclass(frozen=True)
class Result:
    """Result of one method in one clinic after so many outcomes.

    Attributes
    ----------
    maker, mix, seed
        The clinic.
    outcomes : int
    method : str
    free, capacity : float
        See :class:`benchmarks.learning.benchmark_clinic.Share`.
    seconds : float
        Core seconds to train and to score the new clients, without the inputs that methods share.
    clinic : str
        Digest of the clinic: equal digests mean the same clinic. Empty in results of an earlier version.
    """

    maker: str
    mix: str
    seed: int
    outcomes: int
    method: str
    free: float
    capacity: float
    seconds: float
    clinic: str = ""

    def write(self, folder: Path) -> None:
        """Write the result atomically: the whole file or nothing."""
        path = build_result_path(folder, self.maker, self.mix, self.seed, self.outcomes, self.method)
        write_atomically(path, partial(_write_rows, self))


def build_result_path(folder: Path, maker: str, mix: str, seed: int, outcomes: int, method: str) -> Path:
    """Return the path of one result."""
    slug = "-".join("".join(letter if letter.isalnum() else " " for letter in method.lower()).split())
    return folder / slug / f"{maker}-{mix}-{seed}-{outcomes}.csv"


def read_results(folder: Path) -> pd.DataFrame:
    """Read all stored results, one row each; the columns are the attributes of :class:`Result`."""
    rows = pd.DataFrame(_read_rows(folder), columns=[field.name for field in fields(Result)])
    numbers = {"seed": int, "outcomes": int, "free": float, "capacity": float, "seconds": float}
    return (
        rows.astype(numbers)
        .fillna({"clinic": ""})
        .sort_values(["maker", "mix", "seed", "outcomes", "method"], ignore_index=True)
    )


def _read_rows(folder: Path) -> Iterator[dict[str, str]]:
    for file in sorted(folder.glob("*/*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            yield from csv.DictReader(rows)


def _write_rows(result: Result, file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as rows:
        writer = csv.DictWriter(rows, asdict(result).keys())
        writer.writeheader()
        writer.writerow(asdict(result))
