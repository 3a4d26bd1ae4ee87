"""What the real ratings in ``examples/alliance_diary`` say, beside what is published: ``python -m benchmarks.diary``.

Every figure that ``data/published_statistics.toml`` marks as measured on them comes from here; a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from attune_fit.data.published_statistics import PublishedStatistic, read_published_statistics
from attune_fit.data.synthetic.calibration import repeated_measures

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "alliance_diary"
EARLY = 3  # occasions whose mean a therapist's share is read from
NEXT = slice(1, 5)  # occasions 2 to 5
RESAMPLES, SEED = 2000, 20_260_105
TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Reading:
    """One figure that the ratings tell.

    Attributes
    ----------
    name : str
        As people read it.
    figure : str
        Key of the published figure.
    measure : callable
        Reads it off scores of shape (patients, occasions), whose rows are labelled ``therapist`` and ``patient``.
    over : {"patient", "therapist"}
        Who is drawn anew for its interval: therapists where it is about them, for their patients are not independent.
    """

    name: str
    figure: str
    measure: Callable[[pd.DataFrame], float]
    over: Literal["patient", "therapist"] = "patient"

    @property
    def published(self) -> PublishedStatistic:
        """The figure it is compared with."""
        return read_published_statistics()[self.figure]


def _therapist_share(wide: pd.DataFrame) -> float:
    """Therapists' share of the mean of the first three occasions, of those that were rated."""
    early = wide.iloc[:, :EARLY].mean(axis=1)
    return repeated_measures.compute_therapist_share(early, early.index.get_level_values("therapist").to_series())


READINGS = (
    Reading("therapist, share of the mean of occasions 1-3", "diary_therapist_share", _therapist_share, "therapist"),
    Reading("patient, share of one occasion", "diary_patient_share", repeated_measures.compute_patient_share),
    Reading("session and error, share of one occasion", "diary_session_share",
            lambda wide: 1 - repeated_measures.compute_patient_share(wide)),
    Reading("occasion 1 with 6-15, r", "diary_first_r", repeated_measures.correlate_first_with_later),
    Reading("occasions 2-5 with 6-15, mean r", "diary_next_r", repeated_measures.correlate_next_with_later),
    Reading("SD of occasion 1 beside 2-5", "diary_spread_ratio", repeated_measures.compute_first_sd_ratio),
    Reading("rise an occasion, SD", "diary_growth", repeated_measures.compute_growth),
)  # fmt: skip


def ratings() -> pd.DataFrame:
    """Scores of shape (patients, occasions), in units of the study; NaN where nothing was rated."""
    rows = pd.read_csv(FOLDER / "wai_long.csv")
    return rows.pivot_table(index=["therapist", "patient"], columns="t", values="wai")


def told(wide: pd.DataFrame) -> dict[str, float]:
    """Every reading of some ratings, by the key of its figure."""
    return {row.figure: row.measure(wide) for row in READINGS}


def intervals(wide: pd.DataFrame, resamples: int, seed: int = SEED) -> dict[str, tuple[float, float]]:
    """95% interval of every reading, by the key of its figure: percentiles of the bootstrap.

    Parameters
    ----------
    wide : DataFrame of shape (patients, occasions)
        Rows labelled ``therapist`` and ``patient``.
    resamples, seed : int
        How many samples are drawn, and their chance. Someone drawn twice counts as two people.
    """
    found = {}
    for over in ("patient", "therapist"):
        rng = np.random.default_rng(seed)
        rows = [row for row in READINGS if row.over == over]
        drawn = [[row.measure(sample) for row in rows] for sample in samples(wide, over, resamples, rng)]
        for row, (low, high) in zip(rows, np.quantile(drawn, TAILS, axis=0).T, strict=True):
            found[row.figure] = (float(low), float(high))
    return found


def samples(wide: pd.DataFrame, over: str, resamples: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Samples with replacement: of patients, or of therapists with all of their patients, labelled anew."""
    label, everybody = pd.factorize(wide.index.get_level_values(over))
    rows_of = [np.flatnonzero(label == one) for one in range(len(everybody))]
    for _ in range(resamples):
        drawn = rng.integers(0, len(rows_of), len(rows_of))
        sample = wide.iloc[np.concatenate([rows_of[one] for one in drawn])]
        if over == "therapist":
            who = np.repeat(np.arange(len(drawn)), [len(rows_of[one]) for one in drawn])
            sample = sample.set_axis(pd.MultiIndex.from_arrays([who, np.arange(len(who))], names=wide.index.names))
        yield sample


def each_next(wide: pd.DataFrame) -> list[float]:
    """Correlation of each of occasions 2-5 with the mean of occasions 6-15."""
    later = wide.iloc[:, repeated_measures.LATER_OCCASIONS].mean(axis=1)
    return [float(wide[occasion].corr(later)) for occasion in wide.columns[NEXT]]


def main() -> None:
    """Print what is measured with its interval, and what ``data/published_statistics.toml`` says."""
    wide = ratings()
    value, interval = told(wide), intervals(wide, RESAMPLES)
    patients, therapists = (wide.index.get_level_values(who).nunique() for who in ("patient", "therapist"))
    print(f"{int(wide.notna().to_numpy().sum())} ratings of {patients} patients with {therapists} therapists")
    print(f"{'':<46} {'measured':<22} published")
    for row in READINGS:
        figure = row.published
        here = _beside(value[row.figure], *interval[row.figure])
        print(f"{row.name:<46} {here:<22} {_beside(figure.value, figure.low, figure.high)}")
    apart = each_next(wide)
    print(f"occasions 2-5, each with 6-15: {min(apart):.2f} to {max(apart):.2f}")
    print(f"95% by the bootstrap over patients, for the therapist's share over therapists ({RESAMPLES:,} samples)")


def _beside(value: float, low: float | None, high: float | None) -> str:
    """A figure with its interval, where it has one."""
    return f"{value:6.3f}" + ("" if low is None or high is None else f" [{low:5.2f}, {high:5.2f}]")


if __name__ == "__main__":
    main()
