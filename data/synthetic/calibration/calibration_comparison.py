"""Compare simulated with published statistics: mean over clinics, confidence interval, and verdict."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t

from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.calibration.pair_statistics import PAIR_STATISTICS
from attune_fit.data.synthetic.calibration.people_statistics import PEOPLE_STATISTICS
from attune_fit.data.synthetic.calibration.published_target import Statistic
from attune_fit.data.synthetic.calibration.questionnaire_statistics import FORM_STATISTICS
from attune_fit.data.synthetic.calibration.session_statistics import SESSION_STATISTICS
from attune_fit.data.synthetic.world import World

STATISTICS: tuple[Statistic, ...] = (*FORM_STATISTICS, *SESSION_STATISTICS, *PAIR_STATISTICS, *PEOPLE_STATISTICS)
CONFIDENCE_LEVEL = 0.95  # of all intervals
CalibrationVerdict = Literal["holds", "misses", "cannot tell", "not judged"]
VERDICT_WORDS: dict[CalibrationVerdict, str] = {
    "holds": "match",
    "misses": "miss",
    "cannot tell": "undecided at this size",
}
VERDICT_MARKS: dict[CalibrationVerdict, str] = {"holds": "✓", "misses": "✗", "cannot tell": "~", "not judged": ""}


@dataclass(frozen=True)
class StatisticComparison:
    """One statistic over several clinics of one world, compared with its published figure.

    Attributes
    ----------
    statistic : Statistic
    values : tuple of float
        One value for each clinic, this clinic first; at least two values, none of them NaN.
    """

    statistic: Statistic
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over the clinics, in the unit of the statistic."""
        return float(np.mean(self.values))

    @property
    def standard_error(self) -> float:
        """Standard error of the mean over the clinics."""
        return float(np.std(self.values, ddof=1)) / math.sqrt(len(self.values))

    def _compute_t_quantile(self, confidence: float) -> float:
        return float(t.ppf((1 + confidence) / 2, len(self.values) - 1))

    def compute_interval(self, confidence: float = CONFIDENCE_LEVEL) -> tuple[float, float]:
        """Return the confidence interval of the mean, from the spread between clinics (Student's t)."""
        half_width = self._compute_t_quantile(confidence) * self.standard_error
        return self.mean - half_width, self.mean + half_width

    @property
    def verdict(self) -> CalibrationVerdict:
        """Whether the simulated mean agrees with the published figure.

        ``holds``: the mean lies within the published interval, and its own interval is not wider. ``misses``: the whole
        interval lies outside. ``cannot tell``: undecided, because the clinics are few or small. ``not judged``: the
        figure is from another population.
        """
        (low, high), (least, most) = self.compute_interval(), self.statistic.bounds
        if self.statistic.kind == "orientation":
            return "not judged"
        if high < least or low > most:
            return "misses"
        is_one_sided = not (math.isfinite(least) and math.isfinite(most))
        is_precise = low >= least and high <= most if is_one_sided else high - low <= most - least
        return "holds" if is_precise and least <= self.mean <= most else "cannot tell"

    @property
    def source_note(self) -> str:
        """Source of the figure, source of its error, and note on the comparison, as one text."""
        source = self.statistic.source
        parts = [
            f"{source.cite} ({source.mark})",
            self.statistic.error_source and f"error: {self.statistic.error_source}",
        ]
        return ". ".join(part.rstrip(".") for part in (*parts, self.statistic.note) if part) + "."

    @property
    def published_text(self) -> str:
        """Published figure and its bounds, as table text."""
        low, high = self.statistic.bounds
        if self.statistic.source.unit == "sign" and self.statistic.error is None:
            return "above 0" if low == 0 else "below 0"
        return format_statistic_value(self.statistic.source.value) + (
            f" [{format_statistic_value(low)}, {format_statistic_value(high)}]" if low < high else ""
        )

    @property
    def simulated_text(self) -> str:
        """Simulated mean and its interval, as table text."""
        low, high = self.compute_interval()
        return f"{format_statistic_value(self.mean)} [{format_statistic_value(low)}, {format_statistic_value(high)}]"

    @property
    def range_text(self) -> str:
        """Lowest and highest value of the clinics, as table text."""
        return f"{format_statistic_value(min(self.values))} to {format_statistic_value(max(self.values))}"

    def to_dict(self) -> dict[str, object]:
        """Return the comparison as a JSON object."""
        low, high = self.statistic.bounds
        return {
            "statistic": self.statistic.name,
            "family": self.statistic.family,
            "figure": self.statistic.figure,
            "published": self.statistic.source.value,
            "published_low": low if math.isfinite(low) else None,
            "published_high": high if math.isfinite(high) else None,
            "simulated": self.mean,
            "simulated_interval": self.compute_interval(),
            "this_clinic": self.values[0],
            "clinics": self.values,
            "kind": self.statistic.kind,
            "verdict": self.verdict,
            "explains": self.statistic.note,
        }


