"""A test is recorded in MLflow with settings, figures and digests, and a clinic without MLflow gets a note."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic_lock import lock_clinic
from attune_fit.training.hypotheses import hypothesis_tracking
from attune_fit.training.hypotheses.hypothesis_report import build_report_content
from attune_fit.training.hypotheses.hypothesis_tracking import (
    EXPERIMENT,
    NOT_RECORDED,
    build_test_run,
    build_test_tags,
    log_hypothesis_tests,
)
from attune_fit.training.promotion.mlflow_environment import MlflowUnavailableError
from tests.training.hypotheses.report_samples import build_result

CONTENT = build_report_content(build_result())


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """A clinic without tables."""
    return Clinic.open(tmp_path)


def test_a_run_has_settings_digests_and_only_figures_that_are_numbers() -> None:
    run = build_test_run(CONTENT)
    assert run.params["digest"] == "d" * 64
    assert run.metrics["estimate"] == 0.13
    assert run.metrics["p_joint_median"] == 0.015
    assert "p_corrected" not in run.metrics
    assert build_test_tags(CONTENT)["data"] == "e" * 64
    empty = build_report_content(build_result(effect=build_result().other_tests[0], held_out_gain=None))
    assert {"estimate", "held_out_r"}.isdisjoint(build_test_run(empty).metrics)


def test_a_changed_registry_gives_no_date_of_registration() -> None:
    assert build_test_tags(CONTENT)["registered"] == CONTENT["registration"]["registered_on"] != ""
    doubtful = {**CONTENT, "registration": {**CONTENT["registration"], "is_registered": False}}
    assert build_test_tags(doubtful)["registered"] == ""


def test_each_test_is_recorded_with_its_report(
    clinic: Clinic, mlflow_client: Callable[[Path], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    second = build_report_content(build_result("second"))
    assert log_hypothesis_tests(clinic, [CONTENT, second]) == ""
    assert capfd.readouterr() == ("", "")
    client = mlflow_client(clinic.artifacts / "mlflow.db")
    runs = client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])
    assert sorted(run.info.run_name for run in runs) == ["avoidance_by_warmth", "second"]
    assert {run.info.status for run in runs} == {"FINISHED"}
    (run,) = (run for run in runs if run.info.run_name == "second")
    assert run.data.tags["verdict"] == "supported"
    (file,) = client.list_artifacts(run.info.run_id)
    report = next((clinic.artifacts / "mlruns").rglob(f"{run.info.run_id}/**/{file.path}"))
    assert json.loads(report.read_text(encoding="utf-8"))["name"] == "second"


def test_a_clinic_in_use_gets_a_note(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hypothesis_tracking, "LOCK_SECONDS", 0.0)
    with lock_clinic(clinic.artifacts, "attune train", lambda _: None):
        assert log_hypothesis_tests(clinic, [CONTENT]) == NOT_RECORDED


def test_mlflow_that_cannot_be_used_is_a_note(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise MlflowUnavailableError("artifacts/mlflow.db", "the disk is full", "Make room.")

    monkeypatch.setattr(hypothesis_tracking, "log_figures", fail)
    note = log_hypothesis_tests(clinic, [CONTENT])
    assert note == "MLflow cannot be used (artifacts/mlflow.db: the disk is full). Make room."
