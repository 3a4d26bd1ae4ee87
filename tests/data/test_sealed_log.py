"""A sealed log: entries come back as they were, one write for many, and an interruption blocks no later run."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from attune_fit.data.chain_check import check_log
from attune_fit.data.hash_chain import compute_seal
from attune_fit.data.sealed_log import EndMark, append_entries, build_end_mark_path, read_end_mark, read_log

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
    assert read_end_mark(log) == EndMark(3, compute_seal(lines[2]))


def test_without_entries_nothing_is_written(log: Path) -> None:
    append_entries(log, [])
    assert not log.parent.exists()
    assert read_log(log) == []


def test_many_entries_take_one_write_and_one_fsync(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("attune_fit.data.hash_chain.os.fsync", synced.append)
    append_entries(log, ({"id": number} for number in range(20_000)))
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
    assert read_end_mark(log) == EndMark(4, read_log(log)[-1].seal)


def test_an_end_mark_that_cannot_be_written_does_not_stop_the_log(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append_entries(log, [{"id": 1}])

    def fail(*_: object) -> int:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr("attune_fit.data.sealed_log.os.open", fail)
        append_entries(log, [{"id": 2}])
    assert check_log(log).is_whole
    append_entries(log, [{"id": 3}])
    assert [line.written_as for line in read_log(log)] == [1, 2, 3]


@pytest.mark.skipif(os.name == "nt", reason="permissions of files are others there")
def test_a_log_that_cannot_be_written_is_an_error(log: Path) -> None:
    log.parent.parent.joinpath("artifacts").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="artifacts"):
        append_entries(log, [{"id": 1}])
