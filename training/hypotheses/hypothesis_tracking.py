"""Record hypothesis tests in MLflow: settings, figures, digests and the report, never a cell of a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attune_fit.data.clinic_lock import lock_clinic
from attune_fit.data.faults import DataFault
from attune_fit.training.promotion.mlflow_environment import MlflowUnavailableError
from attune_fit.training.promotion.mlflow_tracking import ChildRun, find_run_store, log_figures

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

EXPERIMENT = "attune hypotheses"
COMMAND = "attune hypothesis test"
LOCK_SECONDS = 5.0  # how long a finished test waits for another command
SETTINGS = ("kind", "outcome", "direction", "smallest_effect", "alpha", "seed", "digest")
EFFECT_FIGURES = ("estimate", "low", "high", "se", "df", "t", "p", "points", "n_clusters")
NOT_RECORDED = "The tests are not recorded in MLflow: another command uses the clinic, or its folder is not writable."


def log_hypothesis_tests(
    clinic: Clinic, contents: Sequence[Mapping[str, Any]], report_progress: Callable[[str], None] = lambda _: None
) -> str:
    """Log tests to MLflow, one run each: in the clinic's own database, or on the server that it chose.

    Parameters
    ----------
    clinic : Clinic
    contents : sequence of mapping
        As :func:`build_report_content` returns them.
    report_progress : callable, optional
        Receives a line while another command uses the clinic.

    Returns
    -------
    str
        Why the tests were not recorded; empty if they were.
    """
    store = find_run_store(clinic)
    try:
        with lock_clinic(clinic.artifacts, COMMAND, report_progress, LOCK_SECONDS):
            for content in contents:
                log_figures(store, EXPERIMENT, build_test_run(content), build_test_tags(content), content)
    except MlflowUnavailableError as error:
        return str(error)
    except DataFault:
        return NOT_RECORDED
    return ""


def build_test_run(content: Mapping[str, Any]) -> ChildRun:
    """Build the run of a test: its settings, and each figure that is a number."""
    effect, curve, gain = content["effect"], content["specification_curve"], content["held_out_gain"] or {}
    figures = {
        **{name: effect[name] for name in EFFECT_FIGURES},
        "p_permutation": content["permutation"]["p"],
        "bayes_factor": content["bayes_factor"]["bf10"],
        "analyses": len(curve["specifications"]),
        "median": curve["median"],
        "share_significant": curve["share_significant"],
        "p_joint_median": curve["joint"]["p_median"],
        "p_corrected": (content["family"] or {}).get("adjusted_p"),
        "held_out_r": gain.get("r"),
        "held_out_r2": gain.get("r2"),
    }
    known = {name: float(value) for name, value in figures.items() if value is not None and math.isfinite(value)}
    return ChildRun(content["name"], {name: content[name] for name in SETTINGS}, known)


def build_test_tags(content: Mapping[str, Any]) -> dict[str, str]:
    """Build the tags of a test: its conclusion, the digest of its records, and the version of the code."""
    registration = content["registration"] or {}
    return {
        "verdict": content["verdict"],
        "data": content["data_digest"],
        "code": content["versions"]["Attune"],
        "registered": registration["registered_on"] if registration.get("is_registered") else "",
    }
