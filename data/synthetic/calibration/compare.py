"""Simulated beside published: the mean over several clinics with its interval, and whether the two agree."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from data.synthetic.calibration.forms import FORMS
from data.synthetic.calibration.pairs import INTAKE_AND_PAIRS
from data.synthetic.calibration.people import PEOPLE
from data.synthetic.calibration.seen import Seen
from data.synthetic.calibration.sessions import SESSIONS
from data.synthetic.calibration.statistic import Statistic
from data.synthetic.world import World

STATISTICS: tuple[Statistic, ...] = (*FORMS, *SESSIONS, *INTAKE_AND_PAIRS, *PEOPLE)
SURE = 0.95  # of the intervals that are shown
STRICT = 0.99  # of the interval by which a row holds: some sixty rows are looked at together


@dataclass(frozen=True)
class Compared:
    """One statistic over several clinics of one world.

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
    def error(self) -> float:
        """Standard error of the mean."""
        return float(np.std(self.values, ddof=1)) / math.sqrt(len(self.values))

    def _times(self, sure: float) -> float:
        return float(t.ppf((1 + sure) / 2, len(self.values) - 1))

    def interval(self, sure: float = SURE) -> tuple[float, float]:
        """Where the mean lies, by the spread between clinics (Student's t)."""
        half = self._times(sure) * self.error
        return self.mean - half, self.mean + half

    def clinic(self, sure: float = SURE) -> tuple[float, float]:
        """Where one clinic of this size may lie."""
        half = self._times(sure) * self.error * math.sqrt(len(self.values) + 1)
        return self.mean - half, self.mean + half

    @property
    def holds(self) -> bool:
        """Whether the interval of the mean reaches into what is published."""
        (low, high), (least, most) = self.interval(STRICT), self.statistic.bounds
        return low <= most and high >= least

    @property
    def published(self) -> str:
        """As shown: the figure and its bounds."""
        low, high = self.statistic.bounds
        if self.statistic.source.unit == "sign" and self.statistic.error is None:
            return "above 0" if low == 0 else "below 0"
        return told(self.statistic.source.value) + (f" [{told(low)}, {told(high)}]" if low < high else "")

    @property
    def simulated(self) -> str:
        """As shown: the mean and its interval."""
        low, high = self.interval()
        return f"{told(self.mean)} [{told(low)}, {told(high)}]"

    @property
    def one(self) -> str:
        """As shown: the bounds for one clinic."""
        low, high = self.clinic()
        return f"{told(low)} to {told(high)}"

    def told(self) -> dict[str, object]:
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
            "simulated_interval": self.interval(),
            "one_clinic": self.clinic(),
            "holds": self.holds,
            "explains": "" if self.holds else self.statistic.explains,
        }


def measured(world: World, clients: int, therapists: int, seed: int) -> dict[Statistic, float]:
    """Every statistic of one synthetic clinic; NaN where so few people cannot tell."""
    seen = Seen.of(world, clients, therapists, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a mean of nobody, a slope of nothing: NaN says so
        return {row: row.measure(seen) for row in STATISTICS}


def compare(clinics: Sequence[dict[Statistic, float]]) -> list[Compared]:
    """Every statistic over several clinics; one that fewer than two of them tell is left out.

    Parameters
    ----------
    clinics : sequence of dict
        What :func:`measured` said of each.
    """
    known = {row: tuple(v for v in (clinic[row] for clinic in clinics) if not math.isnan(v)) for row in STATISTICS}
    return [Compared(row, values) for row, values in known.items() if len(values) > 1]


def calibrated(
    world: World, clients: int, therapists: int, seeds: Sequence[int], say: Callable[[str], None] = lambda _: None
) -> list[Compared]:
    """Simulate one clinic a seed and compare; ``say`` is told of each."""
    rows = []
    for number, seed in enumerate(seeds, start=1):
        say(f"comparing with what is published: clinic {number} of {len(seeds)}")
        rows.append(measured(world, clients, therapists, seed))
    return compare(rows)


def told(value: float) -> str:
    """A number as people read it in a table.

    >>> told(0.3456), told(-4.129), told(34.51)
    ('.35', '-4.13', '34.5')
    """
    text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text
