"""Draw made-up cells and write them as the files of a clinic."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
Rows = Iterable[Sequence[Any]]


class Visit(NamedTuple):
    """One session of a client with a therapist."""

    client: str
    therapist: str
    session: int
    at: dt.datetime


class CellDraw:
    """Draws of one folder: the same seed gives the same cells."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def one(self, options: Sequence[T]) -> T:
        """Draw one option."""
        return options[int(self._rng.integers(len(options)))]

    def some(self, options: Sequence[T], most: int = 2, least: int = 1) -> list[T]:
        """Draw ``least`` to ``most`` different options, in their given order."""
        size = int(self._rng.integers(least, min(most, len(options)) + 1))
        return [options[place] for place in sorted(self._rng.choice(len(options), size, replace=False))]

    def number(self, low: int, high: int) -> int:
        """Draw a whole number from ``low`` to ``high``, both included."""
        return int(self._rng.integers(low, high + 1))

    def day(self, first: str, last: str) -> dt.datetime:
        """Draw a day from ``first`` to ``last`` (ISO), at a time between 8:00:00 and 18:59:59."""
        start, end = dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last)
        day = start + dt.timedelta(days=self.number(0, (end - start).days))
        return day.replace(hour=self.number(8, 18), minute=self.number(0, 59), second=self.number(0, 59))

    def often(self, cell: T, share: float = 0.9) -> T | str:
        """Return the cell in this share of draws, else an empty one."""
        return cell if self._rng.random() < share else ""

    def items(self, count: int, low: int, high: int) -> list[int]:
        """Draw the answers of one form."""
        return [self.number(low, high) for _ in range(count)]

    def visits(
        self, people: Sequence[str], therapists: Sequence[str], sessions: Sequence[int], first: str
    ) -> list[Visit]:
        """Draw visits: each person has one therapist, starts within 40 days after ``first``, and comes each week."""
        starts = {one: dt.datetime.fromisoformat(first) + dt.timedelta(days=self.number(0, 40)) for one in people}
        seen = {one: self.one(therapists) for one in people}
        return [
            Visit(one, seen[one], session, starts[one] + dt.timedelta(days=7 * (session - 1), hours=self.number(8, 18)))
            for one in people for session in sessions
        ]  # fmt: skip


def write_text(path: Path, rows: Rows, separator: str = ",", encoding: str = "utf-8") -> None:
    """Write rows, the first of which is the header, as a text file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


def write_workbook(path: Path, sheets: Mapping[str, Rows]) -> None:
    """Write the rows of each sheet as an Excel workbook."""
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    workbook.save(path)


def write_resources(path: Path, resources: Iterable[Mapping[str, Any]]) -> None:
    """Write resources as NDJSON, one in each line."""
    path.write_text("".join(json.dumps(one) + "\n" for one in resources), encoding="utf-8")
