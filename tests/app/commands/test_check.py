"""`attune check`: its exit code, and what it says about clients without a candidate."""

import json
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.command_words import format_word
from tests.conftest import Attune

TOML = "[clinic]\nas_of = 2026-06-01\n"
CLIENTS = "client_id,region,payer\nc1,north,public\nc2,north,plan a\n"
THERAPISTS = "therapist_id,licensed_regions,payers,open_slots\nt1,north,public|plan a,2\nt2,north,public|plan a,1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clinic without faults."""
    for name, text in {"clients.csv": CLIENTS, "therapists.csv": THERAPISTS, "clinic.toml": TOML}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def test_a_clinic_without_faults_exits_0(attune: Attune, folder: Path) -> None:
    done = attune("check", folder, "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"stops": 0, "set_aside": 0, "notes": 0, "faults": []})
    assert "No errors, no warnings." in attune("check", folder).output


def test_a_warning_exits_0_and_with_strict_1(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    assert attune("check", folder).exit_code == 0
    assert attune("check", folder, "--strict").exit_code == 1


def test_a_person_who_is_set_aside_exits_1(attune: Attune, folder: Path) -> None:
    change(folder, "therapists.csv", "plan a,2", "plan a,full")
    done = attune("check", folder, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["stops"], found["set_aside"]) == (1, 0, 1)
    assert [one["sets_aside"] for one in found["faults"]] == [["t1"]]
    assert "No errors, 1 set aside, no warnings." in attune.fails("check", folder)


def test_an_error_exits_1(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "client_id", "id")
    found = json.loads(attune("check", folder, "--json").stdout)
    assert found["stops"] == 1
    assert attune("check", folder).exit_code == 1


def test_clients_without_a_candidate_are_counted_by_rule(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    faults = json.loads(attune("check", folder, "--json").stdout)["faults"]
    assert [one["id"] for one in faults] == ["code-without-therapist", "clients-without-candidate"]
    assert "without a candidate: 1 of 2" in faults[-1]["says"]
    assert faults[-1]["says"].endswith("payer 1")
    assert f"attune relax {format_word(folder)} --client c2" in faults[-1]["fix"]


def test_a_roster_on_which_no_client_has_a_candidate_is_never_silent(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "north", "Northern Region")
    found = json.loads(attune("check", folder, "--json").stdout)
    assert [one["id"] for one in found["faults"]] == ["no-shared-code", "no-client-has-candidate"]
    assert found["faults"][-1]["says"].endswith("region 2")
    text = attune("check", folder, columns=10_000).output
    assert f"Next: attune capacity {format_word(folder)}" in text


def test_only_waiting_clients_are_counted(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    (folder / "outcomes.csv").write_text("client_id,therapist_id,instrument,score\nc2,t1,WAI-SR,4\n")
    assert json.loads(attune("check", folder, "--json").stdout)["faults"] == []


@pytest.mark.parametrize("words", [["--waiting", "--full"], ["--waiting", "--out", "{}/out.csv"], ["--waiting"]])
def test_a_list_without_any_candidate_points_to_relax(attune: Attune, folder: Path, words: list[str]) -> None:
    change(folder, "clients.csv", "north", "Northern Region")
    text = attune("rank", folder, *(word.format(folder) for word in words), columns=10_000).output
    assert f"Next: attune relax {format_word(folder)} --client c1" in text
    assert "None of 2 clients has a candidate." in text or "No therapist is available for any of these" in text
    assert "attune assign" not in text


def test_a_written_list_counts_clients_without_a_candidate(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    words = ("rank", folder, "--waiting", "--out", folder / "out.csv")
    assert json.loads(attune(*words, "--json").stdout)["without_candidate"] == ["c2"]
    assert "1 of 2 clients has no candidate." in attune(*words, columns=10_000).output
    written = pd.read_csv(folder / "out.csv")
    assert set(written.loc[written["client_id"] == "c2", "status"]) == {"excluded"}
