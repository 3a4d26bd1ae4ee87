"""Several files are there together or not at all, wherever a run is killed; the next run finishes or cleans."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from attune_fit.data.storage import atomic_write
from attune_fit.data.storage.atomic_write import JOURNAL_FILE, is_leftover
from attune_fit.data.storage.folder_write import (
    finish_interrupted_write,
    has_only_leftovers,
    write_folder_atomically,
)
from tests.fault_descriptions import raises_faults

pytestmark = pytest.mark.skipif(os.name == "nt", reason="on Windows only its age makes a file a leftover")
ENDED_PROCESS = 2**22 + 1  # above the largest number of a process
OLD = {"clients.csv": "old", "truth/world.toml": "old", "conflicts.csv": "old", "notes.txt": "of a person"}
NEW = {"clients.csv": "new", "truth/world.toml": "new", "outcomes.csv": "new", "clinic.toml": "new"}
AFTER = {**NEW, "notes.txt": "of a person"}
CALLS = ("replace", "rename", "mkdir", "unlink", "rmdir")  # methods of Path that change a folder
N_CALLS = 40  # more than a run makes


def read_folder(folder: Path) -> dict[str, str]:
    """Return the text of each file, by name."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def make_folder(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def write_new(folder: Path) -> None:
    write_folder_atomically(folder, NEW, remove=["conflicts.csv"])


class Killed(BaseException):
    """Ends a run: from then on it changes nothing on the disk, in no clean-up either."""


def run_and_stop(write: Callable[[], object], at: int, error: BaseException) -> bool:
    """Run until the given change of a folder, where an error is raised, and return whether it was reached.

    After :class:`Killed` every further change raises too. The process counts as ended.
    """
    counter, changes = iter(range(at)), [(Path, name) for name in CALLS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: ENDED_PROCESS)
        patch.setattr(atomic_write, "is_running", lambda _: True)  # during the run
        for owner, name in [*changes, *([(shutil, "rmtree")] if isinstance(error, Killed) else [])]:
            patch.setattr(owner, name, _stop(getattr(owner, name), counter, error))
        try:
            write()
        except type(error):
            return True
    return False


def _stop(real: Callable[..., object], counter: Iterator[int], error: BaseException) -> Callable[..., object]:
    def call(*args: object, **how: object) -> object:
        if next(counter, None) is None:
            raise error
        return real(*args, **how)

    return call


@pytest.mark.parametrize("before", [None, {}, OLD], ids=["new", "empty", "earlier"])
def test_a_run_killed_at_any_write_leaves_the_old_or_the_new_folder(
    tmp_path: Path, before: dict[str, str] | None
) -> None:
    states = list[bool]()
    for at in range(N_CALLS):
        place = tmp_path / str(at)
        place.mkdir()
        folder = place / "clinic"
        if before is not None:
            folder.mkdir()
            make_folder(folder, before)
        is_stopped = run_and_stop(partial(write_new, folder), at, Killed())
        if folder.is_dir():
            finish_interrupted_write(folder)  # as each command does first
            assert all(is_leftover(path) or path.name in str({**OLD, **NEW}) for path in folder.rglob("*"))
        found = {name: text for name, text in (read_folder(folder) if folder.exists() else {}).items()
                 if not is_leftover(folder / name)}  # fmt: skip
        after = AFTER if before else NEW
        assert found in ((before or {}), after), at
        states.append(found == after)
        write_new(folder)
        assert read_folder(folder) == after  # the next run just works, and no leftover stays
        assert os.listdir(place) == ["clinic"]
        if not is_stopped:
            break
    assert at > 4
    assert states[-1]
    assert not states[0]


def test_an_error_at_any_write_leaves_the_folder_as_it_was_and_no_leftover(tmp_path: Path) -> None:
    """A full disk; up to the journal nothing was changed, and after it the next run finishes."""
    for at in range(N_CALLS):
        folder = make_folder(tmp_path / str(at), OLD)
        if not run_and_stop(partial(write_new, folder), at, OSError(28, "No space left")):
            break
        if (folder / JOURNAL_FILE).exists():
            finish_interrupted_write(folder)
            assert read_folder(folder) == AFTER
        assert {name: text for name, text in read_folder(folder).items() if not is_leftover(folder / name)} in (
            OLD,
            AFTER,
        )
    assert at > 4


