"""`attune doctor`: what can go wrong with an installation, and what to do."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest

import attune_fit
from tests.conftest import Attune


@pytest.fixture(autouse=True)
def own_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first `attune` on PATH is a console script of this package."""
    return write_command(tmp_path / "bin", "from attune_fit.app.cli import main", monkeypatch)


def write_command(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder.mkdir()
    path = folder / "attune"
    path.write_text(f"#!/usr/bin/env python\n{code}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return path


def find_problems(attune: Attune, *words: object) -> dict[str, str]:
    done = attune("doctor", *words, "--json")
    report = json.loads(done.stdout)
    problems = {finding["what"]: f"{finding['says']} {finding['fix']}" for finding in report["findings"]
                if not finding["well"]}  # fmt: skip
    assert (report["well"], done.exit_code) == (not problems, 1 if problems else 0)
    return problems


def test_nothing_is_wrong_here(attune: Attune, clinic: Path) -> None:
    assert find_problems(attune, clinic) == {}
    assert "No problems found." in attune("doctor").output


def test_another_distribution_called_attune_is_a_problem(attune: Attune, monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.4.7" if name == "attune" else real(name))
    problem = find_problems(attune)["package attune"]
    assert "another package called attune (0.4.7) is installed" in problem
    assert "Run `pip uninstall attune`, then install attune-fit again" in problem
    assert "1 problem to fix." in attune("doctor").output


def test_a_command_attune_that_is_not_ours_is_a_problem(
    attune: Attune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_command(tmp_path / "other", "from attune._cli import cli", monkeypatch)
    problem = find_problems(attune)["command attune"]
    assert f"the first `attune` on PATH is not from attune-fit: {path}." in problem
    assert "Activate the environment of attune-fit" in problem


def test_a_command_that_is_not_on_path_is_no_problem(attune: Attune, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_problems(attune) == {}
    assert "not on PATH" in attune("doctor").output


def test_a_folder_imported_in_the_place_of_ours_is_a_problem(
    attune: Attune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attune_fit, "__file__", str(tmp_path / "attune_fit" / "__init__.py"))
    problem = find_problems(attune)["attune_fit"]
    assert str(tmp_path / "attune_fit") in problem
    assert "Remove the first folder from PYTHONPATH" in problem


def test_a_folder_of_our_name_in_the_current_folder_is_noted(
    attune: Attune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "attune_fit").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_problems(attune) == {}
    findings = {
        finding["what"]: finding["says"] for finding in json.loads(attune("doctor", "--json").stdout)["findings"]
    }
    assert f"with PYTHONPATH=. Python would import {tmp_path / 'attune_fit'}" in findings["attune_fit"]


def test_a_clinic_that_cannot_be_read_is_a_problem(attune: Attune, clinic: Path) -> None:
    (clinic / "clinic.toml").write_text("[rules.rosterage]\non = false\n")
    assert "Run `attune check` for the whole list." in find_problems(attune, clinic)[str(clinic)]
