"""Specification curve: the effect in every analysis that the hypothesis declares equally defensible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from attune_fit.training.hypotheses.effect_estimates import estimate_effect
from attune_fit.training.hypotheses.lab_records import LabRecords
from attune_fit.training.hypotheses.null_statistics import (
    NullDraws,
    NullStatistics,
    compute_null_statistics,
    count_extreme,
    describe_unit,
)

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.hypothesis import Hypothesis

Choice = TypeVar("Choice")
MAIN_LABEL = "main analysis"


@dataclass(frozen=True)
class Specification:
    """The effect in one analysis.

    Attributes
    ----------
    label : str
        Which choices differ from the main analysis, in words; ``main analysis`` for the first.
    outcome : str
    covariates, exclusions : tuple of str
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
    exclusions: tuple[str, ...]
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
        Share of them whose median t, over analyses, is as far from zero as observed. An estimate alone has another
        precision in each draw where caseloads differ.
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


def list_analyses(hypothesis: Hypothesis) -> list[Hypothesis]:
    """List the analyses that a hypothesis declares equally defensible, each as a hypothesis; the main one is first.

    They are all combinations of its outcomes, its lists of covariates, and each of its exclusions made or not.
    """
    main, other = hypothesis, hypothesis.alternatives
    outcomes = _list_distinct([main.outcome, *other.outcomes])
    covariates = _list_distinct([main.covariates, *other.covariates])
    added = [one for one in _list_distinct(other.exclusions) if one not in main.exclusions]
    subsets = [subset for size in range(len(added) + 1) for subset in combinations(added, size)]
    return [
        main.model_copy(update={"outcome": outcome, "covariates": columns, "exclusions": [*main.exclusions, *subset]})
        for outcome, columns, subset in product(outcomes, covariates, subsets)
    ]


def build_specification_curve(
    analyses: Sequence[tuple[Hypothesis, LabRecords]], failed: Sequence[str], null: NullDraws
) -> tuple[SpecificationCurve, NullStatistics | None]:
    """Build the curve of some analyses, the main one first, and their joint test [1]_.

    Parameters
    ----------
    analyses : sequence of (Hypothesis, LabRecords)
        Each analysis with its own records.
    failed : sequence of str
        Labels of analyses without records.
    null : NullDraws
        With all therapists of all records.

    Returns
    -------
    SpecificationCurve
    NullStatistics or None
        Of the main analysis; None if it could not be computed.

    References
    ----------
    .. [1] Simonsohn, Simmons & Nelson (2020), Nat. Hum. Behav. 4, 1208-1214, doi:10.1038/s41562-020-0912-z.
    """
    main = analyses[0][0]
    specifications: list[Specification] = []
    statistics: list[NullStatistics | None] = []
    without_result = list(failed)
    for analysis, records in analyses:
        one = _build_specification(analysis, records, main)
        drawn = _compute_drawn(records, null, main.alpha)
        if drawn is None or not np.isfinite(one.estimate):
            without_result.append(one.label)
        else:
            specifications.append(one)
        statistics.append(drawn if np.isfinite(one.estimate) else None)
    drawn_all = [one for one in statistics if one is not None]
    joint = _test_jointly(drawn_all, describe_unit(analyses[0][1]))
    estimates = [one.estimate for one in specifications]
    median = float(np.median(estimates)) if estimates else np.nan
    n_significant = sum(one.p < main.alpha and one.estimate * median > 0 for one in specifications)
    share = n_significant / len(specifications) if specifications else np.nan
    ordered = tuple(sorted(specifications, key=lambda one: one.estimate))
    return SpecificationCurve(ordered, median, share, joint, tuple(without_result)), statistics[0]


def describe_analysis(analysis: Hypothesis, main: Hypothesis) -> str:
    """Return which choices of an analysis differ from the main one, in words."""
    differences = []
    if analysis.outcome != main.outcome:
        differences.append(f"outcome {analysis.outcome}")
    if analysis.covariates != main.covariates:
        differences.append("covariates " + (", ".join(analysis.covariates) or "none"))
    if added := analysis.exclusions[len(main.exclusions) :]:
        differences.append("without " + ", ".join(added))
    return "; ".join(differences) or MAIN_LABEL


def _list_distinct(choices: Sequence[Choice]) -> list[Choice]:
    """Return the choices without repeated ones, in order."""
    return [one for place, one in enumerate(choices) if one not in choices[:place]]


def _build_specification(analysis: Hypothesis, records: LabRecords, main: Hypothesis) -> Specification:
    test = estimate_effect(records, alpha=main.alpha)
    label = describe_analysis(analysis, main)
    return Specification(
        label,
        analysis.outcome,
        tuple(analysis.covariates),
        tuple(analysis.exclusions),
        *(test.estimate, test.low, test.high, test.p),
        *(test.n, test.n_clusters),
        is_main=label == MAIN_LABEL,
    )


def _compute_drawn(records: LabRecords, null: NullDraws, alpha: float) -> NullStatistics | None:
    try:
        return compute_null_statistics(records, null, alpha)
    except ValueError:
        return None


def _test_jointly(statistics: Sequence[NullStatistics], unit: str) -> JointTest:
    """Return the joint test of some analyses; that of one is its permutation test, and NaN without any."""
    if not statistics:
        return JointTest(0, unit, np.nan, np.nan)
    medians = np.median([one.t for one in statistics], axis=0)
    significant = np.mean([one.is_significant(np.sign(medians)) for one in statistics], axis=0)
    return JointTest(len(medians) - 1, unit, count_extreme(np.abs(medians)), count_extreme(significant))
