"""A run is recorded the same by a process of its own, and by this process where that one is lost."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from attune_fit.data.parallel.executor import SerialExecutor
from attune_fit.data.parallel.local_processes import LocalProcesses
from attune_fit.models.active_model import load_starting_model
from attune_fit.training.promotion.mlflow_tracking import RunStore, TrainingRun, open_run_store
from attune_fit.training.promotion.run_recorder import RunRecorder
from attune_fit.training.reporting.training_run import draw_training_plots
from tests.training.evaluation.test_paired_comparison import predict

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]


def build_run(active: str = "day0") -> TrainingRun:
    draw = partial(draw_training_plots, load_starting_model(), predict(1.0))
    return TrainingRun(
        {"seed": 3}, {"rmse": 15.5}, {"bundle": "abc", "verdict": "adds"}, 40, draw_plots=draw, active=active
    )


def list_run_files(artifacts: Path) -> list[str]:
    """List the files of all runs, without the ids of runs."""
    runs = artifacts / "mlruns"
    return sorted("/".join(path.relative_to(runs).parts[1:]) for path in runs.rglob("*") if path.is_file())


def record(artifacts: Path, recorder: RunRecorder) -> tuple[str, str]:
    (artifacts / "bundles" / "abc").mkdir(parents=True)
    (artifacts / "bundles" / "abc" / "bundle.json").write_text("{}")
    store = RunStore(artifacts)
    open_run_store(store)
    return recorder.record(store, artifacts / "bundles" / "abc", build_run("abc"))


def test_a_process_of_its_own_records_the_same(tmp_path: Path) -> None:
    with RunRecorder(has_own_process=True) as recorder:
        recorder.start()
        recorder.start()  # it is already there
        run, note = record(tmp_path / "own", recorder)
    here, _ = record(tmp_path / "here", RunRecorder())
    assert run
    assert note == ""
    assert run != here
    assert list_run_files(tmp_path / "own") == list_run_files(tmp_path / "here")
    assert any(name.endswith("weights.png") for name in list_run_files(tmp_path / "own"))


def test_a_process_that_is_lost_costs_no_run(tmp_path: Path) -> None:
    with RunRecorder(has_own_process=True) as recorder:
        recorder.start()
        assert isinstance(recorder._executor, LocalProcesses)
        os.kill(recorder._executor._workers[0].process.pid, signal.SIGKILL)
        run, note = record(tmp_path / "lost", recorder)
    assert run
    assert note == ""


def test_why_there_is_no_run_comes_back_from_the_process(tmp_path: Path) -> None:
    (tmp_path / "bundles" / "abc").mkdir(parents=True)
    (tmp_path / "mlflow.db").write_bytes(b"no" * 9_000)
    with RunRecorder(has_own_process=True) as recorder:
        recorder.start()
        run, note = recorder.record(RunStore(tmp_path), tmp_path / "bundles" / "abc", build_run())
    assert run == ""
    assert "(artifacts/mlflow.db: it is damaged, or is no database)" in note


def test_nothing_starts_that_is_not_asked_for() -> None:
    with RunRecorder() as recorder:
        recorder.start()
        assert isinstance(recorder._executor, SerialExecutor)
