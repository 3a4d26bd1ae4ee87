"""Result of a hypothesis test: the effect, what was checked around it, and the conclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.training.hypotheses.bayes_factor import BayesFactor
    from attune_fit.training.hypotheses.equivalence_region import EquivalenceRegion
    from attune_fit.training.hypotheses.held_out_gain import HeldOutGain
    from attune_fit.training.hypotheses.specification_curve import SpecificationCurve

RESULT_VERSION = 1  # of the dict; a key is added without a new number, and never removed or given another meaning


@dataclass(frozen=True)
class ReportedEffect:
    """One estimate of the effect.

    Attributes
    ----------
    method : str
        Which test, in words.
    estimate, low, high : float
        SD of the outcome per SD of the term, with the interval at level 1 - alpha.
    se, df, t, p : float
        Standard error in the same unit; Student's t on ``df`` degrees of freedom; two-sided p.
    points, points_low, points_high : float
        The same in points of the outcome (POMP, 0-100; shares of clients for dropout) per SD of the term.
    n, n_clusters : int
        Records, and therapists.
    """

    method: str
    estimate: float
    low: float
    high: float
    se: float
    df: float
    t: float
    p: float
    points: float
    points_low: float
    points_high: float
    n: int
    n_clusters: int


@dataclass(frozen=True)
class PermutationCheck:
    """The p value without an assumption about the shape of the errors.

    Attributes
    ----------
    unit : str
        What was exchanged, in words.
    p : float in (0, 1]
        Two-sided; (hits + 1) / (draws + 1).
    draws : int
    """

    unit: str
    p: float
    draws: int


@dataclass(frozen=True)
class UsedRecords:
    """How many records a test used, and why others fell out.

    Attributes
    ----------
    used, clients, therapists : int
    dropped : mapping of str to int
        Records by the reason why they were not used.
    """

    used: int
    clients: int
    therapists: int
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RegistrationState:
    """Whether a hypothesis was registered before its outcomes were there.

    Attributes
    ----------
    is_registered : bool
        Whether this exact file (by digest) is in the registry of the clinic.
    registered_on : str
        ISO date and time; empty if it is not registered.
    outcomes_present, outcomes_used : int
        How many of the outcomes that the test uses were in the tables at registration, of how many.
    sentence : str
    """

    is_registered: bool
    registered_on: str
    outcomes_present: int
    outcomes_used: int
    sentence: str


@dataclass(frozen=True)
class HypothesisWarning:
    """Something to check before the result is believed.

    Attributes
    ----------
    id : str
        One of the ids of :mod:`hypothesis_warnings`.
    text : str
        What was found, and what to do.
    """

    id: str
    text: str


@dataclass(frozen=True)
class RealWorldFigure:
    """A published figure from routine care, to compare the result with."""

    text: str
    source: str


@dataclass(frozen=True)
class FamilyMember:
    """The place of one hypothesis in a family that was tested together.

    Attributes
    ----------
    correction : str
        ``holm`` or ``bh``.
    n : int
        Hypotheses in the family, >= 2.
    adjusted_p : float in [0, 1]
        Compare it with alpha.
    """

    correction: str
    n: int
    adjusted_p: float


@dataclass(frozen=True)
class HypothesisResult:
    """What a test found, in the order in which a report shows it.

    Attributes
    ----------
    name, claim, source, kind, outcome, direction : str
        As in the file of the hypothesis; ``kind`` is trait, pair, interaction or surface.
    smallest_effect, alpha : float
    verdict : str
        ``supported``, ``not supported`` or ``these data cannot tell``.
    sentence : str
        The conclusion in one or two sentences.
    reasons : tuple of str
        Each condition of the verdict, whether it holds, with its numbers.
    digest : str
        SHA-256 of the hypothesis.
    data_digest : str
        SHA-256 of the arrays that were tested.
    seed : int
    registration : RegistrationState or None
        None where no clinic was read.
    records : UsedRecords
    outcome_sd : float
        SD of the outcome in the used records, in points.
    outcome_unit : str
        Unit of ``points``, in words.
    term_sd : float or None
        SD of the term in its own unit; None where it is not known.
    effect : ReportedEffect
        By the default test of the kind of term.
    other_tests : tuple of ReportedEffect
        Columns to compare; they do not change the verdict.
    permutation : PermutationCheck
    specification_curve : SpecificationCurve
    equivalence : EquivalenceRegion
    bayes_factor : BayesFactor
    held_out_gain : HeldOutGain or None
        None with too few records or therapists for folds.
    surface : mapping or None
        Of a surface: the record of the response surface.
    warnings : tuple of HypothesisWarning
    family : FamilyMember or None
        None for a hypothesis that was tested alone.
    real_world : tuple of RealWorldFigure
    adjusted_for : tuple of str
        Covariates of the main analysis in words: those of the file, then those that Attune adds.
    """

    name: str
    claim: str
    source: str
    kind: str
    outcome: str
    direction: str
    smallest_effect: float
    alpha: float
    verdict: str
    sentence: str
    reasons: tuple[str, ...]
    digest: str
    data_digest: str
    seed: int
    registration: RegistrationState | None
    records: UsedRecords
    outcome_sd: float
    outcome_unit: str
    term_sd: float | None
    effect: ReportedEffect
    other_tests: tuple[ReportedEffect, ...]
    permutation: PermutationCheck
    specification_curve: SpecificationCurve
    equivalence: EquivalenceRegion
    bayes_factor: BayesFactor
    held_out_gain: HeldOutGain | None
    surface: Mapping[str, Any] | None = None
    warnings: tuple[HypothesisWarning, ...] = ()
    family: FamilyMember | None = None
    real_world: tuple[RealWorldFigure, ...] = ()
    adjusted_for: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the result as types of JSON: one key for each attribute, with the same names, and ``version``.

        Records inside are dicts, tuples are lists, and what is None is null. A number that is not finite is null.
        """
        content = _convert(asdict(self))
        return {"version": RESULT_VERSION, **content}


def summarize_results(results: Sequence[HypothesisResult]) -> str:
    """Return the results in one line: the sentence of one, or the verdict of each of several."""
    return results[0].sentence if len(results) == 1 else "; ".join(f"{one.name}: {one.verdict}" for one in results)


def build_results_frame(results: Sequence[HypothesisResult]) -> pd.DataFrame:
    """Build one row for each hypothesis: verdict, effect with its interval, p values, Bayes factor and joint test.

    Effects are SD of the outcome per SD of the term. ``adjusted_p`` is missing for a hypothesis tested alone, and
    ``held_out_r2`` where it was not measured.
    """
    import pandas as pd

    return pd.DataFrame([
        {
            "name": one.name,
            "verdict": one.verdict,
            "kind": one.kind,
            "outcome": one.outcome,
            "estimate": one.effect.estimate,
            "low": one.effect.low,
            "high": one.effect.high,
            "p": one.effect.p,
            "adjusted_p": None if one.family is None else one.family.adjusted_p,
            "permutation_p": one.permutation.p,
            "joint_p": one.specification_curve.joint.p_median,
            "bayes_factor": one.bayes_factor.bf10,
            "held_out_r2": None if one.held_out_gain is None else one.held_out_gain.r2,
            "records": one.records.used,
            "therapists": one.records.therapists,
            "registered": one.registration is not None and one.registration.is_registered,
        }
        for one in results
    ])  # fmt: skip


def _convert(value: Any) -> Any:
    """Return a value as a type of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _convert(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_convert(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not (abs(value) < float("inf")):
        return None
    return value
