"""`attune assign`: one placement, and policies compared."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.matching.assignment.policies import POLICIES
from tests.conftest import Attune


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assign") / "clinic"
    run("simulate", str(folder), "--clients", "300", "--therapists", "12")
    return folder


def run(*words: str, code: int = 0) -> str:
    result = Attune()(*words, columns=80)
    assert result.exit_code == code, result.output
    return result.stdout if "--json" in words else result.output


def test_one_placement_is_printed_with_reasons_and_logged(folder: Path) -> None:
    output = run("assign", str(folder))
    assert "30 clients waiting, " in output
    assert "policy balanced" in output
    assert "Still waiting" in output
    line = json.loads((folder / "artifacts" / "assignments.jsonl").read_text().splitlines()[-1])
    assert line["policy"] == "balanced"
    assert line["placed"]


def test_policies_are_compared_and_place_no_client(folder: Path) -> None:
    log = folder / "artifacts" / "assignments.jsonl"
    before = log.read_text() if log.exists() else ""
    output = run("assign", str(folder), "--policy", "all")
    assert all(f"{policy.name}: " in output for policy in POLICIES)
    assert (log.read_text() if log.exists() else "") == before


def test_a_placement_written_to_a_file_can_be_kept_to(folder: Path, tmp_path: Path) -> None:
    first = tmp_path / "first.csv"
    run("assign", str(folder), "--out", str(first))
    rows = pd.read_csv(first, dtype=str)
    some = rows[rows["status"] == "placed"].iloc[0]
    pair = f"{some['client_id']}={some['therapist_id']}"
    placement = json.loads(run("assign", str(folder), "--keep", str(first), "--refuse", pair, "--json"))
    before: dict[str, str] = dict(rows[["client_id", "therapist_id"]].dropna().itertuples(index=False))
    after = {one["client_id"]: one["therapist_id"] for one in placement["placed"]}
    assert after.get(some["client_id"]) != some["therapist_id"]
    assert len(before.items() - after.items()) <= 2


def test_a_wrong_option_is_an_error_with_the_right_form(folder: Path, tmp_path: Path) -> None:
    assert "write CLIENT=THERAPIST" in run("assign", str(folder), "--pin", "c1", code=2)
    assert "--out writes one placement" in run("assign", str(folder), "--policy", "all", "--out", "x.csv", code=2)
    assert "no policy is called" in run("assign", str(folder), "--policy", "fair", "--json", code=1)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    report = json.loads(run("assign", str(folder), "--keep", str(tmp_path / "other.csv"), "--json", code=1))
    assert report["faults"][0]["id"] == "missing-placement-column"
    assert "client_id and no therapist_id" in report["faults"][0]["says"]


def test_help_names_every_policy() -> None:
    assert all(policy.name in run("assign", "--help") for policy in POLICIES)


def test_openings_pins_and_refusals_are_on_the_screen(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "placement.csv"
    assert "replaced" not in run("assign", str(folder), "--out", str(target))
    rows = pd.read_csv(target, dtype=str)
    first, second = rows[rows["status"] == "placed"].iloc[0], rows[rows["status"] == "placed"].iloc[1]
    pin, refusal = f"{first['client_id']}={first['therapist_id']}", f"{second['client_id']}={second['therapist_id']}"
    words = ["--keep", str(target), "--out", str(target), "--pin", pin, "--refuse", refusal]
    output = " ".join(run("assign", str(folder), *words).split())
    assert "(the earlier file was replaced)" in output
    assert f"To repeat: --pin {pin}" in output
    assert f"To repeat: --refuse {refusal}" in output
    after = pd.read_csv(target)
    assert f"Earlier placement (--keep): {after['kept'].sum():.0f} pairs kept, " in output
    taken = after.dropna(subset=["taken"]).sort_values(
        ["available", "weeks", "client_id"], ascending=[True, False, True]
    )
    shown = output.partition("(clients with the fewest available therapists first) ")[2]
    assert shown.startswith(f"{taken.iloc[0]['client_id']} ({taken.iloc[0]['available']:.0f} available, waits ")
    assert f"--pin {taken.iloc[0]['client_id']}={taken.iloc[0]['taken'].partition(':')[0]}" in output


def test_a_policy_that_was_typed_is_an_error_of_the_option(folder: Path) -> None:
    (fault,) = json.loads(run("assign", str(folder), "--policy", "balance", "--json", code=1))["faults"]
    assert (fault["table"], fault["fix"].partition("?")[0]) == ("--policy", "Did you mean `balanced`")
