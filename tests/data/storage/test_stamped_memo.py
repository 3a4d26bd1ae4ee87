"""A result is kept while its files are unchanged, and only where a change would show."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from attune_fit.data.storage import file_watch, stamped_memo
from attune_fit.data.storage.file_watch import read_stamp
from attune_fit.data.storage.stamped_memo import StampedMemo, add_own_write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.jsonl"
    path.write_text("1")
    return path


class Reader:
    """Reads a file, and counts how often."""

    def __init__(self, file: Path) -> None:
        self.file, self.count = file, 0

    def __call__(self) -> str:
        self.count += 1
        return self.file.read_text()


def test_an_unchanged_file_is_read_once_for_each_key(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_watch, "STEP_SECONDS", -1e9)
    memo, read = StampedMemo(), Reader(file)
    assert [memo.compute((str(file),), key, read) for key in ("a", "b", "a", "b")] == ["1"] * 4
    assert read.count == 2
    time.sleep(0.02)  # the steps of this machine's clock are shorter
    before = file.stat()
    file.write_text("2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [memo.compute((str(file),), key, read) for key in ("a", "b", "a", "b")] == ["2"] * 4
    assert read.count == 4


def test_a_file_that_was_just_written_is_read_each_time(file: Path) -> None:
    memo, read = StampedMemo(), Reader(file)
    assert [memo.compute((str(file),), "a", read) for _ in range(3)] == ["1"] * 3
    assert read.count == 3


def test_what_the_computation_raises_is_not_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_watch, "STEP_SECONDS", -1e9)
    memo, read = StampedMemo(), Reader(file.with_name("absent"))
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            memo.compute((str(read.file),), "a", read)
    assert read.count == 2


def test_few_results_are_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_watch, "STEP_SECONDS", -1e9)
    memo, read = StampedMemo(), Reader(file)
    for key in range(3 * stamped_memo.MAX_RESULTS):
        memo.compute((str(file),), key, read)
    assert len(memo._results) <= stamped_memo.MAX_RESULTS


def test_a_result_can_outlast_writes_of_this_process_and_no_others(file: Path) -> None:
    memo, plain, read = StampedMemo(outlasts_own_writes=True), StampedMemo(), Reader(file)

    def append(*, is_own: bool = True) -> None:
        before = read_stamp(file)
        file.write_text(file.read_text() + "+")
        if is_own:
            add_own_write(str(file), before)

    append()
    for _ in range(3):
        memo.compute((str(file),), "a", read)
        append()
    assert read.count == 1
    append(is_own=False)
    memo.compute((str(file),), "a", read)  # the last write was not one of this process: not kept either
    memo.compute((str(file),), "a", read)
    assert read.count == 3
    append()
    memo.compute((str(file),), "a", read)
    append()
    append()  # two at once: the first one is not known any more
    memo.compute((str(file),), "a", read)
    assert read.count == 5
    for _ in range(2):
        plain.compute((str(file),), "a", read)
        append()
    assert read.count == 7


def test_a_result_that_is_not_wanted_is_not_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_watch, "STEP_SECONDS", -1e9)
    memo, read = StampedMemo(), Reader(file)
    for _ in range(2):
        memo.compute((str(file),), "a", read, lambda text: text != "1")
    assert read.count == 2
