"""A sealed log: entries come back as they were, one write for many, and an interruption blocks no later run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.chain_check import check_log
from attune_fit.data.hash_chain import ChainHead, compute_seal, open_locked
from attune_fit.data.sealed_log import (
    append_entries,
    build_end_mark_path,
    parse_json_object,
    read_end_mark,
    read_head,
    read_log,
    read_log_tail,
)
from tests.data.file_kinds import KINDS, make_other_kind

UNSEALED = b'{"id": 1}\n{"id": 2}\n'  # as versions before the chain wrote them


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "artifacts" / "shown.jsonl"


def append_one_by_one(path: Path, times: int) -> None:
    for number in range(times):
        append_entries(path, [{"id": number}])


def test_each_line_holds_its_number_and_the_seal_of_the_line_before(log: Path) -> None:
    append_entries(log, [{"id": "a"}, {"id": "b"}])
    append_entries(log, [{"id": "c"}])
    lines = log.read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": "a", "line": 1, "previous": ""},
        {"id": "b", "line": 2, "previous": compute_seal(lines[0])},
        {"id": "c", "line": 3, "previous": compute_seal(lines[1])},
    ]
    assert [line.fields for line in read_log(log)] == [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert read_end_mark(log) == ChainHead(3, compute_seal(lines[2]))


def test_without_entries_nothing_is_written(log: Path) -> None:
    append_entries(log, [])
    assert not log.parent.exists()
    assert read_log(log) == []


def test_many_entries_take_one_write_and_one_fsync(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append_entries(log, [{"id": 0}])  # a new file is two: its folder is written to disk too
    synced: list[int] = []
    monkeypatch.setattr("attune_fit.data.hash_chain.os.fsync", synced.append)
    append_entries(log, ({"id": number} for number in range(1, 20_000)))
    assert len(synced) == 1
    check = check_log(log)
    assert (check.n_lines, check.is_whole) == (20_000, True)


def test_two_processes_write_one_chain(log: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(append_one_by_one, [log, log], [40, 40]))
    check = check_log(log)
    assert (check.n_lines, check.is_whole) == (80, True)


def test_lines_from_before_the_seal_stay_and_the_chain_begins_after_them(log: Path) -> None:
    log.parent.mkdir()
    log.write_bytes(UNSEALED)
    assert check_log(log).n_before_seal == 2
    append_entries(log, [{"id": 3}])
    assert log.read_bytes().startswith(UNSEALED)
    lines = read_log(log)
    assert [(line.is_sealed, line.written_as) for line in lines] == [(False, None), (False, None), (True, 3)]
    assert lines[2].previous == lines[1].seal
    check = check_log(log)
    assert (check.n_before_seal, check.is_whole) == (2, True)


@pytest.mark.parametrize("torn", [b'{"id": 7', b'{"id": 7, "line": 3, "prev', b"\xff\xfe"])
def test_a_line_that_a_killed_run_cut_off_blocks_no_later_run(log: Path, torn: bytes) -> None:
    append_entries(log, [{"id": 1}, {"id": 2}])
    log.write_bytes(log.read_bytes() + torn)
    check = check_log(log)
    assert (check.incomplete, check.is_whole) == ((3,), True)
    append_entries(log, [{"id": 4}])
    assert [line.fields for line in read_log(log)] == [{"id": 1}, {"id": 2}, None, {"id": 4}]
    check = check_log(log)
    assert (check.incomplete, check.is_whole) == ((3,), True)


def test_a_run_killed_before_it_wrote_the_end_mark_breaks_nothing(log: Path) -> None:
    append_entries(log, [{"id": 1}])
    mark = build_end_mark_path(log).read_bytes()
    append_entries(log, [{"id": 2}, {"id": 3}])
    build_end_mark_path(log).write_bytes(mark)
    assert check_log(log).is_whole
    append_entries(log, [{"id": 4}])
    assert check_log(log).is_whole
    assert read_end_mark(log) == ChainHead(4, read_log(log)[-1].seal)


def test_an_end_mark_that_cannot_be_written_does_not_stop_the_log(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append_entries(log, [{"id": 1}])

    def fail(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr("attune_fit.data.sealed_log._write_end_mark", fail)
        append_entries(log, [{"id": 2}])
    assert check_log(log).is_whole
    append_entries(log, [{"id": 3}])
    assert [line.written_as for line in read_log(log)] == [1, 2, 3]


def test_a_run_killed_at_any_step_of_its_first_line_leaves_a_whole_log(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end mark of a log without lines comes first, so that no moment has sealed lines and no mark."""
    steps: list[str] = []
    real = {name: getattr(os, name) for name in ("write", "fsync")}

    def take_step(name: str) -> Callable[..., Any]:
        def step(*words: Any) -> Any:
            done = real[name](*words)
            steps.append(name)
            assert check_log(log).is_whole, steps
            return done

        return step

    for name in real:
        monkeypatch.setattr(f"attune_fit.data.sealed_log.os.{name}", take_step(name))
    append_entries(log, [{"id": 1}, {"id": 2}])
    assert steps.count("write") == 3
    assert check_log(log).n_lines == 2


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_or_an_interruption_leaves_no_line(
    log: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    append_entries(log, [{"id": 1}])
    before = log.read_bytes()

    def fail(_: int) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr("attune_fit.data.hash_chain.os.fsync", fail)
        with pytest.raises(type(failure)):
            append_entries(log, [{"id": 2}, {"id": 3}])
    assert log.read_bytes() == before
    append_entries(log, [{"id": 4}])
    assert check_log(log).is_whole
    assert [line.fields for line in read_log(log)] == [{"id": 1}, {"id": 4}]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["log", "end mark"])
