"""Atomic writing: a file is complete or absent, after a killed run too.

A file is written under a temporary name in its folder, flushed to the disk, and renamed. The name holds a digest of the
machine's name and the number of the process, so the next run can delete what a killed run left.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

Content = str | bytes | Callable[[Path], object]  # text, bytes, or a function that writes the file itself

PRIVATE_MODE = 0o600  # of new files: tables and rankings are health data
TEMPORARY_NAME = re.compile(r"\.attune-(?P<host>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{8}\.tmp")
MAX_AGE_SECONDS = 86_400  # a temporary file of another machine is a leftover after a day
JOURNAL_FILE = ".attune-journal.json"  # lists temporary files that are complete and still have to be renamed
DEVICE_FOLDERS = (Path("/dev"), Path("/proc"))  # here a regular file can be a redirected output, which stays open
STANDARD_STREAMS = {"stdin": 0, "stdout": 1, "stderr": 2}  # their numbers
OPEN_STREAM = re.compile(r"/dev/(?P<name>stdin|stdout|stderr)|/(dev|proc/self)/fd/(?P<number>\d{1,9})")
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - an ordinary folder among the devices


def write_atomically(path: Path, content: Content) -> None:
    """Write ``content`` to a temporary file in the same folder, flush it to the disk, and rename it to ``path``.

    Parameters
    ----------
    path : Path
        The file; missing folders are created. A link is followed and stays. An existing file keeps its mode, a new one
        gets :data:`PRIVATE_MODE`. What is no regular file, such as ``/dev/stdout`` or a named pipe, is written into.
    content : str, bytes or callable
        Text is written as UTF-8. A callable gets the temporary path (with the same suffix) and writes the file itself.

    Raises
    ------
    OSError
        If the file cannot be written. An existing file at ``path`` is unchanged, and no partial file remains. The same
        is true when the writing is interrupted. What is left by a run that was killed is deleted by the next one that
        writes in the folder.
    """
    if is_stream(path):
        _write_into(path, content)
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep_leftovers(path.parent)
    temporary = make_temporary_path(path.parent, path.suffix)
    try:
        write_temporary(temporary, content, path)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        add_file_name(error, temporary, path)
        raise
    flush_folder(path.parent)


def add_file_name(error: BaseException, temporary: Path, target: Path) -> None:
    """Replace a temporary name, or none, in an error of the system by the target, which the user knows."""
    if isinstance(error, OSError) and error.filename in (None, str(temporary)):
        error.filename, error.filename2 = str(target), None


def make_temporary_path(folder: Path, suffix: str = "") -> Path:
    """Return a new path in a folder, which :func:`sweep_leftovers` recognises; nothing is created.

    >>> bool(TEMPORARY_NAME.match(make_temporary_path(Path("artifacts"), ".csv").name))
    True
    """
    return folder / f".attune-{_compute_host_digest()}-{os.getpid()}-{secrets.token_hex(4)}.tmp{suffix}"


def write_temporary(temporary: Path, content: Content, target: Path) -> None:
    """Write a temporary file with the mode that ``target`` has or will get, and flush it to the disk.

    Raises
    ------
    OSError
        If the file cannot be written, or ``target`` is a file that the user protected from writing.
    """
    mode, owner = PRIVATE_MODE, None
    if target.exists():
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
        found = target.stat()
        mode, owner = stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid)
    if callable(content):
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE))
        content(temporary)
    else:
        data = content.encode() if isinstance(content, str) else content
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE), "wb") as file:
            file.write(data)
    if owner is not None and owner != (temporary.stat().st_uid, temporary.stat().st_gid):
        with suppress(OSError, AttributeError):  # only an administrator can give a file away
            os.chown(temporary, *owner)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.chmod(mode)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk, where the system can."""
    with suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_leftovers(folder: Path) -> None:
    """Delete temporary files and folders of runs that no longer run; those of running ones stay.

    Where a journal lists such files, all stay: they are complete, and the journal's folder is finished first.
    """
    if any(os.path.lexists(place / JOURNAL_FILE) for place in (folder, folder.parent)):
        return
    with suppress(OSError):  # a leftover that cannot be deleted harms nothing
        for path in [path for path in folder.iterdir() if is_leftover(path)]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def is_leftover(path: Path) -> bool:
    """Return whether a path is a temporary one of a run that has ended, of this machine, or is older than a day."""
    named = TEMPORARY_NAME.match(path.name)
    if named is None:
        return False
    if named["host"] == _compute_host_digest() and not is_running(int(named["process"])):
        return True
    try:
        return time.time() - path.lstat().st_mtime > MAX_AGE_SECONDS
    except OSError:
        return False


def is_running(process: int) -> bool:
    """Return whether a process of this machine runs."""
    if os.name == "nt":  # there os.kill would end it: only the age of the file decides
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it runs for another user
        return True
    return True


def is_stream(path: Path) -> bool:
    """Return whether a path is a device, a pipe or another thing that a file must not replace."""
    parents = Path(os.path.abspath(path)).parents
    if any(folder in parents for folder in DEVICE_FOLDERS) and MEMORY_FOLDER not in parents:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _write_into(path: Path, content: Content) -> None:
    """Write into a device or a pipe; a callable writes a temporary file first."""
    if callable(content):
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder) / f"written{path.suffix}"
            content(temporary)
            data = temporary.read_bytes()
    else:
        data = content.encode() if isinstance(content, str) else content
    with open(_open_stream(path), "wb") as stream:
        stream.write(data)


def _open_stream(path: Path) -> int:
    """Open a device or a pipe for writing. One that is open is used as it is: it knows where its content ends."""
    found = OPEN_STREAM.fullmatch(os.path.abspath(path))
    if found is None:
        return os.open(path, os.O_WRONLY | os.O_APPEND)
    for printed in (sys.stdout, sys.stderr):
        if printed is not None:
            printed.flush()
    return os.dup(STANDARD_STREAMS[found["name"]] if found["name"] else int(found["number"]))


def _compute_host_digest() -> str:
    """Return 8 hex digits for this machine: a shared folder can hold files of several."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]
