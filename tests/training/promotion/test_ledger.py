"""The ledger: entries stay in order, and the hash chain shows changes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from attune_fit.data.hash_chain import compute_seal
from attune_fit.data.sealed_log import append_entries, build_end_mark_path
from attune_fit.training.promotion.ledger import Ledger, LedgerEntry, append_entry, read_ledger
from tests.data.file_kinds import KINDS, make_other_kind

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of three lines."""
    path = tmp_path / "artifacts" / "ledger.jsonl"
    for name, before in (("a", "day0"), ("b", "a"), ("c", "b")):
        append_entry(path, LedgerEntry("promoted", name, before, f"because of {name}", agreement=0.001), NOON)
    return path


def test_lines_come_back_in_order_with_their_time(path: Path) -> None:
    ledger = read_ledger(path)
    assert [entry.bundle for entry in ledger.entries] == ["a", "b", "c"]
    assert ledger.entries[1].why == "because of b"
    assert ledger.entries[0].previous == ""
    assert {entry.when for entry in ledger.entries} == {"2026-06-15T12:00:00+00:00"}
    assert ledger.faults == ()


def test_a_missing_ledger_is_empty(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "ledger.jsonl") == Ledger()
    assert Ledger().rollback_stack == ["day0"]


def test_appending_never_touches_what_is_there(path: Path) -> None:
    before = path.read_bytes()
    append_entry(path, LedgerEntry("rolled back", "b", "c", ""), NOON)
    assert path.read_bytes().startswith(before)
    assert path.read_bytes().count(b"\n") == 4


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_line_is_noticed_the_last_one_too(path: Path, number: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace("because of", "because OF")
    path.write_text("".join(lines))
    assert read_ledger(path).faults == (f"line {number} was changed",)


def test_a_removed_line_is_noticed(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[2])
    assert read_ledger(path).faults == ("1 line is missing after line 1",)


def test_lines_removed_at_the_end_are_noticed(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:1]))
    assert read_ledger(path).faults == ("2 lines are missing after line 1",)
    append_entry(path, LedgerEntry("promoted", "d", "c", ""), NOON)
    assert read_ledger(path).faults == ("2 lines are missing after line 1",)


