"""Specification curve: the effect in every analysis that the hypothesis declares equally defensible."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Specification:
    """The effect in one analysis.

    Attributes
    ----------
    label : str
        Which choices differ from the main analysis, in words; ``main analysis`` for the first.
    outcome, exclusion : str
        ``exclusion`` is empty where none applies.
    covariates : tuple of str
    estimate, low, high : float
        SD of the outcome per SD of the term, with the interval at level 1 - alpha.
    p : float
    n, n_clusters : int
        Records, and therapists.
    is_main : bool
    """

    label: str
    outcome: str
    covariates: tuple[str, ...]
    exclusion: str
    estimate: float
    low: float
    high: float
    p: float
    n: int
    n_clusters: int
    is_main: bool


@dataclass(frozen=True)
class JointTest:
    """The joint test of all analyses.

    Attributes
    ----------
    draws : int
        Data sets drawn under the null.
    unit : str
        What was exchanged in them, in words.
    p_median : float in (0, 1]
        Share of them whose median effect is as far from zero as observed.
    p_share : float in (0, 1]
        Share of them with as many significant analyses on the dominant side as observed.
    """

    draws: int
    unit: str
    p_median: float
    p_share: float


@dataclass(frozen=True)
class SpecificationCurve:
    """All analyses, sorted by estimate, with their joint test.

    Attributes
    ----------
    specifications : tuple of Specification
    median : float
        Median estimate.
    share_significant : float in [0, 1]
        Share of analyses with p < alpha on the side of the median.
    joint : JointTest
    failed : tuple of str
        Labels of analyses that could not be computed, for example with too few therapists.
    """

    specifications: tuple[Specification, ...]
    median: float
    share_significant: float
    joint: JointTest
    failed: tuple[str, ...] = ()
