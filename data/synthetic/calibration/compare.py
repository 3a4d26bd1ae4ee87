"""Simulated beside published: the mean over several clinics with its interval, and whether the two agree."""

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
from attune_fit.data.synthetic.calibration.questionnaire_statistics import FORM_STATISTICS
from attune_fit.data.synthetic.calibration.session_statistics import SESSION_STATISTICS
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.world import World

STATISTICS: tuple[Statistic, ...] = (*FORM_STATISTICS, *SESSION_STATISTICS, *PAIR_STATISTICS, *PEOPLE_STATISTICS)
CONFIDENCE_LEVEL = 0.95  # of the intervals that are shown
CalibrationVerdict = Literal["holds", "misses", "cannot tell", "not judged"]
VERDICT_WORDS: dict[CalibrationVerdict, str] = {
    "holds": "hold",
    "misses": "miss",
    "cannot tell": "cannot be told at this size",
}
VERDICT_MARKS: dict[CalibrationVerdict, str] = {"holds": "✓", "misses": "✗", "cannot tell": "~", "not judged": ""}


@dataclass(frozen=True)
class StatisticComparison:
    """One statistic over several clinics of one world; the first is the clinic at hand.

    Attributes
    ----------
    statistic : Statistic
    values : tuple of float
        One a clinic; at least two, none of them NaN.
    """

    statistic: Statistic
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over clinics."""
        return float(np.mean(self.values))

    @property
    def standard_error(self) -> float:
        """Standard error of the mean."""
        return float(np.std(self.values, ddof=1)) / math.sqrt(len(self.values))

    def _compute_t_quantile(self, sure: float) -> float:
        return float(t.ppf((1 + sure) / 2, len(self.values) - 1))

    def compute_interval(self, sure: float = CONFIDENCE_LEVEL) -> tuple[float, float]:
        """Where the mean lies, by the spread between clinics (Student's t)."""
        half = self._compute_t_quantile(sure) * self.standard_error
        return self.mean - half, self.mean + half

    @property
    def verdict(self) -> CalibrationVerdict:
        """What the clinics tell of it.

        ``holds``: the mean lies within what is published, and its interval is no wider than that. ``misses``: the whole
        interval lies outside. ``cannot tell``: anything between, as few or small clinics make it. ``not judged``: it
        speaks of other people.
        """
        (low, high), (least, most) = self.compute_interval(), self.statistic.bounds
        if self.statistic.kind == "orientation":
            return "not judged"
        if high < least or low > most:
            return "misses"
        one_sided = not (math.isfinite(least) and math.isfinite(most))
        sure = low >= least and high <= most if one_sided else high - low <= most - least
        return "holds" if sure and least <= self.mean <= most else "cannot tell"

    @property
    def source_note(self) -> str:
        """The source, where its error comes from, and what to know of the comparison."""
        source = self.statistic.source
        said = [
            f"{source.cite} ({source.mark})",
            self.statistic.error_source and f"error: {self.statistic.error_source}",
        ]
        return ". ".join(each.rstrip(".") for each in (*said, self.statistic.note) if each) + "."

    @property
    def published_text(self) -> str:
        """As shown: the figure and its bounds."""
        low, high = self.statistic.bounds
        if self.statistic.source.unit == "sign" and self.statistic.error is None:
            return "above 0" if low == 0 else "below 0"
        return format_statistic_value(self.statistic.source.value) + (
            f" [{format_statistic_value(low)}, {format_statistic_value(high)}]" if low < high else ""
        )

    @property
    def simulated_text(self) -> str:
        """As shown: the mean and its interval."""
        low, high = self.compute_interval()
        return f"{format_statistic_value(self.mean)} [{format_statistic_value(low)}, {format_statistic_value(high)}]"

    @property
    def range_text(self) -> str:
        """As shown: the lowest and the highest of the clinics."""
        return f"{format_statistic_value(min(self.values))} to {format_statistic_value(max(self.values))}"

    def to_dict(self) -> dict[str, object]:
        """For another program."""
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
    """Every statistic of one synthetic clinic; NaN where so few people cannot tell."""
    seen = ObservedClinic.from_world(world, clients, therapists, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a mean of nobody, a slope of nothing: NaN says so
        return {row: row.measure(seen) for row in STATISTICS}


def compare_clinics(clinics: Sequence[dict[Statistic, float]]) -> list[StatisticComparison]:
    """Every statistic over several clinics; one that fewer than two of them tell is left out.

    Parameters
    ----------
    clinics : sequence of dict
        What :func:`measure_clinic` said of each.
    """
    known = {row: tuple(v for v in (clinic[row] for clinic in clinics) if not math.isnan(v)) for row in STATISTICS}
    return [StatisticComparison(row, values) for row, values in known.items() if len(values) > 1]


def run_calibration(
    world: World, clients: int, therapists: int, seeds: Sequence[int], say: Callable[[str], None] = lambda _: None
) -> list[StatisticComparison]:
    """Simulate one clinic a seed and compare; ``say`` is told of each."""
    rows = []
    for number, seed in enumerate(seeds, start=1):
        say(f"comparing with what is published: clinic {number} of {len(seeds)}")
        rows.append(measure_clinic(world, clients, therapists, seed))
    return compare_clinics(rows)


def summarize_verdicts(compared: Sequence[StatisticComparison]) -> str:
    """How many of each kind hold, miss, or cannot be told: a sentence for each kind."""
    says = {"check": "come out unasked", "input": "were put in and have to come out again"}
    parts = []
    for kind, means in says.items():
        rows = [row.verdict for row in compared if row.statistic.kind == kind]
        counts = ", ".join(f"{rows.count(each)} {word}" for each, word in VERDICT_WORDS.items() if rows.count(each))
        parts.append(f"{len(rows)} {means}: {counts}.")
    rest = sum(row.statistic.kind == "orientation" for row in compared)
    return " ".join([*parts, f"{rest} speak of other people and are not judged."])


def format_statistic_value(value: float) -> str:
    """A number as people read it in a table.

    >>> format_statistic_value(0.3456), format_statistic_value(-4.129), format_statistic_value(34.51)
    ('.35', '-4.13', '34.5')
    """
    if 0.001 < abs(value) < 0.0095:
        return f"{value:.3f}".replace("0.", ".", 1)
    text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text
