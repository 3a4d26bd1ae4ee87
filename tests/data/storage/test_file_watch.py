"""A watch finds every change of a file's content, and reads a file only where its stamp has changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attune_fit.data.storage import file_watch
from attune_fit.data.storage.file_watch import ABSENT, FileWatch, compute_content_digest, read_stamp

LONG_AGO = 1_000_000_000_000_000_000  # nanoseconds


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stamp counts as old enough to be trusted, as it is two seconds after the last change."""
    monkeypatch.setattr(file_watch, "STEP_SECONDS", -1e9)
    time.sleep(0.02)  # the steps of this machine's clock are shorter


@pytest.fixture
def digested(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files whose content was read."""
    read: list[str] = []

    def compute(path: str, ignored_names: re.Pattern[str]) -> str:
        read.append(Path(path).name)
        return compute_content_digest(path, ignored_names)

    monkeypatch.setattr(file_watch, "compute_content_digest", compute)
    return read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clients.csv"
    path.write_text("id\nann\n")
    return path


def rewrite_with_the_same_stamp_but_ctime(path: Path) -> None:
    before = path.stat()
    path.write_text("id\nben\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_a_file_of_the_same_size_and_time(path: Path) -> None:
    before, other = path.stat(), path.with_suffix(".new")
    other.write_text("id\nben\n")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_a_lost_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


CHANGES: dict[str, Callable[[Path], object]] = {
    "longer": lambda path: path.write_text("id\nann\nben\n"),
    "of the same length": lambda path: path.write_text("id\nben\n"),
    "of the same length, with its time set back": rewrite_with_the_same_stamp_but_ctime,
    "another file with the same length and time": replace_by_a_file_of_the_same_size_and_time,
    "empty": lambda path: path.write_text(""),
    "deleted": lambda path: path.unlink(),
    "a folder": replace_by_a_folder,
    "a lost link": replace_by_a_lost_link,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("looks", [0, 1, 2])
@pytest.mark.parametrize("is_settled", [True, False])
def test_a_change_is_found_once_however_it_was_made(
    change: Callable[[Path], object], looks: int, is_settled: bool, file: Path, request: pytest.FixtureRequest
) -> None:
    if is_settled:
        request.getfixturevalue("settled")
    watch = FileWatch([file])
    watch.finish_reading()
    for _ in range(looks):
        assert watch.find_changed() == ()
    change(file)
    assert watch.find_changed() == (str(file),)
    assert watch.find_changed() == ()


def test_a_change_within_one_step_of_the_clock_is_found_by_the_content(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = read_stamp(file)
    monkeypatch.setattr(file_watch, "read_stamp", lambda _: stamp)  # a clock that stands still
    watch = FileWatch([file])
    watch.finish_reading()
    assert watch.find_changed() == ()
    file.write_text("id\nben\n")
    assert watch.find_changed() == (str(file),)
    assert watch.find_changed() == ()


def test_a_file_that_was_only_touched_has_not_changed(file: Path, settled: None, digested: list[str]) -> None:
    watch = FileWatch([file])
    assert (watch.find_changed(), watch.find_changed()) == ((), ())
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    assert watch.find_changed() == ()
    file.write_bytes(file.read_bytes())
    assert watch.find_changed() == ()
    assert len(digested) == 3


def test_a_large_file_is_never_read_and_has_changed_where_it_was_written_again(
    file: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_watch, "MAX_DIGEST_BYTES", 3)
    watch = FileWatch([file])
    assert (watch.find_changed(), watch.find_changed()) == ((), ())
    monkeypatch.setattr("builtins.open", None)
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    assert (watch.find_changed(), watch.find_changed()) == ((str(file),), ())


def test_a_settled_file_is_read_once_at_the_first_look_and_then_never(
    file: Path, settled: None, digested: list[str]
) -> None:
    watch = FileWatch([file, file.with_name("absent.csv")])
    watch.finish_reading()
    assert digested == []
    for _ in range(5):
        assert watch.find_changed() == ()
    assert digested.count("clients.csv") == 1


def test_a_change_during_the_reading_is_found_even_where_it_was_taken_back(file: Path, settled: None) -> None:
    content, watch = file.read_bytes(), FileWatch([file])
    file.write_bytes(content[:3])  # another program writes the same file again, and is half done ...
    file.read_bytes()  # ... when it is read
    file.write_bytes(content)
    watch.finish_reading()
    assert watch.find_changed() == (str(file),)
    assert watch.find_changed() == ()


def test_a_change_at_the_moment_of_the_first_digest_is_found(
    file: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = FileWatch([file])

    def compute(path: str, ignored_names: re.Pattern[str]) -> str:
        monkeypatch.undo()
        file.write_text("id\nben\n")
        return compute_content_digest(path, ignored_names)

    monkeypatch.setattr(file_watch, "compute_content_digest", compute)
    assert watch.find_changed() == (str(file),)


def test_a_folder_is_watched_for_its_names(tmp_path: Path) -> None:
    watch = FileWatch([tmp_path], re.compile(r"\..*"))
    (tmp_path / ".hidden").write_text("a")
    assert watch.find_changed() == ()
    (tmp_path / "therapists.csv").write_text("a")
    assert watch.find_changed() == (str(tmp_path),)
    (tmp_path / "therapists.csv").write_text("b")
    assert watch.find_changed() == ()
    (tmp_path / "therapists.csv").rename(tmp_path / "Therapists.csv")
    assert watch.find_changed() == (str(tmp_path),)


def test_a_file_that_appears_and_one_that_cannot_be_reached(tmp_path: Path, file: Path) -> None:
    absent = tmp_path / "later.csv"
    watch = FileWatch([absent, file / "within a file", f"{file}\0"])
    assert watch.find_changed() == ()
    absent.write_text("")
    assert watch.find_changed() == (str(absent),)


def test_the_target_of_a_link_is_what_counts(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(file)
    watch = FileWatch([link])
    file.write_text("id\nben\n")
    assert watch.find_changed() == (str(link),)
    assert read_stamp(link) == read_stamp(file)
    file.unlink()
    assert watch.find_changed() == (str(link),)
    assert read_stamp(link) != ABSENT == read_stamp(file)


def test_a_file_without_permission_is_another_content(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = FileWatch([file])

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert watch.find_changed() == (str(file),)
    assert watch.find_changed() == ()


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    watch = FileWatch([pipe])
    assert (watch.find_changed(), watch.find_changed()) == ((), ())
