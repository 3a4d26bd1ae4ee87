"""Held-out gain: how much the term adds to predictions of records that were not used to fit it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HeldOutGain:
    """Agreement of the held-out prediction of the term with what covariates and therapists leave unexplained.

    Attributes
    ----------
    r, low, high : float in [-1, 1]
        Correlation, with a 95% interval clustered by therapist.
    r2 : float
        Share of the variance of the held-out outcome that the term explains; below 0 if the prediction is worse
        than none.
    control_r2_high : float
        The same share under no effect: 95% of permuted data sets are below it.
    p : float in (0, 1]
        Share of permuted data sets with at least this ``r2``.
    folds : str
        What was held out together, in words.
    draws : int
    """

    r: float
    low: float
    high: float
    r2: float
    control_r2_high: float
    p: float
    folds: str
    draws: int
