"""One pass over a log finds what the slower check in memory finds, and what other files want to know of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data import chain_scan
from attune_fit.data.chain_check import check_log
from attune_fit.data.chain_scan import scan_log
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_log import append_entries, build_end_mark_path, read_log
from tests.data.file_kinds import KINDS, make_other_kind
from tests.data.test_chain_check import ATTACKS, edit_lines

ONE = {"ledger": ChainHead(1, "1" * 64)}
TWO = {"ledger": ChainHead(2, "2" * 64)}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of six lines; the first three hold one end of the ledger, the others another one."""
    path = tmp_path / "shown.jsonl"
    append_entries(path, [{"id": name} for name in "abc"], ONE)
    append_entries(path, [{"id": name} for name in "def"], TWO)
    return path


def test_a_whole_log_is_checked_without_reading_it_into_memory(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = check_log(log)
    monkeypatch.setattr(chain_scan, "check_lines", None)
    scan = scan_log(log)
    assert scan.check == expected
    assert (scan.first, scan.last) == (1, 6)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found_as_in_memory(log: Path, name: str) -> None:
    edit_lines(log, ATTACKS[name][0])
    assert scan_log(log).check == check_log(log)
    assert not scan_log(log).check.is_whole


@given(data=st.data())
def test_each_edit_is_found_as_in_memory(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("log") / "shown.jsonl"
    before = data.draw(st.lists(st.sampled_from([b'{"id": 0}', b"{"]), max_size=2))  # lines of an earlier version
    path.write_bytes(b"".join(line + b"\n" for line in before))
    marks = [b"", b"odd", f"{0:>12} {'0' * 64}".encode()]
    for _ in range(data.draw(st.integers(0, 3))):
        append_entries(path, [{"id": "x"}] * data.draw(st.integers(1, 3)))
        marks.append(build_end_mark_path(path).read_bytes())
    rows = path.read_bytes().splitlines()
    if data.draw(st.booleans()):
        pool = [*rows, b"", b"{", b'{"id": "x"}', b'{"id": "x", "line": 1, "previous": ""}', b'{"previous": ""}']
        rows = data.draw(st.lists(st.sampled_from(pool), max_size=8))
    path.write_bytes(b"\n".join(rows) + data.draw(st.sampled_from([b"", b"\n"])))
    build_end_mark_path(path).write_bytes(data.draw(st.sampled_from(marks)))
    assert scan_log(path).check == check_log(path)


@pytest.mark.parametrize("lines", [slice(1, None), slice(0, 2), slice(3, None), slice(0, None)])
@pytest.mark.parametrize("mark", [None, 0])
def test_a_log_that_was_sealed_later_is_checked_as_in_memory(tmp_path: Path, lines: slice, mark: int | None) -> None:
    path = tmp_path / "shown.jsonl"
    path.write_bytes(b'{"id": 1}\n{"id": 2}\n{"id": 3}\n')
    append_entries(path, [{"id": 4}, {"id": 5}])
    edit_lines(path, lambda rows: rows[lines])
    if mark is not None:
        build_end_mark_path(path).write_text(f"{mark:>12} {'0' * 64}\n")
    assert scan_log(path).check == check_log(path)
    assert scan_log(path).check.is_whole == (lines == slice(0, None) and mark is None)


def test_the_ends_of_other_files_come_with_the_first_line_that_holds_them(log: Path) -> None:
    assert scan_log(log).heads == {"ledger": {ONE["ledger"]: 1, TWO["ledger"]: 4}}


def test_wanted_lines_are_found(log: Path) -> None:
    seals = [line.seal for line in read_log(log)]
    assert scan_log(log, {seals[1], seals[4], "0" * 64}).found == {seals[1], seals[4]}
    tail = scan_log(log, {seals[1], seals[4]}, tail=2)
    assert (tail.found, tail.first, tail.last) == ({seals[4]}, 5, 6)


@pytest.mark.parametrize("tail", [1, 2, 3, 5, 6, 9])
def test_the_tail_of_a_whole_log_is_whole(log: Path, tail: int) -> None:
    assert scan_log(log, tail=tail).check.is_whole
    log.write_bytes(log.read_bytes() + b'{"id":')  # cut off by an interruption
    assert scan_log(log, tail=tail).check.is_whole
    mark = build_end_mark_path(log).read_bytes()
    append_entries(log, [{"id": "g"}, {"id": "h"}, {"id": "i"}])
    assert scan_log(log, tail=tail).check.is_whole
    build_end_mark_path(log).write_bytes(mark)  # a run was killed before it wrote the mark
    assert scan_log(log, tail=tail).check.is_whole


@pytest.mark.parametrize("name", ["last changed", "cut at the end", "emptied", "inserted last", "last cut short"])
def test_a_change_in_the_tail_is_found(log: Path, name: str) -> None:
    edit_lines(log, ATTACKS[name][0])
    assert not scan_log(log, tail=3).check.is_whole


def test_the_tail_of_a_log_without_seals_is_the_whole_log(tmp_path: Path) -> None:
    path = tmp_path / "shown.jsonl"
    path.write_bytes(b"".join(json.dumps({"id": number}).encode() + b"\n" for number in range(9)))
    scan = scan_log(path, tail=2)
    assert (scan.check.n_before_seal, scan.check.is_whole, scan.first, scan.last) == (9, True, 1, 9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tail", [None, 2])
def test_a_log_that_is_no_file_is_a_break_and_never_waited_for(log: Path, kind: str, tail: int | None) -> None:
    make_other_kind(log, kind, log.with_name("clients.csv"))
    (found,) = scan_log(log, tail=tail).check.breaks
    assert found.what == "not readable"
