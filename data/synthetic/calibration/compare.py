"""Simulated beside published: the mean over several clinics with its interval, and whether the two agree."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t

from attune_fit.data.synthetic.calibration.observed_clinic import Seen
from attune_fit.data.synthetic.calibration.pair_statistics import INTAKE_AND_PAIRS
from attune_fit.data.synthetic.calibration.people_statistics import PEOPLE
from attune_fit.data.synthetic.calibration.questionnaire_statistics import FORMS
from attune_fit.data.synthetic.calibration.session_statistics import SESSIONS
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.world import World

STATISTICS: tuple[Statistic, ...] = (*FORMS, *SESSIONS, *INTAKE_AND_PAIRS, *PEOPLE)
SURE = 0.95  # of the intervals that are shown
Verdict = Literal["holds", "misses", "cannot tell", "not judged"]
WORDS: dict[Verdict, str] = {"holds": "hold", "misses": "miss", "cannot tell": "cannot be told at this size"}
MARKS: dict[Verdict, str] = {"holds": "✓", "misses": "✗", "cannot tell": "~", "not judged": ""}


@dataclass(frozen=True)
class Compared:
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
    def error(self) -> float:
        """Standard error of the mean."""
        return float(np.std(self.values, ddof=1)) / math.sqrt(len(self.values))

    def _times(self, sure: float) -> float:
        return float(t.ppf((1 + sure) / 2, len(self.values) - 1))

    def interval(self, sure: float = SURE) -> tuple[float, float]:
        """Where the mean lies, by the spread between clinics (Student's t)."""
        half = self._times(sure) * self.error
        return self.mean - half, self.mean + half

    @property
    def verdict(self) -> Verdict:
        """What the clinics tell of it.

        ``holds``: the mean lies within what is published, and its interval is no wider than that. ``misses``: the whole
        interval lies outside. ``cannot tell``: anything between, as few or small clinics make it. ``not judged``: it
        speaks of other people.
        """
        (low, high), (least, most) = self.interval(), self.statistic.bounds
        if self.statistic.kind == "orientation":
            return "not judged"
        if high < least or low > most:
            return "misses"
        one_sided = not (math.isfinite(least) and math.isfinite(most))
        sure = low >= least and high <= most if one_sided else high - low <= most - least
        return "holds" if sure and least <= self.mean <= most else "cannot tell"

    @property
    def why(self) -> str:
        """The source, where its error comes from, and what to know of the comparison."""
        source = self.statistic.source
        said = [f"{source.cite} ({source.mark})", self.statistic.because and f"error: {self.statistic.because}"]
        return ". ".join(each.rstrip(".") for each in (*said, self.statistic.explains) if each) + "."

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
    def span(self) -> str:
        """As shown: the lowest and the highest of the clinics."""
        return f"{told(min(self.values))} to {told(max(self.values))}"

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
            "this_clinic": self.values[0],
            "clinics": self.values,
            "kind": self.statistic.kind,
            "verdict": self.verdict,
            "explains": self.statistic.explains,
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


def tally(compared: Sequence[Compared]) -> str:
    """How many of each kind hold, miss, or cannot be told: a sentence for each kind."""
    says = {"check": "come out unasked", "input": "were put in and have to come out again"}
    parts = []
    for kind, means in says.items():
        rows = [row.verdict for row in compared if row.statistic.kind == kind]
        counts = ", ".join(f"{rows.count(each)} {word}" for each, word in WORDS.items() if rows.count(each))
        parts.append(f"{len(rows)} {means}: {counts}.")
    rest = sum(row.statistic.kind == "orientation" for row in compared)
    return " ".join([*parts, f"{rest} speak of other people and are not judged."])


def told(value: float) -> str:
    """A number as people read it in a table.

    >>> told(0.3456), told(-4.129), told(34.51)
    ('.35', '-4.13', '34.5')
    """
    if 0.001 < abs(value) < 0.0095:
        return f"{value:.3f}".replace("0.", ".", 1)
    text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text