def measure_clinic(world: World, clients: int, therapists: int, seed: int) -> dict[Statistic, float]:
    """Measure every statistic of one synthetic clinic; NaN if the clinic has too few people for it."""
    observations = ObservedClinic.from_world(world, clients, therapists, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an empty group gives NaN, which is the wanted result
        return {row: row.measure(observations) for row in STATISTICS}


def compare_clinics(clinics: Sequence[dict[Statistic, float]]) -> list[StatisticComparison]:
    """Compare every statistic over several clinics; a statistic with fewer than two known values is omitted.

    Parameters
    ----------
    clinics : sequence of dict
        Results of :func:`measure_clinic`, one for each clinic.
    """
    known_values = {
        row: tuple(value for value in (clinic[row] for clinic in clinics) if not math.isnan(value))
        for row in STATISTICS
    }
    return [StatisticComparison(row, values) for row, values in known_values.items() if len(values) > 1]


def run_calibration(
    world: World,
    clients: int,
    therapists: int,
    seeds: Sequence[int],
    report_progress: Callable[[str], None] = lambda _: None,
) -> list[StatisticComparison]:
    """Simulate one clinic for each seed, and compare them with published statistics."""
    clinics = []
    for number, seed in enumerate(seeds, start=1):
        report_progress(f"comparing with published statistics: clinic {number} of {len(seeds)}")
        clinics.append(measure_clinic(world, clients, therapists, seed))
    return compare_clinics(clinics)


def summarize_verdicts(comparisons: Sequence[StatisticComparison]) -> str:
    """Count the verdicts of each kind of statistic: match, miss or undecided, one sentence for each kind."""
    labels = {"check": "not built in", "input": "built in, to check the simulator itself"}
    sentences = []
    for kind, label in labels.items():
        verdicts = [row.verdict for row in comparisons if row.statistic.kind == kind]
        counts = ", ".join(
            f"{verdicts.count(verdict)} {word}" for verdict, word in VERDICT_WORDS.items() if verdicts.count(verdict)
        )
        sentences.append(f"{_count_statistics(len(verdicts))} {label}: {counts}.")
    others = sum(row.statistic.kind == "orientation" for row in comparisons)
    return " ".join([*sentences, f"{_count_statistics(others)} measured in other populations: not judged."])


def _count_statistics(count: int) -> str:
    return f"{count} statistic was" if count == 1 else f"{count} statistics were"


def format_statistic_value(value: float) -> str:
    """Format a number with about two significant decimals and without a leading zero, as in papers.

    >>> format_statistic_value(0.3456), format_statistic_value(-4.129), format_statistic_value(34.51)
    ('.35', '-4.13', '34.5')
    """
    if 0.001 < abs(value) < 0.0095:
        return f"{value:.3f}".replace("0.", ".", 1)
    text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text
