"""The ledger: entries stay in order, and the hash chain shows changes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from attune_fit.training.promotion.ledger import Ledger, LedgerEntry, append_entry, read_ledger

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


@pytest.mark.parametrize("number", [1, 2])
def test_a_changed_line_is_noticed_at_the_next(path: Path, number: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace("because of", "because OF")
    path.write_text("".join(lines))
    assert read_ledger(path).faults == (
        f"line {number + 1} does not match the line before it: a line was changed, added or removed",
    )


def test_a_removed_line_is_noticed(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[2])
    assert read_ledger(path).faults == (
        "line 2 does not match the line before it: a line was changed, added or removed",
    )


def test_an_incomplete_line_is_a_fault_and_the_next_entry_is_sealed_over_it(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert read_ledger(path).faults == ("line 3 is incomplete or cannot be read",)
    append_entry(path, LedgerEntry("promoted", "d", "b", "after the lights went out"), NOON)
    ledger = read_ledger(path)
    assert path.read_bytes().startswith(whole[:-20] + b"\n")
    assert [entry.bundle for entry in ledger.entries] == ["a", "b", "d"]
    assert ledger.faults == ("line 3 is incomplete or cannot be read",), (
        "the new line is sealed over the incomplete one"
    )


@pytest.mark.parametrize("line", ["[]", "{}", "null", '{"what": "promoted", "unheard": 1}'])
def test_a_line_of_another_kind_is_a_fault(path: Path, line: str) -> None:
    path.write_text(path.read_text() + line + "\n")
    assert read_ledger(path).faults == ("line 4 is incomplete or cannot be read",)


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
