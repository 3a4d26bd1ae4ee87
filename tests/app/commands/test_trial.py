"""The commands of a trial, as a coordinator and a researcher type them."""

import json
from pathlib import Path

import pytest

from tests.conftest import Attune

PLAN = """
name = "bands"
claim = "Inside the first band the estimate helps."
n_outcomes = 80
seed = 3
[[arms]]
name = "estimate"
order = "list"
[[arms]]
name = "drawn"
order = "all_at_random"
"""
CLIENT = "c0062"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "bands.toml"
    path.write_text(PLAN)
    return path


def test_a_trial_by_its_commands(clinic: Path, attune: Attune, plan: Path) -> None:
    shown = attune("trial", "plan", clinic, plan, "--runs", 100, "--preview").output
    assert "Nothing is sealed" in shown
    assert not (clinic / "artifacts" / "trials.jsonl").exists()
    shown = attune("trial", "plan", clinic, plan, "--runs", 100, "--out", plan.with_suffix(".md")).output
    assert "The plan cannot be changed now" in shown
    assert "O'Brien" not in plan.with_suffix(".md").read_text()  # one look
    done = attune("trial", "allocate", clinic, "bands", "--client", CLIENT)
    assert done.exit_code == 0, done.output
    assert "Allocated and sealed" in done.output
    assert "estimate" not in done.output.replace("the estimate", "")
    again = json.loads(attune("trial", "allocate", clinic, "bands", "--client", CLIENT, "--json").stdout)
    assert (again["is_new"], again["client_id"], again["therapists"][0]["position"]) == (False, CLIENT, 1)
    first = again["therapists"][0]["therapist_id"]
    assert attune("record", clinic, "offered", "--client", CLIENT, "--therapist", first, "--rank", 1).exit_code == 0
    status = json.loads(attune("trial", "status", clinic, "bands", "--json").stdout)
    assert (status["n_allocated"], status["n_offered"], status["n_first_place"]) == (1, 1, 1)
    assert "The next look is at 80 outcomes" in attune("trial", "status", clinic, "bands").output
    assert "The file of trials is whole" in attune("log", clinic, "--verify").output


def test_what_is_refused_says_what_to_do(clinic: Path, attune: Attune, plan: Path) -> None:
    assert "attune trial plan CLINIC FILE" in attune.fails("trial", "status", clinic, "bands")
    attune("trial", "plan", clinic, plan, "--runs", 100)
    assert "--unplanned TEXT" in attune.fails("trial", "analyse", clinic, "bands")
    plan.write_text(PLAN.replace("80", "90"))
    assert "another name" in attune.fails("trial", "plan", clinic, plan, "--runs", 100)
    faults = json.loads(attune("trial", "allocate", clinic, "bands", "--client", "c9999", "--json").stdout)["faults"]
    assert [fault["id"] for fault in faults] == ["id-not-found"]
