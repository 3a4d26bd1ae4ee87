"""Results of hypothesis tests as a report gets them: from drawn records, with declared analyses and a surface."""

from functools import cache
from typing import Any

from attune_fit.training.hypotheses.bayes_factor import compute_bayes_factor
from attune_fit.training.hypotheses.equivalence_region import compute_equivalence_region
from attune_fit.training.hypotheses.held_out_gain import HeldOutGain
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_result import (
    FamilyMember,
    HypothesisResult,
    HypothesisWarning,
    PermutationCheck,
    RealWorldFigure,
    RegistrationState,
    ReportedEffect,
    UsedRecords,
)
from attune_fit.training.hypotheses.lab_records import ColumnScale, LabRecords
from attune_fit.training.hypotheses.specification_curve import JointTest, Specification, SpecificationCurve
from attune_fit.training.hypotheses.surface_result import SurfaceResult, build_surface_result
from tests.training.multilevel.surface_designs import STRICT, draw_surface_records

POWER_CURVE = ({"therapists": 10, "power": 0.2, "low": 0.15, "high": 0.25},
               {"therapists": 40, "power": 0.8, "low": 0.76, "high": 0.84})  # fmt: skip

NAN = float("nan")
WITHOUT_RESULT = ReportedEffect("mixed model", NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 512, 32)


def match_hypothesis(direction: str = "+", **center: Any) -> Hypothesis:
    """A hypothesis about a match of two numbers on one scale."""
    feature: dict[str, Any] = {"client": "directiveness_preference", "therapist": "directiveness_style",
                               "compare": "surface"}  # fmt: skip
    if center:
        feature["center"] = center
    return Hypothesis(name="match", claim="A match is best.", direction=direction, feature=feature)  # type: ignore[arg-type]


def build_surface_records(
    b: tuple[float, ...], n_therapists: int = 30, *, seed: int = 0, noise: float = 0.9
) -> LabRecords:
    """Return drawn records of a surface; both numbers have 0 at 3 and a unit of 2."""
    import numpy as np

    y, therapist, x, z = draw_surface_records(b, n_therapists, seed=seed, noise=noise)
    scale = ColumnScale(3.0, 2.0)
    parts = np.column_stack([x, z])
    return LabRecords("surface", "total", 70 + 12 * y, np.arange(len(y)), therapist, x * z, parts,
                      ("part: client", "part: therapist"), x, z, {"client": scale, "therapist": scale})  # fmt: skip


@cache
def strict_match() -> SurfaceResult:
    """The surface of a world in which only the match counts."""
    return build_surface_result(build_surface_records(STRICT), match_hypothesis())


def build_result(name: str = "avoidance_by_warmth", **changes: Any) -> HypothesisResult:
    """Return a result of an interaction with four analyses; ``changes`` replace its attributes."""
    effect = ReportedEffect("slope per therapist", 0.13, 0.03, 0.22, 0.046, 29.0, 2.8, 0.009, 2.1, 0.5, 3.6, 512, 32)
    analyses = tuple(
        Specification(label, outcome, (), exclusions, estimate, estimate - 0.09, estimate + 0.09, p, n, 32, main)
        for label, outcome, exclusions, estimate, p, n, main in (
            ("outcome bond", "bond", (), 0.05, 0.2, 512, False),
            ("outcome bond, caseload under 5", "bond", ("caseload under 5",), 0.08, 0.08, 500, False),
            ("caseload under 5", "total", ("caseload under 5",), 0.12, 0.01, 500, False),
            ("main analysis", "total", (), 0.13, 0.009, 512, True),
        )
    )
    content: dict[str, Any] = {
        "name": name, "claim": "Avoidance <b> & warmth.", "source": "Author 2012", "kind": "interaction",
        "outcome": "total", "direction": "+", "smallest_effect": 0.1, "alpha": 0.05, "verdict": "supported",
        "sentence": "Supported: the outcome rises.", "reasons": ("Yes: p is below 0.05.",), "digest": "d" * 64,
        "data_digest": "e" * 64, "seed": 7,
        "registration": RegistrationState(True, "2026-01-02", 0, 512, "Registered before any of 512 outcomes."),
        "records": UsedRecords(512, 480, 32, {"a cell is unknown": 4, "second therapists": 30}), "outcome_sd": 15.8,
        "outcome_unit": "points of 100 (POMP)", "term_sd": 1.0, "effect": effect,
        "other_tests": (WITHOUT_RESULT,),
        "permutation": PermutationCheck("therapists", 0.011, 999),
        "specification_curve": SpecificationCurve(analyses, 0.1, 0.5, JointTest(999, "therapists", 0.015, 0.02), ()),
        "equivalence": compute_equivalence_region(0.13, 0.046, 29.0, 0.1),
        "bayes_factor": compute_bayes_factor(0.13, 0.046, 29.0),
        "held_out_gain": HeldOutGain(0.11, 0.02, 0.2, 0.012, 0.005, 0.01, "whole therapists are held out", 199),
        "warnings": (HypothesisWarning("same-values", "The feature `avoidance_warmth` has nearly the same values."),),
        "adjusted_for": ("clients.phq9", "period of the rating"),
        "real_world": (RealWorldFigure("957 patients: RMSE 6.05 against 6.09.", "a preprint"),),
    }  # fmt: skip
    return HypothesisResult(**(content | changes))


def build_family() -> list[HypothesisResult]:
    """Return two results that were tested together, one of them about a match."""
    return [
        build_result(family=FamilyMember("holm", 2, 0.02)),
        build_result("match", kind="surface", surface=strict_match().to_dict(), verdict="not supported",
                     sentence="Not supported: no.", family=FamilyMember("holm", 2, 0.5)),
    ]  # fmt: skip
