"""What `attune train` prints of the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.app.views.training import show_training, show_verdict
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.pair_effect_verdict import MethodComparison, Verdict
from attune_fit.training.train import TrainingResult
from attune_fit.workspace import Workspace
from tests.conftest import SAMPLE

MODEL = MethodComparison("the model", (0.12, 0.05, 0.19), (0.2, 0.1, 0.3))
MEAN = MethodComparison("the therapist's mean rating", None, (0.17, 0.05, 0.28))


def printed(verdict: Verdict, capsys: pytest.CaptureFixture[str]) -> str:
    show_verdict(verdict)
    return " ".join(capsys.readouterr().out.split())


def test_the_verdict_is_printed_with_simpler_methods_and_its_power(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    verdict = Verdict("adds", 0.12, 0.05, 0.19, 0.003, 800, ((0.05, 0.2), (0.1, 0.67)), (MODEL, MEAN))
    output = printed(verdict, capsys)
    assert "the model r = .12 [.05, .19] r = .20 [.10, .30]" in output
    assert "the therapist's mean rating the same for all r = .17 [.05, .28]" in output
    assert f"Verdict: {verdict.sentence} {verdict.power_sentence} This is an upper limit: it assumes" in output


def test_metrics_are_printed_with_their_spread_over_splits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    metrics, spread = {"out_of_fold_r": 0.2041, "later_r": 0.3}, {"out_of_fold_r": 0.0123, "later_r": 0.0}
    model = load_starting_model()
    result = TrainingResult(
        model, "abc", Path("nowhere"), Verdict(), metrics, 529, "", False, "Because.",
        metrics_spread=spread, n_splits={"client": 5, "therapist": 5, "time": 1},
    )  # fmt: skip
    show_training(result, Workspace(SAMPLE))
    output = " ".join(capsys.readouterr().out.split())
    assert "mean ± SD over splits" in output
    assert "out_of_fold_r 0.204 ± 0.012 Correlation" in output
    assert "later_r 0.300 Correlation" in output
    assert "rmse not measured Typical" in output


def test_without_records_there_is_only_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(Verdict(), capsys) == f"Verdict: {Verdict().sentence}"
