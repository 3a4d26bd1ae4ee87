"""Result of one test of one effect: estimate, interval and Student's t with degrees of freedom from therapists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

SIGNIFICANCE_LEVEL = 0.05
MIN_FREEDOM = 1.0  # below it, Student's t has no use as a reference

PROBLEMS = {
    "few-therapists": "too few therapists for the number of terms",
    "no-variation": "the term or the outcome has the same value in all records that the test compares",
    "not-converged": "the fit did not converge",
}


@dataclass(frozen=True)
class EffectTest:
    """Result of one test of one effect.

    Attributes
    ----------
    method : str
        Name of the test: ``slope per therapist``, ``therapist means``, ``within therapists`` or ``mixed model``.
    estimate, low, high, se : float
        Coefficient of the term, ends of its interval and its standard error, in the unit of the outcome per unit of the
        term; NaN where there is a problem.
    df : float
        Degrees of freedom of Student's t.
    t, p : float
        Statistic, and its two-sided p value in (0, 1]; NaN where there is a problem, so that no test rejects.
    n : int
        Records used.
    n_clusters : int
        Therapists used.
    level : float
        Level of the interval, .95 as a rule: one minus the significance level.
    spread : float
        Estimated standard deviation, over therapists, of what the term does not explain: of therapist means, of slopes,
        or of pair slopes; NaN where the method does not estimate it.
    problem : str
        Empty, or a key of :data:`PROBLEMS`: why there is no result.
    """

    method: str
    estimate: float
    low: float
    high: float
    se: float
    df: float
    t: float
    p: float
    n: int
    n_clusters: int
    level: float = 1 - SIGNIFICANCE_LEVEL
    spread: float = np.nan
    problem: str = ""

    @classmethod
    def from_estimate(
        cls,
        method: str,
        estimate: float,
        se: float,
        df: float,
        *,
        n: int,
        n_clusters: int,
        alpha: float = SIGNIFICANCE_LEVEL,
        spread: float = np.nan,
    ) -> EffectTest:
        """Return the test of an estimate against zero by Student's t with ``df`` degrees of freedom."""
        if not (np.isfinite([estimate, se, df]).all() and se > 0):
            return cls.without_result(method, "no-variation", n=n, n_clusters=n_clusters, alpha=alpha)
        df = max(df, MIN_FREEDOM)
        t = estimate / se
        half_width = se * float(stdtrit(df, 1 - alpha / 2))
        p = 2 * float(stdtr(df, -abs(t)))
        low, high = estimate - half_width, estimate + half_width
        return cls(method, estimate, low, high, se, df, t, p, n, n_clusters, 1 - alpha, spread)

    @classmethod
    def without_result(
        cls, method: str, problem: str, *, n: int, n_clusters: int, alpha: float = SIGNIFICANCE_LEVEL
    ) -> EffectTest:
        """Return a test that could not be made; ``problem`` is a key of :data:`PROBLEMS`."""
        if problem not in PROBLEMS:
            raise ValueError(f"unknown problem {problem!r}; known: {', '.join(PROBLEMS)}")
        nan = np.nan
        return cls(method, nan, nan, nan, nan, nan, nan, nan, n, n_clusters, 1 - alpha, nan, problem)

    @property
    def is_estimable(self) -> bool:
        """Whether there is a result."""
        return not self.problem

    def is_significant(self, direction: str = "both") -> bool:
        """Return whether the interval excludes zero, on the side of ``direction`` (``+``, ``-`` or ``both``).

        The test stays two-sided: a stated direction never makes it easier to reject.
        """
        if not self.is_estimable or self.p >= 1 - self.level:
            return False
        return direction == "both" or (self.estimate > 0) == (direction == "+")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name; NaN becomes None."""
        return {
            name: None if isinstance(value, float) and np.isnan(value) else value for name, value in vars(self).items()
        }