def test_a_log_that_is_no_file_is_never_written_and_never_waited_for(log: Path, kind: str, place: str) -> None:
    append_entries(log, [{"id": 1}])
    elsewhere = log.with_name("clients.csv")
    elsewhere.write_text("client_id\n")
    make_other_kind(log if place == "log" else build_end_mark_path(log), kind, elsewhere)
    with pytest.raises(OSError, match=r"it is|Is a directory"):
        append_entries(log, [{"id": 2}])
    assert elsewhere.read_text() == "client_id\n"
    assert read_head(log) == (None if place == "log" else ChainHead(1, compute_seal(log.read_bytes()[:-1])))


@pytest.mark.skipif(os.name == "nt", reason="the system has other locks")
def test_a_lock_that_another_program_keeps_is_an_error_and_no_endless_wait(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_entries(log, [{"id": 1}])
    monkeypatch.setattr("attune_fit.data.hash_chain.LOCK_SECONDS", 0.0)
    with open_locked(log):
        with pytest.raises(TimeoutError, match="another program has locked it"):
            append_entries(log, [{"id": 2}])
        assert read_head(log) is None
    append_entries(log, [{"id": 3}])
    assert [line.fields for line in read_log(log)] == [{"id": 1}, {"id": 3}]


@pytest.mark.skipif(os.name == "nt", reason="permissions of files are others there")
def test_only_the_owner_can_read_a_new_log(log: Path) -> None:
    append_entries(log, [{"id": 1}])
    assert [path.stat().st_mode & 0o077 for path in (log, build_end_mark_path(log))] == [0, 0]


@pytest.mark.parametrize("number", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("block", [7, 65_536])
def test_the_tail_of_a_log_is_its_last_lines(
    log: Path, number: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_fit.data.hash_chain.BLOCK_BYTES", block)
    append_entries(log, [{"id": one} for one in range(1, 6)])
    lines, is_tail = read_log_tail(log, number)
    assert (lines, is_tail) == (read_log(log)[-number:], number < 5)


@pytest.mark.parametrize("most_bytes", [1, 120])
def test_the_tail_of_a_log_of_long_lines_has_fewer_lines(
    log: Path, most_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_fit.data.hash_chain.BLOCK_BYTES", 1)
    monkeypatch.setattr("attune_fit.data.hash_chain.TAIL_BYTES", most_bytes)
    append_entries(log, [{"id": one} for one in range(1, 6)])
    lines, is_tail = read_log_tail(log, 5)
    assert 1 <= len(lines) < 5
    assert (lines, is_tail) == (read_log(log)[-len(lines) :], True)


def test_a_line_holds_the_ends_of_other_logs(log: Path) -> None:
    append_entries(log, [{"id": 1}], {"other": ChainHead(7, "ab")})
    (line,) = read_log(log)
    assert (line.fields, line.heads) == ({"id": 1}, {"other": ChainHead(7, "ab")})


ODD = (b"NaN", b"[1]", b"1e999", b"9" * 5000, b"[" * 100_000, b"\xff", b"\0", b'{"a": 1e999}', b'{"a": NaN}',
       b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", '{"a": 1}'.encode("utf-16"))  # fmt: skip


@pytest.mark.parametrize("content", ODD, ids=range(len(ODD)))
def test_odd_content_is_no_entry_and_no_error(content: bytes) -> None:
    assert parse_json_object(content) is None


@pytest.mark.parametrize("number", [0, -1, True, 1.0, "1", 10**4000])
def test_a_line_with_an_odd_number_is_read(log: Path, number: object) -> None:
    log.parent.mkdir()
    log.write_bytes(
        json.dumps({"id": 1, "line": number, "previous": "", "heads": {"ledger": [number]}}).encode() + b"\n"
    )
    (line,) = read_log(log)
    assert (line.fields, line.written_as, line.previous, line.heads) == ({"id": 1}, None, "", {})
    append_entries(log, [{"id": 2}])
    assert [one.written_as for one in read_log(log)] == [None, 2]


@pytest.mark.skipif(os.name == "nt", reason="permissions of files are others there")
def test_a_log_that_cannot_be_written_is_an_error(log: Path) -> None:
    log.parent.parent.joinpath("artifacts").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="artifacts"):
        append_entries(log, [{"id": 1}])
