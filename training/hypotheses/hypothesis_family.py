"""A family of hypotheses: read together with every error, and tested together with corrected p values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.training.hypotheses.conclusion import ConclusionFigures, draft_conclusion
from attune_fit.training.hypotheses.family_correction import CORRECTIONS, Correction, compute_adjusted_p_values
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_library import find_hypothesis
from attune_fit.training.hypotheses.hypothesis_result import FamilyMember, HypothesisResult
from attune_fit.training.hypotheses.hypothesis_test import run_hypothesis_test
from attune_fit.training.hypotheses.lab_records import build_lab_records, find_hypothesis_faults

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

HypothesisSource = Hypothesis | Path | str


def read_hypotheses(sources: HypothesisSource | Sequence[HypothesisSource]) -> list[Hypothesis]:
    """Read one or several hypotheses, each an object, the path of its file, or a name of the library.

    Raises
    ------
    DataFault
        With every error of every file; also if two have the same name.
    ValueError
        If there is none.
    """
    listed = [sources] if isinstance(sources, Hypothesis | Path | str) else list(sources)
    if not listed:
        raise ValueError("hypothesis is empty; name at least one hypothesis or its file.")
    faults: list[Fault] = []
    hypotheses = []
    for one in listed:
        try:
            hypotheses.append(find_hypothesis(one))
        except DataFault as error:
            faults.extend(error.faults)
    for name, count in Counter(one.name for one in hypotheses).items():
        if count > 1:
            message = f"{count} of these hypotheses have this name"
            fix = "Give each its own `name`, and list each file once."
            faults.append(Fault.error("same-hypothesis-name", f"hypothesis {name}", "name", message, fix=fix))
    if faults:
        raise DataFault(faults)
    return hypotheses


def check_correction(correction: str) -> Correction:
    """Return the name of a correction for a family.

    Raises
    ------
    DataFault
        If there is no such correction.
    """
    if correction not in CORRECTIONS:
        message = f"there is no correction `{correction}`"
        fix = suggest_name(correction, list(CORRECTIONS))
        raise DataFault.error("unknown-correction", "hypotheses", "correction", message, fix=fix)
    return correction


def apply_correction(
    tested: Sequence[tuple[Hypothesis, HypothesisResult]], correction: Correction = "holm"
) -> list[HypothesisResult]:
    """Return the results of hypotheses that were tested together, with conclusions from corrected p values.

    One hypothesis alone is no family, and keeps its result.

    Parameters
    ----------
    tested : sequence of (Hypothesis, HypothesisResult)
    correction : {"holm", "bh"}
    """
    if len(tested) < 2:
        return [result for _, result in tested]
    adjusted = compute_adjusted_p_values([result.effect.p for _, result in tested], correction)
    return [
        _change_family(hypothesis, result, FamilyMember(correction, len(tested), p))
        for (hypothesis, result), p in zip(tested, adjusted, strict=True)
    ]


def run_family(
    clinic: Clinic,
    tables: Tables,
    hypotheses: Sequence[Hypothesis],
    correction: Correction = "holm",
    report_progress: Callable[[str], None] = lambda _: None,
) -> list[HypothesisResult]:
    """Test some hypotheses on the same clinic, in order; several are a family, and are corrected.

    Raises
    ------
    DataFault
        With the errors of every hypothesis whose columns or records do not fit.
    """
    faults = [fault for one in hypotheses for fault in find_hypothesis_faults(clinic, tables, one)]
    if faults:  # at once, and not after the tests of the others
        raise DataFault(faults)
    tested = []
    for number, one in enumerate(hypotheses, start=1):
        place = f"{one.name} ({number} of {len(hypotheses)}): " if len(hypotheses) > 1 else ""
        try:
            step = partial(_report_step, report_progress, place)
            tested.append((one, run_hypothesis_test(clinic, tables, one, report_progress=step)))
        except DataFault as error:
            faults.extend(error.faults)
    if faults:
        raise DataFault(faults)
    return apply_correction(tested, correction)


def build_contents(
    clinic: Clinic, tables: Tables, hypotheses: Sequence[Hypothesis], results: Sequence[HypothesisResult]
) -> list[dict[str, Any]]:
    """Build the content of a report of some tests, each with the power of larger studies at this clinic."""
    from attune_fit.training.hypotheses.hypothesis_report import build_report_content
    from attune_fit.training.hypotheses.planned_population import simulate_curve

    return [
        build_report_content(result, simulate_curve(build_lab_records(clinic, tables, one), one))
        for one, result in zip(hypotheses, results, strict=True)
    ]


def _report_step(report_progress: Callable[[str], None], place: str, step: str) -> None:
    report_progress(f"{place}{step}")


def _change_family(hypothesis: Hypothesis, result: HypothesisResult, family: FamilyMember) -> HypothesisResult:
    """Return a result as a member of a family, with its conclusion drafted again."""
    curve, surface = result.specification_curve, result.surface
    figures = ConclusionFigures(result.effect, result.equivalence, curve, family, surface)
    drafted = draft_conclusion(figures, hypothesis)
    return replace(result, family=family, verdict=drafted.verdict, sentence=drafted.sentence, reasons=drafted.reasons)
