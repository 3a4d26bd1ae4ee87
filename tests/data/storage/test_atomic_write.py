"""A file is complete or absent, whatever interrupts the writing; what is no file is written into."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from attune_fit.data.storage import atomic_write
from attune_fit.data.storage.atomic_write import (
    JOURNAL_FILE,
    MAX_AGE_SECONDS,
    is_stream,
    make_temporary_path,
    sweep_leftovers,
    write_atomically,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="has no such modes, links and devices")
ENDED_PROCESS = 2**22 + 1  # above the largest number of a process


def make_leftover(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a temporary file of a process that has ended."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: ENDED_PROCESS)
        path = make_temporary_path(folder, ".csv")
    path.write_text("half")
    return path


def get_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_private_and_an_existing_one_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "list.csv"
    write_atomically(path, "a")
    assert get_mode(path) == 0o600
    for mode in (0o640, 0o666):
        path.chmod(mode)
        write_atomically(path, lambda temporary: temporary.write_text("b"))
        assert get_mode(path) == mode
    assert path.read_text() == "b"


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, target = tmp_path / "link.csv", tmp_path / "there" / "list.csv"
    link.symlink_to(target)
    for content in ("new", "changed"):
        write_atomically(link, content)
        assert link.is_symlink()
        assert target.read_text() == content
    assert sorted(os.listdir(tmp_path)) == ["link.csv", "there"]
    assert os.listdir(tmp_path / "there") == ["list.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError(28, "No space left on device")])
def test_an_interruption_leaves_the_file_as_it_was(tmp_path: Path, error: OSError | type[BaseException]) -> None:
    path = tmp_path / "list.csv"

    def write_half(temporary: Path) -> None:
        temporary.write_text("half")
        raise error

    for before in ([], ["list.csv"]):
        with pytest.raises(OSError if isinstance(error, OSError) else error):
            write_atomically(path, write_half)
        assert os.listdir(tmp_path) == before
        if isinstance(error, OSError):
            assert error.filename == str(path)  # not the temporary name
        path.write_text("before")
    assert path.read_text() == "before"


def test_a_pipe_is_written_into_and_stays(tmp_path: Path) -> None:
    path, found = tmp_path / "pipe.csv", list[bytes]()
    os.mkfifo(path)
    for content in ("text", lambda temporary: temporary.write_text("text")):
        reader = threading.Thread(target=lambda: found.append(path.read_bytes()))
        reader.start()
        write_atomically(path, content)
        reader.join()
    assert found == [b"text", b"text"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    write_atomically(Path("/dev/null"), "text")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    (tmp_path / "link").symlink_to("/dev/null")
    write_atomically(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()


def test_standard_output_can_be_a_pipe_or_a_file(tmp_path: Path) -> None:
    """What the shell wrote to the file before stays, and what is printed afterwards comes after."""
    code = (
        "from pathlib import Path; from attune_fit.data.storage.atomic_write import write_atomically\n"
        "print('before', flush=True); write_atomically(Path('/dev/stdout'), 'table\\n'); print('after')"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "before\ntable\nafter\n"
    for mode, first in (("a", "first\n"), ("w", "")):  # `>>` and `>` of a shell
        with (tmp_path / "out.txt").open(mode) as file:
            file.write(first)
            file.flush()
            subprocess.run(command, stdout=file, check=True)
        assert (tmp_path / "out.txt").read_text() == f"{first}before\ntable\nafter\n"


def test_memory_folders_hold_ordinary_files() -> None:
    names = ("/dev/shm/clinic/live.json", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")  # noqa: S108
    assert [is_stream(Path(name)) for name in names] == [False, True, True, True]


def test_a_killed_run_leaves_one_temporary_file_that_the_next_run_deletes(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from attune_fit.data.storage.atomic_write import write_atomically\n"
        "def write(temporary): temporary.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_atomically(Path(sys.argv[1]), write)"
    )
    path = tmp_path / "list.csv"
    path.write_text("before")
    done = subprocess.run([sys.executable, "-c", code, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "before"
    assert len(os.listdir(tmp_path)) == 2
    write_atomically(tmp_path / "other.csv", "text")
    assert sorted(os.listdir(tmp_path)) == ["list.csv", "other.csv"]


def test_only_leftovers_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not files of running processes, of other machines, or of people; those of other machines after a day."""
    leftover = make_leftover(tmp_path, monkeypatch)
    running = make_temporary_path(tmp_path)
    running.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(atomic_write, "_compute_host_digest", lambda: "0123abcd")
        foreign, old = make_leftover(tmp_path, monkeypatch), make_leftover(tmp_path, monkeypatch)
    os.utime(old, (1, old.stat().st_mtime - MAX_AGE_SECONDS - 60))
    own = tmp_path / ".attune-notes.tmp"
    own.touch()
    sweep_leftovers(tmp_path)
    assert [path.exists() for path in (leftover, running, foreign, old, own)] == [False, True, True, False, True]


def test_files_that_a_journal_still_needs_are_not_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "truth").mkdir()
    (tmp_path / JOURNAL_FILE).touch()
    leftovers = [make_leftover(folder, monkeypatch) for folder in (tmp_path, tmp_path / "truth")]
    for folder in (tmp_path, tmp_path / "truth"):
        write_atomically(folder / "list.csv", "text")
    assert all(path.exists() for path in leftovers)
    (tmp_path / JOURNAL_FILE).unlink()
    for folder in (tmp_path, tmp_path / "truth"):
        write_atomically(folder / "list.csv", "text")
    assert not any(path.exists() for path in leftovers)


def test_a_file_that_its_owner_protected_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_text("before")
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *_: False)  # an administrator can write everywhere
    with pytest.raises(PermissionError) as raised:
        write_atomically(path, "after")
    assert raised.value.filename == str(path)
    assert path.read_text() == "before"
