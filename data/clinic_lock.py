"""One lock for each clinic: training, promotion and rollback decide about the live model one at a time."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.storage.atomic_write import PRIVATE_MODE
from attune_fit.data.storage.regular_file import check_regular_file

LOCK_FILE = "lock"
WAIT_SECONDS = 60.0  # how long a command waits for the one that has the lock
STEP_SECONDS = 0.1
MAX_OWNER_BYTES = 10_000
LOCKED_BYTE = 2**30  # Windows: a byte after the content, because no other process can read a locked byte
NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK)


class ClinicBusyFault(DataFault):
    """Another command, the ``owner``, has the lock of the clinic."""

    owner = ""


@contextmanager
def lock_clinic(
    artifacts: Path, command: str, report_progress: Callable[[str], None], seconds: float | None = None
) -> Iterator[str]:
    """Lock a clinic for one command; the system frees the lock of a process that ends, however it ends.

    The file holds the owner of the lock: command, process, computer, and since when. It is deleted afterwards.

    Parameters
    ----------
    artifacts : Path
        The clinic's folder for Attune's files; made where it is missing.
    command : str
        Such as ``attune train``.
    report_progress : callable
        Takes a line while it waits, and a line where the owner of an old lock ended without releasing it.
    seconds : float, optional
        How long to wait for another command. Default: :data:`WAIT_SECONDS`.

    Yields
    ------
    str
        The line about the owner who ended without releasing the lock; empty if there was none.

    Raises
    ------
    ClinicBusyFault
        If another command has the lock for longer; the message names it.
    DataFault
        If the file of the lock is no regular file, or cannot be made.

    Notes
    -----
    The library filelock empties the file whenever it tries to lock it, so that a waiting command could not name the
    owner.
    """
    path = artifacts / LOCK_FILE
    is_new = not artifacts.exists()
    file = _wait_for_lock(path, report_progress, WAIT_SECONDS if seconds is None else seconds)
    try:
        owner = _read_owner(path)
        takeover = f"{owner} ended without releasing the clinic. Attune takes over its lock." if owner else ""
        if takeover:
            report_progress(takeover)
        _write_owner(file, command)
        yield takeover
    finally:
        with suppress(OSError):
            os.truncate(file.fileno(), 0)  # Windows cannot delete an open file: without content it names no owner
        with suppress(OSError):
            path.unlink()
        file.close()
        if is_new:
            with suppress(OSError):  # it holds something now
                artifacts.rmdir()


def _wait_for_lock(path: Path, report_progress: Callable[[str], None], seconds: float) -> IO[bytes]:
    """Return the open file, locked; report once for which command it waits."""
    end, is_waiting = time.monotonic() + seconds, False
    while (file := _open_if_free(path)) is None:
        owner = _read_owner(path) or "another command"
        if time.monotonic() >= end:
            fix = "Wait until it ends, and try again. If it hangs, end that process. The live model is unchanged."
            message = f"{owner} is still at work on the live model"
            busy = ClinicBusyFault([Fault.error("clinic-busy", f"artifacts/{LOCK_FILE}", "", message, fix=fix)])
            busy.owner = owner
            raise busy
        if not is_waiting:
            report_progress(f"Waiting for {owner}.")
            is_waiting = True
        time.sleep(STEP_SECONDS)
    return file


def _open_if_free(path: Path) -> IO[bytes] | None:
    """Open and lock the file; None if another command has the lock, or deleted the file meanwhile."""
    try:
        check_regular_file(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), PRIVATE_MODE)
    except OSError as error:
        is_there = path.parent.parent.is_dir()  # the clinic; not where a network share went away
        is_artifacts = path.parent.is_dir() or not os.path.lexists(path.parent)
        if isinstance(error, (FileNotFoundError, FileExistsError)) and is_there and is_artifacts:
            return None  # who had the lock before deleted the folder meanwhile, because it was empty
        fix = "Delete it, or give this user permission to write there. The live model is unchanged."
        message = f"Attune cannot lock the clinic there ({error.strerror if is_there else 'its folder is gone'})"
        raise DataFault.error("clinic-not-lockable", f"artifacts/{LOCK_FILE}", "", message, fix=fix) from None
    file = os.fdopen(handle, "rb+", buffering=0)
    try:
        if _try_lock(handle) and _is_same_file(path, handle):
            return file
    except BaseException:
        file.close()
        raise
    file.close()
    return None


def _try_lock(handle: int) -> bool:
    """Lock an open file unless another process has locked it; True also where the disk has no locks at all."""
    try:
        if sys.platform == "win32":  # pragma: no cover
            import msvcrt

            os.lseek(handle, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in NO_LOCKS
    return True


def _is_same_file(path: Path, handle: int) -> bool:
    """Return whether an open file is still the one at its path: who had the lock before deletes the file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _write_owner(file: IO[bytes], command: str) -> None:
    """Write who has the lock; a full disk must not stop a rollback, so then the owner has no name."""
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    owner = {"command": command, "pid": os.getpid(), "host": platform.node(), "since": since}
    with suppress(OSError):
        os.truncate(file.fileno(), 0)
        file.seek(0)
        file.write(json.dumps(owner).encode() + b"\n")


def _read_owner(path: Path) -> str:
    """Return who has or had the lock, as a sentence names it; empty if the file does not say."""
    try:
        with path.open("rb") as file:
            owner = json.loads(file.read(MAX_OWNER_BYTES))
        since = dt.datetime.fromisoformat(owner["since"])
        command, pid, host = str(owner["command"]), int(owner["pid"]), str(owner["host"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f"`{command}` (process {pid} on {host}, since {since:%Y-%m-%d %H:%M:%S} UTC)"