def test_a_rename_that_fails_can_be_finished_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, real = make_folder(tmp_path / "clinic", OLD), Path.replace

    def fail_after_journal(self: Path, target: Path) -> Path:
        if target.name != JOURNAL_FILE:
            raise OSError
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail_after_journal)
        with pytest.raises(OSError):  # noqa: PT011 - of the system, in its words
            write_new(folder)
    finish_interrupted_write(folder)
    assert read_folder(folder) == AFTER


def test_a_full_disk_is_reported_with_the_folder(tmp_path: Path) -> None:
    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(OSError, match="No space left") as raised:
            write_folder_atomically(folder, {"clients.csv": fail})
        assert raised.value.filename == str(folder)


def test_an_interruption_leaves_no_temporary_file(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "clinic", OLD)

    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    for place, before in ((folder, OLD), (tmp_path / "new", {})):
        with pytest.raises(KeyboardInterrupt):
            write_folder_atomically(place, {**NEW, "sub/last.csv": interrupt})
        assert (read_folder(place) if place.exists() else {}) == before
    assert os.listdir(tmp_path) == ["clinic"]
    assert not (folder / "sub").exists()


def test_a_file_never_replaces_a_folder_of_a_person(tmp_path: Path) -> None:
    for name in ("outcomes.csv", "conflicts.csv"):
        folder = tmp_path / name
        make_folder(folder, {f"{name}/notes.txt": "mine", "clients.csv": "old"})
        before = read_folder(folder)
        with pytest.raises(IsADirectoryError):
            write_new(folder)
        assert read_folder(folder) == before


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(make_folder(tmp_path / "clinic", OLD))
    write_new(tmp_path / "link")
    assert read_folder(tmp_path / "clinic") == AFTER
    (tmp_path / "lost").symlink_to(tmp_path / "gone")
    write_new(tmp_path / "lost")
    assert read_folder(tmp_path / "gone") == NEW


def test_two_runs_can_make_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds the folder of the first when it renames its own."""
    folder, real = tmp_path / "clinic", Path.rename

    def rename_late(self: Path, target: Path) -> Path:
        make_folder(folder, {"clients.csv": "of the first", "truth/world.toml": "of the first"})
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename_late)
    write_new(folder)
    assert read_folder(folder) == NEW
    assert os.listdir(tmp_path) == ["clinic"]


@pytest.mark.parametrize(
    "content",
    [
        "{", "[]", '{"rename": 5, "remove": []}', '{"rename": {"a": "../../b"}, "remove": []}',
        '{"rename": {}, "remove": ["/tmp/a"]}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_journal_that_attune_did_not_write_is_one_fault(tmp_path: Path, content: str) -> None:
    folder = make_folder(tmp_path / "clinic", {**OLD, JOURNAL_FILE: content})
    with raises_faults(f"{JOURNAL_FILE}: folder-incomplete"):
        finish_interrupted_write(folder)
    assert read_folder(folder) == {**OLD, JOURNAL_FILE: content}


def test_a_pipe_in_place_of_the_journal_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / JOURNAL_FILE)
    with raises_faults(f"{JOURNAL_FILE}: folder-incomplete"):
        finish_interrupted_write(tmp_path)


def test_a_folder_that_cannot_be_finished_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = json.dumps({"rename": {"clients.csv": "x"}, "remove": []})
    folder = make_folder(tmp_path / "clinic", {**OLD, "x": "new", JOURNAL_FILE: journal})

    def refuse(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch, raises_faults(f"{JOURNAL_FILE}: folder-incomplete"):
        patch.setattr(Path, "replace", refuse)
        finish_interrupted_write(folder)
    finish_interrupted_write(folder)
    assert read_folder(folder) == {**OLD, "clients.csv": "new"}


def test_only_leftovers_make_a_folder_empty(tmp_path: Path) -> None:
    assert has_only_leftovers(tmp_path)
    assert run_and_stop(partial(write_new, tmp_path), 1, Killed())
    assert has_only_leftovers(tmp_path)
    assert any(path.is_file() for path in tmp_path.rglob("*"))
    (tmp_path / "notes.txt").touch()
    assert not has_only_leftovers(tmp_path)
