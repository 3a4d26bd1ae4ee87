"""The lock of a clinic: one command at a time, a named owner, and a dead owner stops no one."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attune_fit.data import clinic_lock
from attune_fit.data.clinic_lock import LOCK_FILE, ClinicBusyFault, lock_clinic
from attune_fit.data.faults import DataFault

HOLDER = """
import sys, time
from pathlib import Path
from attune_fit.data.clinic_lock import lock_clinic
with lock_clinic(Path(sys.argv[1]), "attune train", print):
    print("locked", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    return tmp_path / "artifacts"


def start_holder(artifacts: Path) -> subprocess.Popen[str]:
    """Start a process that has the lock when this returns."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, artifacts], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_the_file_names_the_owner_and_is_gone_afterwards(artifacts: Path) -> None:
    lines: list[str] = []
    with lock_clinic(artifacts, "attune train", lines.append):
        owner = json.loads((artifacts / LOCK_FILE).read_bytes())
        assert (owner["command"], owner["pid"]) == ("attune train", os.getpid())
        assert set(owner) == {"command", "pid", "host", "since"}
        assert (artifacts / LOCK_FILE).stat().st_mode & 0o777 == 0o600
    assert not artifacts.exists()
    assert lines == []


def test_a_second_command_says_for_which_one_it_waits_and_then_names_it_in_the_fault(artifacts: Path) -> None:
    holder = start_holder(artifacts)
    try:
        lines: list[str] = []
        with (
            pytest.raises(ClinicBusyFault, match=f"process {holder.pid} on .* is still at work") as busy,
            lock_clinic(artifacts, "attune models rollback", lines.append, seconds=0.2),
        ):
            raise AssertionError("it has no lock")
        assert [fault.id for fault in busy.value.faults] == ["clinic-busy"]
        assert [line[: line.index(" on ")] for line in lines] == [
            f"Waiting for `attune train` (process {holder.pid}"
        ], "one line, not one for each try"
        assert json.loads((artifacts / LOCK_FILE).read_bytes())["pid"] == holder.pid, "who waits changes nothing"
    finally:
        holder.kill()
        holder.communicate()


def test_the_lock_of_a_killed_process_is_taken_over_with_a_line(artifacts: Path) -> None:
    holder = start_holder(artifacts)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert (artifacts / LOCK_FILE).exists()
    lines: list[str] = []
    with lock_clinic(artifacts, "attune train", lines.append, seconds=0):
        assert json.loads((artifacts / LOCK_FILE).read_bytes())["pid"] == os.getpid()
    (line,) = lines
    assert line.startswith(f"`attune train` (process {holder.pid} on ")
    assert line.endswith(" ended without releasing the clinic. Attune takes over its lock.")
    assert not (artifacts / LOCK_FILE).exists()


def test_many_threads_hold_the_lock_one_at_a_time(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where each one deletes the file that the others wait for."""
    monkeypatch.setattr(clinic_lock, "STEP_SECONDS", 0.001)
    inside, most, done = 0, 0, []

    def work(number: int) -> None:
        nonlocal inside, most
        for _ in range(20):
            with lock_clinic(artifacts, f"command {number}", lambda _: None):
                inside += 1
                time.sleep(0.001)  # lets another thread in, if the lock does
                most = max(most, inside)
                inside -= 1
        done.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(done), most) == ([0, 1, 2, 3], 1)


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"[1]", b'{"pid": "x"}', b"[" * 9_000, b'{"since": 5}'])
def test_an_old_file_with_any_content_stops_no_command(artifacts: Path, content: bytes) -> None:
    artifacts.mkdir()
    (artifacts / LOCK_FILE).write_bytes(content)
    with lock_clinic(artifacts, "attune train", lambda line: pytest.fail(line), seconds=0):
        pass
    assert list(artifacts.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_what_is_no_file_is_one_error_and_never_a_wait(artifacts: Path, tmp_path: Path, kind: str) -> None:
    artifacts.mkdir()
    path, outside = artifacts / LOCK_FILE, tmp_path / "outside"
    make: dict[str, Callable[[], object]] = {
        "folder": path.mkdir,
        "link": lambda: path.symlink_to(outside),
        "pipe": lambda: os.mkfifo(path),
    }
    make[kind]()
    with (
        pytest.raises(DataFault, match=r"Attune cannot lock the clinic there .* Delete it"),
        lock_clinic(artifacts, "attune train", print),
    ):
        raise AssertionError("it has no lock")
    assert not outside.exists()


def test_a_disk_without_locks_stops_no_command(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with lock_clinic(artifacts, "attune train", lambda line: pytest.fail(line), seconds=0):
        pass


@pytest.mark.parametrize("lost", ["the clinic", "artifacts"])
def test_a_folder_that_went_away_is_one_error_and_never_a_wait(tmp_path: Path, lost: str) -> None:
    clinic = tmp_path / "clinic"
    if lost == "the clinic":
        clinic.symlink_to(tmp_path / "share")
    else:
        clinic.mkdir()
        (clinic / "artifacts").symlink_to(tmp_path / "share")
    with (
        pytest.raises(DataFault, match="Attune cannot lock the clinic there") as caught,
        lock_clinic(clinic / "artifacts", "attune train", lambda line: pytest.fail(line), seconds=1),
    ):
        raise AssertionError("it has no lock")
    assert not isinstance(caught.value, ClinicBusyFault)
    assert not (tmp_path / "share").exists()
