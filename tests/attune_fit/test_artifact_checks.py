"""What Attune wrote under ``artifacts`` is looked at: a check, a training and a ranking notice a change, and go on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from attune_fit.artifact_checks import find_artifact_warnings, list_artifact_notes
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault
from attune_fit.data.sealed_files import ASSIGNMENT_LOG, RANKING_LOG, append_sealed
from attune_fit.data.sealed_log import build_end_mark_path
from attune_fit.matching.log_replay import find_log_row, recompute_line
from attune_fit.models.active_pointer import STARTING_MODEL_NAME, build_bundle_path, set_active_bundle
from attune_fit.training.promotion.ledger import LedgerEntry, append_entry
from tests.conftest import SAMPLE, Attune
from tests.data.file_kinds import KINDS, make_other_kind

CLIENT = "c0061"
BUNDLE = "0123456789ab"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample clinic with two decisions of the ledger, two logged rankings and a placement."""
    folder = tmp_path_factory.mktemp("artifacts") / "clinic"
    shutil.copytree(SAMPLE, folder)
    ledger = folder / "artifacts" / "ledger.jsonl"
    for name in ("a" * 12, "b" * 12):
        append_entry(ledger, LedgerEntry("refused", name, STARTING_MODEL_NAME, "few records"))
    for row in (RANKING_LOG, RANKING_LOG, ASSIGNMENT_LOG):
        append_sealed(folder / "artifacts", row, [{"when": "2026-01-01T00:00:00+00:00"}])
    append_entry(ledger, LedgerEntry("refused", "c" * 12, STARTING_MODEL_NAME, "few records"))
    return folder


@pytest.fixture
def clinic(once: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(once, tmp_path / "clinic"))


