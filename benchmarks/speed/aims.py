"""The aims of speed: one row each, with the figures that decide it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.batch_rate import EVERY_PAIR, EVERY_PAIR_CSV, FIRST_TEN
from benchmarks.speed.earlier_version import EARLIER_NAME, SIZES
from benchmarks.speed.parts import Results
from benchmarks.speed.spreads import Spread, compute_ratios, compute_spread

Figures = Mapping[str, Any]  # the result of one part


class Aim(NamedTuple):
    """One aim.

    Attributes
    ----------
    name : str
        What is measured, and compared with what.
    part : str
        The part whose figures decide.
    list_values : callable
        Returns the value of each run.
    limit : float
    is_upper : bool
        Whether the limit is the highest value allowed; else it is the lowest.
    unit : str
        ``×`` for a ratio.
    """

    name: str
    part: str
    list_values: Callable[[Figures], Sequence[float]]
    limit: float
    is_upper: bool = True
    unit: str = "×"

    def is_met(self, spread: Spread) -> bool:
        """Return whether the median of the runs keeps the limit."""
        return spread.median <= self.limit if self.is_upper else spread.median >= self.limit

    def compute_share(self, spread: Spread) -> float:
        """Return how much of the limit is used, whichever way it goes: the aim is met up to 1."""
        return spread.median / self.limit if self.is_upper else self.limit / spread.median


def compare_client_with_naive(figures: Figures) -> list[float]:
    """Return the time of one client as a multiple of the naive script's, with the smallest roster."""
    smallest = figures[min(figures, key=int)]
    return compute_ratios(smallest["attune"], smallest["naive"])


def compare_large_roster(figures: Figures) -> list[float]:
    """Return the time of one client with the largest roster as a multiple of that with the smallest."""
    return compute_ratios(figures[max(figures, key=int)]["attune"], figures[min(figures, key=int)]["attune"])


def compare_batch(name: str) -> Callable[[Figures], list[float]]:
    """Return a function for the pairs a second of one row of the batch, as a multiple of the naive script's."""
    return lambda figures: compute_ratios([run["rate"] for run in figures["rows"][name]], figures["naive"])


def compare_memory(figures: Figures) -> list[float]:
    """Return memory without that of reading, with the most clients, as a multiple of that with the fewest."""
    return [
        (figures[row.name][-1] - figures["reading"][-1]) / (figures[row.name][0] - figures["reading"][0])
        for row in (EVERY_PAIR, FIRST_TEN)
    ]


def compare_pairs_of_runs(figures: Figures) -> list[float]:
    """Return each run's time as a multiple of the base of the same turn."""
    return compute_ratios(figures["attune"], figures["base"])


def compare_time_of_record(figures: Figures) -> list[float]:
    """Return the time of one record with the most of them, by that of the earlier version with a tenth as many."""
    seconds = [one / SIZES["large"].records for one in figures["large"]["attune"]]
    return compute_ratios(seconds, [one / SIZES["middle"].records for one in figures["middle"]["base"]])


AIMS = (
    Aim("one client, 1,000 therapists, warm: time, by that of the naive script", "client",
        compare_client_with_naive, 1.0),
    Aim("one client, 10,000 therapists: time, by that with 1,000", "client", compare_large_roster, 12.0),
    Aim("first ranking of a new process: time, by `import pandas, lightgbm`", "cold", compare_pairs_of_runs, 1.2),
    Aim("batch, every pair to Parquet, 2 processes: pairs a second, by the naive script", "batch",
        compare_batch(EVERY_PAIR.name), 20.0, is_upper=False),
    Aim("batch, every pair to CSV, 2 processes: pairs a second, by the naive script", "batch",
        compare_batch(EVERY_PAIR_CSV.name), 20.0, is_upper=False),
    Aim("batch, first 10 places, 2 processes: pairs a second, by the naive script", "batch",
        compare_batch(FIRST_TEN.name), 20.0, is_upper=False),
    Aim("batch: memory beyond reading, 40,000 clients by 2,500", "memory", compare_memory, 1.2),
    Aim("placement of 5,000 clients: time, by SciPy's `linear_sum_assignment`", "placement",
        compare_pairs_of_runs, 16.0),
    Aim("placement of 5,000 clients: peak memory", "placement",
        lambda figures: [one / 1024 for one in figures["peak_mib"]], 1.5, unit="GiB"),
    Aim(f"training on 300 records: time, by that of {EARLIER_NAME}", "training",
        lambda figures: compare_pairs_of_runs(figures["small"]), 0.6),
    Aim(f"training on 300,000 records: time of a record, by that of {EARLIER_NAME} on 30,000", "training",
        compare_time_of_record, 1.0),
)  # fmt: skip


def list_spreads(results: Results) -> list[tuple[Aim, Spread | None]]:
    """Return each aim with the spread of its runs; None where its part, or what it needs of it, was not measured."""
    rows: list[tuple[Aim, Spread | None]] = []
    for aim in AIMS:
        try:
            values = aim.list_values(results[aim.part])
        except KeyError:
            values = []
        rows.append((aim, compute_spread(values) if values else None))
    return rows
