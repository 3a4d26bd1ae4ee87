"""The test of a hypothesis on a clinic's records: effect, permutation, declared analyses, held-out gain, warnings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.faults import DataFault
from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.training.hypotheses.bayes_factor import compute_bayes_factor
from attune_fit.training.hypotheses.conclusion import ConclusionFigures, draft_conclusion
from attune_fit.training.hypotheses.effect_estimates import estimate_effect, list_other_estimates
from attune_fit.training.hypotheses.equivalence_region import compute_equivalence_region
from attune_fit.training.hypotheses.held_out_gain import measure_held_out_gain
from attune_fit.training.hypotheses.hypothesis_registry import find_registration
from attune_fit.training.hypotheses.hypothesis_result import (
    HypothesisResult,
    PermutationCheck,
    ReportedEffect,
    UsedRecords,
)
from attune_fit.training.hypotheses.hypothesis_warnings import list_warnings
from attune_fit.training.hypotheses.lab_covariates import describe_covariates
from attune_fit.training.hypotheses.lab_records import LabRecords, build_lab_records
from attune_fit.training.hypotheses.null_statistics import NullDraws, describe_unit
from attune_fit.training.hypotheses.real_world_figures import REAL_WORLD_FIGURES
from attune_fit.training.hypotheses.specification_curve import (
    build_specification_curve,
    describe_analysis,
    list_analyses,
)

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.training.multilevel.effect_test import EffectTest

N_DRAWS = 999  # of permutations
N_CONTROL_DRAWS = 199  # of them for the control of the held-out gain
SMALLEST_SPREAD = 1e-9  # of an outcome that varies, as a share of its largest value
UNITS = {"dropout": "share of clients who dropped out"}
POMP_UNIT = "points of 100 (POMP)"


def run_hypothesis_test(
    clinic: Clinic,
    tables: Tables,
    hypothesis: Hypothesis,
    *,
    draws: int = N_DRAWS,
    report_progress: Callable[[str], None] = lambda _: None,
) -> HypothesisResult:
    """Test a hypothesis on a clinic's records.

    Parameters
    ----------
    clinic : Clinic
    tables : Tables
    hypothesis : Hypothesis
    draws : int, default 999
        Permutations, >= 99.
    report_progress : callable, optional
        Receives the name of each step.

    Raises
    ------
    DataFault
        With all errors of the main analysis, as :func:`build_lab_records`. Another analysis without records is named
        in the specification curve.
    """
    analyses, failed = _build_analyses(clinic, tables, hypothesis, report_progress)
    records = analyses[0][1]
    sd = float(np.std(records.y))
    report_progress(f"testing {len(analyses)} analyses, with {draws:,} permutations")
    null = NullDraws.from_seed([one for _, one in analyses], draws, hypothesis.seed)
    curve, statistics = build_specification_curve(analyses, failed, null)
    test, surface = estimate_effect(records, alpha=hypothesis.alpha), None
    others = list(list_other_estimates(records, alpha=hypothesis.alpha))
    if hypothesis.kind == "surface":
        report_progress("fitting the response surface")
        others = [test, *others]
        test, surface = _fit_surface(records, hypothesis)
    report_progress("predicting held-out records")
    gain = measure_held_out_gain(records, null.take(min(draws, N_CONTROL_DRAWS)), hypothesis.seed)
    effect = _convert_test(test, sd)
    equivalence = compute_equivalence_region(
        effect.estimate, effect.se, effect.df, hypothesis.smallest_effect, hypothesis.alpha
    )
    conclusion = draft_conclusion(ConclusionFigures(effect, equivalence, curve, None, surface), hypothesis)
    term_scale = records.scales.get("term") or records.scales.get("therapist")
    return HypothesisResult(
        name=hypothesis.name,
        claim=hypothesis.claim,
        source=hypothesis.source,
        kind=hypothesis.kind,
        outcome=hypothesis.outcome,
        direction=hypothesis.direction,
        smallest_effect=hypothesis.smallest_effect,
        alpha=hypothesis.alpha,
        verdict=conclusion.verdict,
        sentence=conclusion.sentence,
        reasons=conclusion.reasons,
        digest=hypothesis.digest,
        data_digest=compute_data_digest(records),
        seed=hypothesis.seed,
        registration=find_registration(clinic, tables, hypothesis, len(records)),
        records=UsedRecords(len(records), records.n_clients, records.n_therapists, dict(records.n_dropped)),
        outcome_sd=sd,
        outcome_unit=UNITS.get(hypothesis.outcome, POMP_UNIT),
        term_sd=None if term_scale is None else term_scale.sd,
        effect=effect,
        other_tests=tuple(_convert_test(one, sd) for one in others),
        permutation=PermutationCheck(describe_unit(records), np.nan if statistics is None else statistics.p, draws),
        specification_curve=curve,
        equivalence=equivalence,
        bayes_factor=compute_bayes_factor(
            effect.estimate, effect.se, effect.df, hypothesis.prior_sd, hypothesis.direction
        ),
        held_out_gain=gain,
        surface=surface,
        warnings=list_warnings(
            hypothesis, records, gain, tables, list_clinic_features(clinic.config, tables), curve.specifications
        ),
        real_world=REAL_WORLD_FIGURES,
        adjusted_for=describe_covariates(records.covariate_names),
    )


def compute_data_digest(records: LabRecords) -> str:
    """Return the SHA-256 of the arrays of a test, in hex: the same records give the same digest."""
    digest = hashlib.sha256()
    for values in (records.y, records.client, records.therapist, records.term, records.covariates):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _build_analyses(
    clinic: Clinic, tables: Tables, hypothesis: Hypothesis, report_progress: Callable[[str], None]
) -> tuple[list[tuple[Hypothesis, LabRecords]], list[str]]:
    """Return the declared analyses with their records, the main one first, and the labels of those without records."""
    declared = list_analyses(hypothesis)
    analyses, failed = [], []
    for number, one in enumerate(declared, start=1):
        report_progress(f"reading the records of analysis {number} of {len(declared)}")
        try:
            records = build_lab_records(clinic, tables, one)
            _check_outcome_varies(records, one)
            analyses.append((one, records))
        except DataFault:
            if number == 1:
                raise
            failed.append(describe_analysis(one, hypothesis))
    return analyses, failed


def _check_outcome_varies(records: LabRecords, hypothesis: Hypothesis) -> None:
    """Raise the error about an outcome that is the same in all records: rounding alone would be tested."""
    if np.ptp(records.y) > SMALLEST_SPREAD * np.abs(records.y).max():
        return
    message, fix = "the outcome is the same in all records", "Name another outcome, or wait for more records."
    raise DataFault.error("constant-outcome", f"hypothesis {hypothesis.name}", "outcome", message, fix=fix)


def _fit_surface(records: LabRecords, hypothesis: Hypothesis) -> tuple[EffectTest, dict[str, Any]]:
    """Return the effect of a match on a response surface, and the record of the surface."""
    from attune_fit.training.hypotheses.surface_result import build_surface_result

    surface = build_surface_result(records, hypothesis)
    return surface.effect, surface.to_dict()


def _convert_test(test: EffectTest, sd: float) -> ReportedEffect:
    """Return a test with the effect in SD, and in points of an outcome with this SD."""
    return ReportedEffect(
        test.method,
        *(test.estimate, test.low, test.high, test.se, test.df, test.t, test.p),
        *(test.estimate * sd, test.low * sd, test.high * sd),
        *(test.n, test.n_clusters),
    )