def test_an_incomplete_line_is_a_fault_and_the_next_entry_is_sealed_over_it(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    build_end_mark_path(path).write_text(f"{2:>12} {compute_seal(whole.splitlines()[1])}\n")  # not yet written then
    assert read_ledger(path).faults == ("line 3 is incomplete or cannot be read",)
    append_entry(path, LedgerEntry("promoted", "d", "b", "after the lights went out"), NOON)
    ledger = read_ledger(path)
    assert path.read_bytes().startswith(whole[:-20] + b"\n")
    assert [entry.bundle for entry in ledger.entries] == ["a", "b", "d"]
    assert ledger.faults == ("line 3 is incomplete or cannot be read",), (
        "the new line is sealed over the incomplete one"
    )


ODD_LINES = {
    "list": b"[]",
    "empty": b"{}",
    "null": b"null",
    "unknown key": b'{"what": "promoted", "unheard": 1}',
    "time that is a number": b'{"what": "promoted", "bundle": "d", "replaced": "", "why": "", "when": 5}',
    "no bundle": b'{"what": "promoted", "bundle": null, "replaced": "", "why": "", "when": ""}',
    "no action": b'{"what": null, "bundle": "d", "replaced": "", "why": "", "when": ""}',
    "unknown action": b'{"what": "erased", "bundle": "d", "replaced": "", "why": "", "when": ""}',
    "figures of another type": b'{"what": "kept", "bundle": "d", "replaced": "", "why": "", "compared": [[[1]]]}',
    "huge count": b'{"what": "kept", "bundle": "d", "replaced": "", "why": "", "n_outcomes": 1' + b"0" * 400 + b"}",
    "not a number": b'{"what": "kept", "bundle": "d", "replaced": "", "why": "", "agreement": NaN}',
    "endless number": b'{"what": "kept", "bundle": "d", "replaced": "", "why": "", "agreement": 1e999}',
    "not UTF-8": b"\xff\xfe{",
    "zero bytes": b"\0\0\0",
    "deeply nested": b'{"what": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("name", ODD_LINES)
def test_a_line_of_another_kind_is_a_fault_with_its_number_and_the_other_lines_count(path: Path, name: str) -> None:
    path.write_bytes(path.read_bytes() + ODD_LINES[name] + b"\n")
    ledger = read_ledger(path)
    (fault,) = ledger.faults
    assert fault.startswith("line 4 ")
    assert [entry.bundle for entry in ledger.entries] == ["a", "b", "c"]
    append_entry(path, LedgerEntry("promoted", "d", "c", ""), NOON)
    assert [entry.bundle for entry in read_ledger(path).entries] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_ledger_that_is_no_file_is_a_fault_and_never_written(tmp_path: Path, kind: str) -> None:
    path, elsewhere = tmp_path / "ledger.jsonl", tmp_path / "clients.csv"
    elsewhere.write_text("client_id\n")
    make_other_kind(path, kind, elsewhere)
    (fault,) = read_ledger(path).faults
    assert fault.startswith("it cannot be read: ")
    with pytest.raises(OSError, match=r"it is|Is a directory"):
        append_entry(path, LedgerEntry("promoted", "a", "day0", ""))
    assert elsewhere.read_text() == "client_id\n"


EARLIER = [  # lines as versions before the end mark wrote them: with a seal, without a number
    {"what": "refused", "bundle": "a", "replaced": "day0", "why": "few records", "when": "2026-01-01"},
    {"what": "promoted", "bundle": "b", "replaced": "day0", "why": "better", "when": "2026-01-02"},
    {"what": "kept", "bundle": "b", "replaced": "b", "why": "the same", "when": "2026-01-03"},
]


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A ledger of an earlier version."""
    seal, lines = "", []
    for entry in EARLIER:
        lines.append(json.dumps({**entry, "previous": seal}).encode())
        seal = compute_seal(lines[-1])
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_a_ledger_of_an_earlier_version_is_whole_and_goes_on_with_an_end_mark(earlier: Path) -> None:
    before = earlier.read_bytes()
    assert read_ledger(earlier).faults == ()
    assert [entry.bundle for entry in read_ledger(earlier).entries] == ["a", "b", "b"]
    append_entry(earlier, LedgerEntry("rolled back", "day0", "b", ""), NOON)
    assert earlier.read_bytes().startswith(before)
    assert read_ledger(earlier).faults == ()
    assert json.loads(earlier.read_bytes().splitlines()[3])["line"] == 4
    earlier.write_bytes(before)
    assert read_ledger(earlier).faults == ("1 line is missing after line 3",)


@pytest.mark.parametrize("number", [1, 2])
def test_a_changed_line_of_an_earlier_version_is_noticed(earlier: Path, number: int) -> None:
    lines = earlier.read_bytes().splitlines()
    lines[number - 1] = lines[number - 1].replace(b'"why": "', b'"why": "not ')
    earlier.write_bytes(b"\n".join(lines) + b"\n")
    assert read_ledger(earlier).faults == (
        f"line {number} does not match the line after it: a line was changed, added or removed",
    )


def test_a_line_holds_the_ends_of_the_logs(path: Path) -> None:
    log = path.with_name("rankings.jsonl")
    append_entries(log, [{"id": 1}, {"id": 2}])
    append_entry(path, LedgerEntry("promoted", "d", "c", ""), NOON)
    line = json.loads(path.read_bytes().splitlines()[-1])
    assert line["heads"] == {"rankings": {"line": 2, "seal": compute_seal(log.read_bytes().splitlines()[-1])}}
    assert read_ledger(path).faults == ()


def test_rollback_uses_a_stack_of_live_bundles() -> None:
    lines = [
        LedgerEntry("promoted", "a", "day0", ""),
        LedgerEntry("refused", "x", "a", ""),
        LedgerEntry("promoted", "b", "a", ""),
        LedgerEntry("kept", "b", "b", ""),
        LedgerEntry("rolled back", "a", "b", ""),
        LedgerEntry("promoted by hand", "c", "a", ""),
    ]
    assert Ledger(tuple(lines)).rollback_stack == ["day0", "a", "c"]
    lines += [LedgerEntry("rolled back", "a", "c", ""), LedgerEntry("rolled back", "day0", "a", "")]
    assert Ledger(tuple(lines)).rollback_stack == ["day0"]


def test_each_line_is_json_of_its_own(path: Path) -> None:
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert all({"what", "bundle", "replaced", "why", "by", "when", "previous"} <= set(entry) for entry in entries)
