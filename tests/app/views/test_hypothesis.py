"""The test of a hypothesis in a terminal: the answer first, and every figure in words that match."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import attune_fit as af
from attune_fit.app.views.hypothesis import show_hypothesis_tests
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from attune_fit.training.hypotheses.hypothesis_result import FamilyMember, HypothesisResult, RegistrationState

CLAIM = Hypothesis(
    name="problems",
    claim="Clients do better with [bold]specialists[/bold].",
    source="Author 2020",
    feature=HypothesisFeature(client="presenting_problems", therapist="specialties", compare="overlap"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic with 12 therapists."""
    folder = tmp_path_factory.mktemp("hypothesis") / "clinic"
    af.simulate(clients=120, therapists=12, seed=1).workspace(folder)
    return folder


@pytest.fixture(scope="module")
def result(folder: Path) -> HypothesisResult:
    found: HypothesisResult = af.open_clinic(folder).test_hypothesis(CLAIM).result[0]
    return found


def show(capsys: pytest.CaptureFixture[str], *results: HypothesisResult) -> str:
    show_hypothesis_tests(results)
    return " ".join(capsys.readouterr().out.split())


def test_the_answer_comes_before_the_figures(capsys: pytest.CaptureFixture[str], result: HypothesisResult) -> None:
    printed = show(capsys, result)
    parts = (CLAIM.claim, result.sentence[:30], "Effect for one SD", "permutation", "equivalence", "Conditions of the")
    places = [printed.index(part) for part in (*parts, "routine care")]
    assert places == sorted(places)
    assert "(Author 2020)" in printed
    assert f"{result.records.used} records of {result.records.clients} clients and 12 therapists." in printed
    assert "Not registered before this test." in printed
    assert all(warning.text.split(":")[0] in printed for warning in result.warnings)


def test_the_report_that_was_written_is_named(capsys: pytest.CaptureFixture[str], result: HypothesisResult) -> None:
    show_hypothesis_tests([result], Path("report.html"))
    assert " ".join(capsys.readouterr().out.split()).endswith("Report written to report.html.")
    assert "Report written" not in show(capsys, result)


def test_the_effect_of_a_surface_is_explained(capsys: pytest.CaptureFixture[str], result: HypothesisResult) -> None:
    assert "is minus a4" in show(capsys, replace(result, kind="surface"))
    assert "is minus a4" not in show(capsys, result)


def test_a_registered_hypothesis_shows_when(capsys: pytest.CaptureFixture[str], result: HypothesisResult) -> None:
    registered = RegistrationState(True, "2026-01-01", 0, 90, "Registered on 2026-01-01, before any outcome.")
    assert registered.sentence in show(capsys, replace(result, registration=registered))


def test_what_was_not_computed_is_named(capsys: pytest.CaptureFixture[str], result: HypothesisResult) -> None:
    nothing = replace(result.effect, estimate=float("nan"), p=float("nan"))
    printed = show(capsys, replace(result, effect=nothing, held_out_gain=None))
    assert "not computed" in printed
    assert "not measured: too few therapists or clients for folds" in printed
    assert "nan" not in printed


def test_a_family_begins_with_all_conclusions(capsys: pytest.CaptureFixture[str], result: HypothesisResult) -> None:
    members = [replace(result, name=name, family=FamilyMember("bh", 2, p)) for name, p in (("one", 0.04), ("two", 0.5))]
    printed = show(capsys, *members)
    assert printed.startswith("2 hypotheses, p values corrected by Benjamini-Hochberg")
    assert printed.count("routine care") == 1
    assert ".040" in printed


def test_the_command_prints_the_test_and_its_json(attune: Any, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "claim.toml"
    file.write_text(CLAIM.to_toml(), encoding="utf-8")
    done = attune("hypothesis", "test", folder, file)
    assert done.exit_code == 0, done.output
    assert "Conditions of the conclusion" in done.output
    as_json = attune("hypothesis", "test", folder, file, "--json")
    assert '"verdict": ' in as_json.output
    assert "there is no correction `none`" in attune.fails("hypothesis", "test", folder, file, "--correction", "none")
    assert "claim.toml" in attune.fails("hypothesis", "test", folder, tmp_path / "absent" / "claim.toml")


def test_of_many_hypotheses_only_the_answers_are_printed(
    capsys: pytest.CaptureFixture[str], result: HypothesisResult
) -> None:
    members = [replace(result, name=f"claim_{n}", family=FamilyMember("holm", 4, 0.5)) for n in range(4)]
    printed = show(capsys, *members)
    assert printed.count(CLAIM.claim) == 4
    assert "Conditions of the conclusion" not in printed
    assert printed.count("Caution: ") == 4 * len(result.warnings)
    assert "--out report.html" in printed