def cut(path: Path) -> None:
    """Remove the last line, and the end mark, which would show it."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    build_end_mark_path(path).unlink()


def delete(path: Path) -> None:
    path.unlink()
    build_end_mark_path(path).unlink()


def edit_last(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"when": "2', b'"when": "1'))


def name_another_bundle(clinic: Path) -> None:
    opened = Clinic.open(clinic)
    build_bundle_path(opened, BUNDLE).mkdir(parents=True)
    set_active_bundle(opened, BUNDLE)


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a ledger that was cut": (lambda clinic: cut(clinic / "artifacts" / "ledger.jsonl"), "ledger.jsonl"),
    "a ledger that was deleted": (lambda clinic: delete(clinic / "artifacts" / "ledger.jsonl"), "ledger.jsonl"),
    "a line of the ledger that was edited": (
        lambda clinic: edit_last(clinic / "artifacts" / "ledger.jsonl"), "ledger.jsonl"),
    "rankings that were deleted": (lambda clinic: delete(clinic / "artifacts" / "rankings.jsonl"), "rankings.jsonl"),
    "a ranking that was edited": (lambda clinic: edit_last(clinic / "artifacts" / "rankings.jsonl"), "rankings.jsonl"),
    "placements that were deleted": (
        lambda clinic: delete(clinic / "artifacts" / "assignments.jsonl"), "assignments.jsonl"),
    "a pointer to another bundle": (name_another_bundle, "live.json"),
}  # fmt: skip


def list_changed(clinic: Path) -> list[str]:
    faults = find_artifact_warnings(Clinic.open(clinic))
    assert all(fault.id == "artifact-changed" and fault.kind == "warning" for fault in faults)
    return [fault.table.removeprefix("artifacts/") for fault in faults]


def test_artifacts_that_were_not_changed_give_no_note(clinic: Path) -> None:
    assert list_changed(clinic) == []
    assert list_artifact_notes(Clinic.open(clinic)) == ()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_with_its_file_and_the_command_that_shows_more(clinic: Path, name: str) -> None:
    change, file = CHANGES[name]
    change(clinic)
    assert list_changed(clinic) == [file]
    command = "attune models list" if file == "live.json" else "attune log"
    for tail in (None, 100):
        (note,) = list_artifact_notes(Clinic.open(clinic), tail)
        assert f" {file}: " in note
        assert f"See: {command} {format_word(clinic)}" in note


def test_a_missing_pointer_is_noticed_where_the_ledger_names_a_live_bundle(clinic: Path) -> None:
    append_entry(clinic / "artifacts" / "ledger.jsonl", LedgerEntry("promoted", BUNDLE, STARTING_MODEL_NAME, "better"))
    assert list_changed(clinic) == ["live.json"]
    name_another_bundle(clinic)
    assert list_changed(clinic) == []


def test_a_pointer_from_before_the_ledger_was_cut_shows_that_it_was_cut(clinic: Path) -> None:
    for name in ("assignments", "rankings"):
        delete(clinic / "artifacts" / f"{name}.jsonl")
    ledger = clinic / "artifacts" / "ledger.jsonl"
    delete(ledger)
    for name in ("d" * 12, BUNDLE):
        append_entry(ledger, LedgerEntry("promoted", name, STARTING_MODEL_NAME, "better"))
    name_another_bundle(clinic)
    assert list_changed(clinic) == []
    delete(ledger)
    append_entry(ledger, LedgerEntry("promoted", BUNDLE, STARTING_MODEL_NAME, "better"))
    assert list_changed(clinic) == ["ledger.jsonl"]


def test_a_check_and_a_ranking_notice_a_change_and_go_on(attune: Attune, clinic: Path) -> None:
    cut(clinic / "artifacts" / "ledger.jsonl")
    done = attune("check", clinic, "--json")
    found = [fault for fault in json.loads(done.stdout)["faults"] if fault["id"] == "artifact-changed"]
    assert (done.exit_code, [fault["table"] for fault in found]) == (0, ["artifacts/ledger.jsonl"])
    note = "Note: files in artifacts were changed since Attune wrote them. ledger.jsonl: "
    for words in (
        ("rank", clinic, "--waiting"),
        ("rank", clinic, "--client", CLIENT, "--out", clinic / "list.csv"),
        ("assign", clinic),
    ):
        done = attune(*words, columns=10_000)
        assert (done.exit_code, done.output.count(note)) == (0, 1), words
    done = attune("log", clinic, "--verify")
    assert done.exit_code == 1
    assert "ledger.jsonl: the end mark ledger.seal is missing" in done.output


def test_a_whole_ledger_is_reported_with_the_log(attune: Attune, clinic: Path) -> None:
    done = attune("log", clinic, "--verify")
    assert done.exit_code == 0
    assert "The ledger of promotions is whole: 3 lines." in done.output


def refuse_to_open(*_: object) -> Tables:
    raise AssertionError("the tables are opened before the line is checked")


ODD_LINES = {
    "numbers for texts": b'{"when": 5, "client_id": 7, "bundle": null, "shown": [1, [2], {"a": 3}], "kind": []}',
    "placement of another form": b'{"when": null, "policy": 3, "placed": {"c1": [1]}, "asked": {"kept": {}}}',
    "pairs that are none": b'{"policy": "", "placed": {}, "asked": {"pinned": 5, "refused": [], "kept": {}}}',
    "file that is none": b'{"when": "", "file": ["x"], "rows": true}',
    "file with a zero byte": b'{"when": "", "file": "a.csv\\u0000", "rows": 1}',
    "list": b"[]",
    "not a number": b'{"seed": NaN}',
    "endless number": b'{"seed": 1e999}',
    "deeply nested": b'{"shown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "not UTF-8": b"\xff\xfe\xfd",
    "zero bytes": b"\0" * 50,
    "very long": b'{"client_id": "' + b"x" * 200_000 + b'"}',
    "escape sequences": b'{"when": "\\u001b[2J", "client_id": "[/b]", "shown": []}',
    "cut off": b'{"when": "2026-',
}


def test_odd_lines_in_the_logs_stop_nothing_and_each_is_named(attune: Attune, clinic: Path) -> None:
    odd = b"".join(line + b"\n" for line in ODD_LINES.values())
    for file in ("rankings.jsonl", "assignments.jsonl"):
        path = clinic / "artifacts" / file
        path.write_bytes(path.read_bytes() + odd)
    opened = Clinic.open(clinic)
    for number in range(3, 3 + len(ODD_LINES)):
        for line in (str(number), f"a{number - 1}"):
            with pytest.raises(DataFault, match=rf"line {line} is (incomplete|not as Attune writes it)"):
                recompute_line(find_log_row(opened, line), opened, refuse_to_open)
    for words in (("--last", 40), ("--json",), ("--client", "c1")):
        assert attune("log", clinic, *words).exit_code == 0, words
    output = attune("log", clinic, "--verify").output
    assert "rankings.jsonl: line 3 holds no seal" in output
    assert attune("rank", clinic, "--client", CLIENT).exit_code == 0
    assert attune("replay", clinic).exit_code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_or_ledger_that_is_no_file_is_named_and_the_ranking_is_given(
    attune: Attune, clinic: Path, kind: str
) -> None:
    elsewhere = clinic / "notes.txt"
    elsewhere.write_text("kept\n")
    for file in ("rankings.jsonl", "ledger.jsonl"):
        make_other_kind(clinic / "artifacts" / file, kind, elsewhere)
    assert list_changed(clinic) == ["ledger.jsonl", "rankings.jsonl"]
    done = attune("rank", clinic, "--client", CLIENT, columns=10_000)
    assert done.exit_code == 0
    assert "Not logged: artifacts/rankings.jsonl: " in done.output
    assert "the log cannot be read" in attune.fails("log", clinic)
    assert attune("log", clinic, "--verify").exit_code == 1
    assert attune("models", "list", clinic).exit_code == 0
    assert elsewhere.read_text() == "kept\n"
