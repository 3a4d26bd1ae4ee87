"""Compare the real ratings in ``examples/alliance_diary`` with published figures: ``python -m benchmarks.diary``.

``data/published_statistics.toml`` marks some figures as measured on these ratings. They come from here; a test
compares both.
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
EARLY = 3  # the therapist share is that of the mean of the first so many occasions
NEXT = slice(1, 5)  # occasions 2 to 5
RESAMPLES, SEED = 2000, 20_260_105
TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Reading:
    """One statistic of the real ratings.

    Attributes
    ----------
    name : str
        Label of the printed row.
    figure : str
        Key of the published figure.
    measure : callable
        Takes scores of shape (patients, occasions), whose rows are labelled ``therapist`` and ``patient``.
    over : {"patient", "therapist"}
        Sampling unit of the bootstrap. For a statistic of therapists it is the therapist (cluster bootstrap), because
        the patients of one therapist are not independent.
    """

    name: str
    figure: str
    measure: Callable[[pd.DataFrame], float]
    over: Literal["patient", "therapist"] = "patient"

    @property
    def published(self) -> PublishedStatistic:
        """The published figure of the same statistic."""
        return read_published_statistics()[self.figure]


def _compute_therapist_share(wide: pd.DataFrame) -> float:
    """Return the therapist share of the variance of the mean of the first three occasions, where rated."""
    early = wide.iloc[:, :EARLY].mean(axis=1)
    return repeated_measures.compute_therapist_share(early, early.index.get_level_values("therapist").to_series())


READINGS = (
    Reading("therapist, share of the mean of occasions 1-3", "diary_therapist_share", _compute_therapist_share,
            "therapist"),
    Reading("patient, share of one occasion", "diary_patient_share", repeated_measures.compute_patient_share),
    Reading("session and error, share of one occasion", "diary_session_share",
            lambda wide: 1 - repeated_measures.compute_patient_share(wide)),
    Reading("occasion 1 with 6-15, r", "diary_first_r", repeated_measures.correlate_first_with_later),
    Reading("occasions 2-5 with 6-15, mean r", "diary_next_r", repeated_measures.correlate_next_with_later),
    Reading("SD of occasion 1 over that of 2-5", "diary_spread_ratio", repeated_measures.compute_first_sd_ratio),
    Reading("rise an occasion, SD", "diary_growth", repeated_measures.compute_growth),
)  # fmt: skip


def read_ratings() -> pd.DataFrame:
    """Read the scores, shape (patients, occasions), in units of the study; NaN means not rated."""
    rows = pd.read_csv(FOLDER / "wai_long.csv")
    return rows.pivot_table(index=["therapist", "patient"], columns="t", values="wai")


def compute_readings(wide: pd.DataFrame) -> dict[str, float]:
    """Compute every statistic of some ratings, by the key of its figure."""
    return {row.figure: row.measure(wide) for row in READINGS}


def compute_intervals(wide: pd.DataFrame, resamples: int, seed: int = SEED) -> dict[str, tuple[float, float]]:
    """Compute the 95% percentile bootstrap interval of every statistic, by the key of its figure.

    Parameters
    ----------
    wide : DataFrame of shape (patients, occasions)
        Rows labelled ``therapist`` and ``patient``.
    resamples, seed : int
        Number of bootstrap samples, and the random seed. A unit drawn twice counts as two units.
    """
    intervals = {}
    for over in ("patient", "therapist"):
        rng = np.random.default_rng(seed)
        rows = [row for row in READINGS if row.over == over]
        values = [[row.measure(sample) for row in rows] for sample in draw_samples(wide, over, resamples, rng)]
        for row, (low, high) in zip(rows, np.quantile(values, TAILS, axis=0).T, strict=True):
            intervals[row.figure] = (float(low), float(high))
    return intervals


def draw_samples(wide: pd.DataFrame, over: str, resamples: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Draw bootstrap samples of patients, or of therapists with all of their patients, with new labels."""
    label, units = pd.factorize(wide.index.get_level_values(over))
    rows_of = [np.flatnonzero(label == unit) for unit in range(len(units))]
    for _ in range(resamples):
        drawn_units = rng.integers(0, len(rows_of), len(rows_of))
        sample = wide.iloc[np.concatenate([rows_of[unit] for unit in drawn_units])]
        if over == "therapist":
            new_label = np.repeat(np.arange(len(drawn_units)), [len(rows_of[unit]) for unit in drawn_units])
            sample = sample.set_axis(
                pd.MultiIndex.from_arrays([new_label, np.arange(len(new_label))], names=wide.index.names)
            )
        yield sample


def correlate_next_occasions(wide: pd.DataFrame) -> list[float]:
    """Return the correlation of each of occasions 2-5 with the mean of occasions 6-15."""
    later = wide.iloc[:, repeated_measures.LATER_OCCASIONS].mean(axis=1)
    return [float(wide[occasion].corr(later)) for occasion in wide.columns[NEXT]]


def main() -> None:
    """Print each measured statistic and its interval next to the figure in ``data/published_statistics.toml``."""
    wide = read_ratings()
    value, interval = compute_readings(wide), compute_intervals(wide, RESAMPLES)
    patients, therapists = (wide.index.get_level_values(label).nunique() for label in ("patient", "therapist"))
    print(f"{int(wide.notna().to_numpy().sum())} ratings of {patients} patients with {therapists} therapists")
    print(f"{'':<46} {'measured':<22} published")
    for row in READINGS:
        figure = row.published
        measured = _format_figure(value[row.figure], *interval[row.figure])
        print(f"{row.name:<46} {measured:<22} {_format_figure(figure.value, figure.low, figure.high)}")
    correlations = correlate_next_occasions(wide)
    print(f"occasions 2-5, each with 6-15, r: {min(correlations):.2f} to {max(correlations):.2f}")
    print(f"95% bootstrap intervals over patients; for the therapist share over therapists ({RESAMPLES:,} samples)")


def _format_figure(value: float, low: float | None, high: float | None) -> str:
    """Format a figure with its interval, if it has one."""
    return f"{value:6.3f}" + ("" if low is None or high is None else f" [{low:5.2f}, {high:5.2f}]")


if __name__ == "__main__":
    main()
