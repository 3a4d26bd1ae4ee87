"""Simulate a clinic into a folder, and compare clinics of its world with published statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.clinic_session import ReportProgress, ignore_progress
from attune_fit.data.storage.atomic_write import Content
from attune_fit.data.synthetic.simulate import TRUTH_FOLDER, SimulatedClinic, write_clinic
from attune_fit.results import Result
from attune_fit.simulation import DEFAULT_WORLD, build_world, check_new_folder, choose_size, simulate

if TYPE_CHECKING:
    from attune_fit.data.synthetic.calibration.calibration_comparison import StatisticComparison
    from attune_fit.data.synthetic.world import World

MIN_REPORT_CLIENTS, MIN_REPORT_THERAPISTS = 30, 3  # below, the statistics of a report cannot be computed
REPORT_CLINICS = 10  # clinics of the same world and size from which the report's intervals are computed
REPORT_PAGE = "calibration.html"


@dataclass(frozen=True)
class SimulatedFolder:
    """A simulated clinic that was written.

    Attributes
    ----------
    folder, truth : Path
        The clinic, and the folder of the true effects in it; training never reads the second.
    world : str
        As it was named.
    clients, therapists, outcomes, seed : int
    comparisons : tuple of StatisticComparison
        With published statistics; empty without a report.
    """

    folder: Path
    world: str
    clients: int
    therapists: int
    outcomes: int
    seed: int
    comparisons: tuple[StatisticComparison, ...] = ()

    @property
    def truth(self) -> Path:
        """Folder of the true effects."""
        return self.folder / TRUTH_FOLDER

    @property
    def page(self) -> Path:
        """The page of the report, with charts."""
        return self.truth / REPORT_PAGE

    @property
    def n_clinics(self) -> int:
        """Number of clinics behind the report."""
        return REPORT_CLINICS

    def to_dict(self) -> dict[str, Any]:
        """Return the facts in the types of JSON; ``calibration`` is left out without a report."""
        plain = {
            "clinic": str(self.folder),
            "world": self.world,
            "clients": self.clients,
            "therapists": self.therapists,
            "outcomes": self.outcomes,
            "seed": self.seed,
            "truth": str(self.truth),
        }
        return plain | ({"calibration": [one.to_dict() for one in self.comparisons]} if self.comparisons else {})


def write_simulated_clinic(
    folder: Path,
    clients: int | None = None,
    therapists: int | None = None,
    seed: int = 0,
    world: str = DEFAULT_WORLD,
    *,
    items: bool = False,
    fit_share: float | None = None,
    therapist_share: float | None = None,
    mix: str | None = None,
    report: bool = False,
    others: Mapping[str, Content] | None = None,
    report_progress: ReportProgress = ignore_progress,
) -> Result:
    """Simulate a clinic, and write its tables and in a folder of its own the truth.

    Parameters
    ----------
    folder : Path
        A new or an empty folder.
    clients, therapists, seed, world, items, fit_share, therapist_share, mix
        As in :func:`simulate`.
    report : bool, default False
        Whether to compare :data:`REPORT_CLINICS` clinics of this world and size with published statistics, and write a
        page with charts to the folder of the truth.
    others : mapping, optional
        Content of other files of the folder, by name; written with the tables, all or none.
    report_progress : callable, optional
        Receives the name of each step.

    Returns
    -------
    Result
        Of a :class:`SimulatedFolder`. The frame has one row for each statistic of the report.

    Raises
    ------
    DataFault
        If the folder is not empty, no world has this name, or the file of the world has errors.
    ValueError
        As in :func:`simulate`, or if the clinic is too small for a report. Nothing is written then.
    """
    check_new_folder(folder)
    sizes = choose_size(world, clients, therapists)
    if report and (sizes[0] < MIN_REPORT_CLIENTS or sizes[1] < MIN_REPORT_THERAPISTS):
        raise ValueError(f"a report needs at least {MIN_REPORT_CLIENTS} clients and {MIN_REPORT_THERAPISTS} therapists")
    effects = build_world(world, fit_share, therapist_share, mix)
    made = simulate(*sizes, seed, effects, items=items)
    comparisons, page = _compare_with_published(effects, sizes, seed, report_progress) if report else ((), {})
    write_clinic(SimulatedClinic(made.tables, made.truth), folder, others={**page, **(others or {})})
    one = SimulatedFolder(folder, world, *sizes, len(made.tables.outcomes), seed, comparisons)
    summary = f"{folder}: {sizes[0]:,} clients, {sizes[1]:,} therapists, {one.outcomes:,} outcome records"
    return Result(one, summary, lambda: pd.DataFrame([row.to_dict() for row in comparisons]), one.to_dict)


def _compare_with_published(
    world: World, sizes: tuple[int, int], seed: int, report_progress: ReportProgress
) -> tuple[tuple[StatisticComparison, ...], dict[str, Content]]:
    """Compare clinics of this world and size with published statistics; return also the page with charts, by name."""
    from attune_fit.data.synthetic.calibration.calibration_comparison import run_calibration
    from attune_fit.data.synthetic.calibration.calibration_page import format_calibration_page

    comparisons = run_calibration(world, *sizes, range(seed, seed + REPORT_CLINICS), report_progress)
    report_progress("drawing charts")
    page = format_calibration_page(comparisons, world, *sizes, seed)
    return tuple(comparisons), {f"{TRUTH_FOLDER}/{REPORT_PAGE}": page}
