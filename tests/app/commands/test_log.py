"""The commands `attune log` and `attune replay`: what was shown, whether the log is whole, and the proof of a line."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.models.active_model import load_starting_model
from tests.conftest import SAMPLE, Attune

EARLIER = Path(__file__).resolve().parents[2] / "golden" / "earlier_layout.tgz"
CLIENT = "c0061"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample clinic with four logged lines: three rankings and a placement."""
    folder = tmp_path_factory.mktemp("log") / "clinic"
    shutil.copytree(SAMPLE, folder)
    attune = Attune()
    assert attune("rank", folder, "--client", CLIENT, "--shortlist", 3).exit_code == 0
    assert attune("rank", folder, "--waiting", "--out", folder / "list.csv").exit_code == 0
    assert attune("rank", folder, "--client", CLIENT, "--seed", 7).exit_code == 0
    assert attune("assign", folder).exit_code == 0
    return folder


@pytest.fixture
def clinic(once: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(once, tmp_path / "clinic"))


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A clinic folder that the version before the sealed log made."""
    with tarfile.open(EARLIER) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "earlier"


def edit_log(clinic: Path, old: str, new: str) -> None:
    path = clinic / "artifacts" / "rankings.jsonl"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_log_lists_what_was_shown(attune: Attune, clinic: Path) -> None:
    lines = json.loads(attune("log", clinic, "--json").stdout)["lines"]
    assert [(row["line"], row["kind"]) for row in lines] == [
        ("1", "ranking"),
        ("2", "file"),
        ("3", "ranking"),
        ("a1", "placement"),
    ]
    assert (lines[0]["client_id"], lines[0]["shown"]) == (CLIENT, 3)
    assert (lines[3]["policy"], lines[1]["file"]) == ("balanced", "list.csv")
    assert lines[1]["shown"] == len(pd.read_csv(clinic / "list.csv"))
    assert all(row["is_sealed"] and row["bundle"] == load_starting_model().bundle for row in lines)
    text = attune("log", clinic).output
    assert "Log: 4 lines" in text
    assert re.search(rf"a1 +\S+ \S+ +placement +balanced +{lines[3]['shown']} placed", text)
    assert f"{lines[1]['shown']:,} rows in list.csv" in " ".join(text.split())
    assert ", ".join(lines[0]["therapist_ids"]) in text
    assert len(lines[3]["placed"]) == lines[3]["shown"]
    assert "written before" not in text


def test_the_number_of_lines_can_be_chosen(attune: Attune, clinic: Path) -> None:
    assert [row["line"] for row in json.loads(attune("log", clinic, "--last", 2, "--json").stdout)["lines"]] == [
        "3",
        "a1",
    ]
    assert "Log: 4 lines, the last 2 shown (--last N shows more)" in attune("log", clinic, "--last", 2).output


def test_a_whole_log_is_reported_in_one_line(attune: Attune, clinic: Path) -> None:
    done = attune("log", clinic, "--verify")
    assert (done.exit_code, done.output) == (0, "No line was changed: all 4 lines are as they were written.\n")
    assert json.loads(attune("log", clinic, "--verify", "--json").stdout)["whole"] is True


def test_a_changed_line_is_named_and_the_exit_code_is_1(attune: Attune, clinic: Path) -> None:
    edit_log(clinic, f'"client_id": "{CLIENT}"', '"client_id": "c0001"')
    done = attune("log", clinic, "--verify")
    assert (done.exit_code, done.output) == (1, "The log was changed. rankings.jsonl: line 1 was changed.\n")
    done = attune("log", clinic, "--verify", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["whole"], report["files"]["assignments.jsonl"]["whole"]) == (1, False, True)
    (found,) = report["files"]["rankings.jsonl"]["breaks"]
    assert (found["what"], found["line"]) == ("changed", 1)


def test_removed_lines_are_named_and_stay_named_after_the_next_ranking(attune: Attune, clinic: Path) -> None:
    path = clinic / "artifacts" / "rankings.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))
    for _ in range(2):
        done = attune("log", clinic, "--verify")
        assert done.exit_code == 1
        assert "rankings.jsonl: 2 lines are missing after line 1." in done.output
        assert attune("rank", clinic, "--client", CLIENT).exit_code == 0


def test_a_clinic_without_a_log_is_told_what_comes_next(attune: Attune, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "new")
    assert "The log is empty: no ranking and no placement was shown yet." in attune("log", tmp_path / "new").output
    assert attune("log", tmp_path / "new", "--verify").exit_code == 0
    assert "no ranking is logged yet" in attune.fails("replay", tmp_path / "new")


@pytest.mark.parametrize("line", ["1", "2", "3", "a1"])
def test_every_line_is_proved_byte_for_byte(attune: Attune, clinic: Path, line: str) -> None:
    done = attune("replay", clinic, line)
    assert done.exit_code == 0, done.output
    assert f"Proved: line {line}, " in done.output
    report = json.loads(attune("replay", clinic, line, "--json").stdout)
    assert (report["same"], report["line"], report["is_live"]) == (True, line, True)
    assert not list((clinic / "artifacts").glob("tmp*"))


def test_without_a_line_the_last_ranking_is_proved(attune: Attune, clinic: Path) -> None:
    assert json.loads(attune("replay", clinic, "--json").stdout)["line"] == "3"


@pytest.mark.usefixtures("untracked")
def test_a_ranking_of_a_model_that_was_replaced_is_still_proved(attune: Attune, clinic: Path) -> None:
    bundle = json.loads(attune("train", clinic, "--json").stdout)["bundle"]
    if json.loads(attune("models", "list", clinic, "--json").stdout)["live"] != bundle:
        assert attune("models", "promote", clinic, bundle, "--because", "a test").exit_code == 0
    assert "(no longer live)" in attune("replay", clinic, "3").output
    assert attune("rank", clinic, "--client", CLIENT).exit_code == 0
    assert attune("models", "rollback", clinic).exit_code == 0
    assert json.loads(attune("replay", clinic, "4", "--json").stdout)["bundle"] == bundle
    shutil.rmtree(clinic / "artifacts" / "bundles" / bundle)
    assert "changed since then: the model" in attune.fails("replay", clinic, "4")


def test_what_changed_since_is_named(attune: Attune, clinic: Path) -> None:
    config = clinic / "clinic.toml"
    before = config.read_text()
    config.write_text(before + "\n[settings]\nband = 0.9\n")
    for line in ("3", "2", "a1"):
        assert re.search(
            r"changed since then: rules, features,? .*in clinic\.toml", attune.fails("replay", clinic, line)
        )
    config.write_text(before)
    clients = pd.read_csv(clinic / "clients.csv", dtype=str)
    clients[clients["client_id"] != CLIENT].to_csv(clinic / "clients.csv", index=False)
    for line in ("3", "2", "a1"):
        assert "changed since then: the tables" in attune.fails("replay", clinic, line)
    faults = json.loads(attune("replay", clinic, "3", "--json").stdout)["faults"]
    assert faults[0]["id"] == "inputs-changed"
    assert faults[0]["says"].endswith(": the tables")


def test_a_result_that_was_changed_in_the_log_is_not_proved(attune: Attune, clinic: Path) -> None:
    edit_log(clinic, '"result": "', '"result": "0')
    assert "gives a different result from the same inputs" in attune.fails("replay", clinic, "1")


@pytest.mark.parametrize(
    ("old", "new"),
    [('"seed": ', '"seed": "x", "seeds": '), ('"kind": "rank"', '"kind": "guess"'), ('"shown": ', '"show": ')],
)
def test_a_line_of_another_form_is_an_error_in_plain_words(attune: Attune, clinic: Path, old: str, new: str) -> None:
    edit_log(clinic, old, new)
    assert "line 1 is not as Attune writes it" in attune.fails("replay", clinic, "1")


def test_a_line_that_is_not_there_is_an_error(attune: Attune, clinic: Path) -> None:
    assert "the log has no line `9`" in attune.fails("replay", clinic, "9")
    path = clinic / "artifacts" / "rankings.jsonl"
    path.write_bytes(path.read_bytes() + b'{"when": "20')
    assert "line 4 is incomplete" in attune.fails("replay", clinic, "4")
    assert attune("log", clinic).exit_code == 0
    assert json.loads(attune("replay", clinic, "--json").stdout)["line"] == "3"


def test_a_file_of_one_client_is_recomputed_if_the_log_names_the_client(attune: Attune, clinic: Path) -> None:
    attune("rank", clinic, "--client", CLIENT, "--out", clinic / "one.csv")
    assert attune("replay", clinic, "4").exit_code == 0
    edit_log(clinic, f'"file": "one.csv", "client_id": "{CLIENT}"', '"file": "one.csv"')
    assert "the log does not name its clients" in attune.fails("replay", clinic, "4")


def test_the_log_of_one_client_has_the_lists_and_the_placement_of_this_client(attune: Attune, clinic: Path) -> None:
    lines = json.loads(attune("log", clinic, "--json").stdout)["lines"]
    placed = lines[3]["placed"]
    client = next(iter(placed))
    found = json.loads(attune("log", clinic, "--client", client, "--json").stdout)["lines"]
    assert [row["line"] for row in found] == [*(["1", "3"] if client == CLIENT else []), "a1"]
    assert f"with {placed[client]}" in attune("log", clinic, "--client", client).output
    found = json.loads(attune("log", clinic, "--client", CLIENT, "--json").stdout)["lines"]
    assert [row["line"] for row in found] == ["1", "3", *(["a1"] if CLIENT in placed else [])]
    assert "No ranking and no placement of client c9 is in the log." in attune("log", clinic, "--client", "c9").output


def test_no_word_is_broken_in_a_narrow_terminal(attune: Attune, clinic: Path) -> None:
    attune("assign", clinic, "--out", clinic / "placement-of-today.csv")
    words = attune("log", clinic, columns=80).output.split()
    assert {"placement", "placement-of-today.csv"} <= {word.rstrip(",") for word in words}
    assert re.search(r"a2 +\d{4}-\d\d-\d\d \d\d:\d\d +placement +balanced", attune("log", clinic, columns=64).output)


def test_a_replay_shows_the_list_of_that_time(attune: Attune, clinic: Path) -> None:
    lines = {row["line"]: row for row in json.loads(attune("log", clinic, "--json").stdout)["lines"]}
    output = attune("replay", clinic, "1", columns=10_000).output
    assert f"The list that was shown, in order: {', '.join(lines['1']['therapist_ids'])}." in output
    client, therapist = next(iter(lines["a1"]["placed"].items()))
    assert f"Placed: {client}={therapist}" in attune("replay", clinic, "a1", columns=10_000).output


def test_a_replay_with_other_tables_says_that_the_log_is_unchanged(attune: Attune, clinic: Path) -> None:
    roster = pd.read_csv(clinic / "therapists.csv", dtype=str)
    roster.iloc[1:].to_csv(clinic / "therapists.csv", index=False)
    output = attune.fails("replay", clinic, "3")
    assert "changed since then: the tables" in output
    assert "No line of the log was changed" in output
    assert "An exact replay needs the inputs of that day" in output
    assert "to fix first" not in output
    edit_log(clinic, f'"client_id": "{CLIENT}"', '"client_id": "c0001"')
    output = attune.fails("replay", clinic, "3")
    assert "The log was changed too: run `attune log CLINIC --verify`." in output
    assert "No line of the log" not in output


def test_a_log_from_before_the_seal_is_read_and_goes_on_sealed(attune: Attune, earlier: Path) -> None:
    before = (earlier / "artifacts" / "rankings.jsonl").read_bytes()
    n_old = before.count(b"\n")
    assert f"{n_old + 1} lines were written before the log was sealed." in attune("log", earlier).output
    done = attune("log", earlier, "--verify")
    assert done.exit_code == 0
    assert f"The log is not sealed yet: {n_old + 1} lines written before" in " ".join(done.output.split())
    for line in ("1", "a1"):
        done = attune("replay", earlier, line, "--json")
        (fault,) = json.loads(done.stdout)["faults"]
        assert done.exit_code == 1
        assert fault["id"] == "digest-of-other-version"
        assert "an earlier version" in fault["says"]
    attune("rank", earlier, "--waiting")
    assert (earlier / "artifacts" / "rankings.jsonl").read_bytes().startswith(before)
    done = attune("log", earlier, "--verify")
    assert done.exit_code == 0
    assert f"Not checked: {n_old + 1} lines written before the log was sealed." in done.output
    assert attune("replay", earlier).exit_code == 0
