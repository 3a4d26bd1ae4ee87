"""Counts every write of a process below one folder, and lets one of them fail; nothing in the product knows of it.

Python itself reports most writes (``sys.addaudithook``). It does not report the bytes written to an open file, their
``fsync``, or the statements of SQLite; files, ``os.write``, ``os.fsync`` and ``os.ftruncate`` are wrapped for that.
An event is reported before the write happens: what lies in the folder then is what a kill at this moment leaves.
"""

from __future__ import annotations

import _thread
import builtins
import errno
import io
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {  # audit event -> which of its arguments are paths, and the place of the folder's handle
    "os.rename": ((0, 1), 2),
    "os.remove": ((0,), 1),
    "os.rmdir": ((0,), 1),
    "os.mkdir": ((0,), 2),
    "os.truncate": ((0,), None),
    "os.link": ((1,), 3),
    "os.symlink": ((1,), 2),
    "os.chmod": ((0,), 2),
    "os.chown": ((0,), 3),
}
NEEDS_SPACE = frozenset({"write", "half", "sql", "os.mkdir", "os.symlink", "os.truncate"})  # fail on a full disk
HALF = "half"  # between the first and the second half of a write
SPILLED = "journal.db"  # its pages go to the file before the end of a transaction, as in one that is large
SECTOR_BYTES = 512  # a disk writes so many as a whole

Seen = Callable[[int, str, str], None]


class WriteEvents:
    """The writes of this process below a folder, numbered from 1; ``seen`` is called at each.

    Parameters
    ----------
    root : str
        Real path of the folder.
    seen : callable
        Takes number, kind and path of an event, before it happens. It can raise, kill, or copy the folder.
    """

    def __init__(self, root: str, seen: Seen) -> None:
        self.root, self.seen = root.rstrip("/") + "/", seen
        self.count, self.is_quiet = 0, False

    def report(self, kind: str, path: str) -> None:
        """Count one event, unless it comes from the function that looks at events."""
        if self.is_quiet:
            return
        self.count += 1
        self.is_quiet = True
        try:
            self.seen(self.count, kind, path.removeprefix(self.root))
        finally:
            self.is_quiet = False

    def is_below(self, path: str) -> bool:
        """Return whether a path is the folder or below it, also through links."""
        return (os.path.realpath(path) + "/").startswith(self.root)

    def start(self) -> None:
        """Begin to count. An audit hook stays until the process ends."""
        self._wrap_functions()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Look at one audit event of Python."""
        if self.is_quiet:
            return
        if event == "open":
            path, mode, flags = args
            is_writing = bool((flags or 0) & WRITING_FLAGS) or any(letter in (mode or "") for letter in "wax+")
            if is_writing and isinstance(path, str | bytes | os.PathLike) and self.is_below(os.fsdecode(path)):
                self.report("open", os.path.abspath(os.fsdecode(path)))
        elif event in CHANGES:
            places, handle = CHANGES[event]
            folder = args[handle] if handle is not None and handle < len(args) else -1
            paths = [_resolve(args[place], folder) for place in places]
            below = [path for path in paths if self.is_below(os.path.dirname(path))]
            if below:
                self.report(event, below[-1])

    def _wrap_functions(self) -> None:
        """Put functions that report in the place of those that write to an open file."""
        plain_open, plain_write, plain_connect = io.open, os.write, sqlite3.connect
        events = self

        class WatchedFile(io.FileIO):
            """A file whose every write is reported, as a whole and half-way."""

            def write(self, data: Any) -> int:
                view = memoryview(data).cast("B")
                return _write_halves(lambda part: super(WatchedFile, self).write(part) or 0, view, events, self._path)

            _path = ""

        def watched_open(file: Any, mode: str = "r", buffering: int = -1, encoding: str | None = None,
                         errors: str | None = None, newline: str | None = None, closefd: bool = True,
                         opener: Any = None) -> Any:  # fmt: skip
            path = os.readlink(f"/proc/self/fd/{file}") if isinstance(file, int) else os.fsdecode(file)
            if not any(letter in mode for letter in "wax+") or not events.is_below(path) or events.is_quiet:
                return plain_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw = WatchedFile(file, mode.replace("b", "").replace("t", ""), closefd, opener)
            raw._path = os.path.abspath(path)
            if buffering == 0:
                return raw
            buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline, buffering == 1)

        def watched_write(handle: int, data: Any) -> int:
            path = _find_path(handle)
            if not events.is_below(path):
                return plain_write(handle, data)
            return _write_halves(lambda part: plain_write(handle, part), memoryview(data).cast("B"), events, path)

        def watched_connect(database: Any, *args: Any, **kwargs: Any) -> Any:
            connection = plain_connect(database, *args, **kwargs)
            name = os.fsdecode(database)
            if name.startswith("file:"):  # an address, in which a space is %20
                name = unquote(name.removeprefix("file:").partition("?")[0])
            path = os.path.abspath(name)
            is_reading = "mode=ro" in os.fsdecode(database)  # such a connection cannot write
            if events.is_below(path) and not events.is_quiet and not is_reading:
                if path.endswith(SPILLED):
                    connection.execute("PRAGMA cache_size = 1")
                connection.set_trace_callback(lambda _: events.report("sql", path))
            return connection

        builtins.open = io.open = watched_open
        sqlite3.connect = sqlite3.dbapi2.connect = watched_connect
        os.write = watched_write
        for name in ("fsync", "fdatasync", "ftruncate"):
            setattr(os, name, _watch_handle(getattr(os, name), name, events))


def _write_halves(write: Callable[[memoryview], int], view: memoryview, events: WriteEvents, path: str) -> int:
    """Write in two parts, as the system can; a disk that is full after the first gives a short count."""
    events.report("write", path)
    if len(view) < SECTOR_BYTES:
        return write(view)
    done = write(view[: len(view) // 2])
    try:
        events.report(HALF, path)
    except OSError:
        return done
    return done + write(view[done:])


def _watch_handle(function: Callable[..., Any], name: str, events: WriteEvents) -> Callable[..., Any]:
    """Return a function of an open file that reports first."""

    def watched(handle: Any, *args: Any) -> Any:
        path = _find_path(handle if isinstance(handle, int) else handle.fileno())
        if events.is_below(path):
            events.report(name, path)
        return function(handle, *args)

    return watched


def _find_path(handle: int) -> str:
    """Return the path of an open file."""
    try:
        return os.readlink(f"/proc/self/fd/{handle}")
    except OSError:
        return ""


def _resolve(path: Any, folder: Any) -> str:
    """Return the absolute path of an argument, which can be relative to an open folder or be an open file."""
    if isinstance(path, int):
        return _find_path(path)
    base = _find_path(folder) if isinstance(folder, int) and folder >= 0 else os.getcwd()
    return os.path.join(base, os.fsdecode(path))


def kill_process(kind: str) -> None:
    """End this process as a power cut does: no handler runs."""
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt_process(kind: str) -> None:
    """Press Ctrl-C. A statement of SQLite cannot raise, so the signal comes after it."""
    if kind == "sql":
        _thread.interrupt_main()
    else:
        signal.raise_signal(signal.SIGINT)


def fill_disk(kind: str) -> None:
    """Fail what needs space, from now on; code that is not Python's gets the error from the system itself."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    if kind in NEEDS_SPACE - {"sql"}:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def make_read_only(kind: str) -> None:
    """Fail every change, from now on, as a disk does that the system mounted read-only after an error."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    if kind != "sql":
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


ONCE = {"kill": kill_process, "interrupt": interrupt_process}  # what happens at one event
FROM_THEN_ON = {"disk full": fill_disk, "read-only": make_read_only}  # what happens at it and at every later one
FAULTS = (*ONCE, *FROM_THEN_ON)


def build_fault(name: str, at: int) -> Seen:
    """Return what happens at event ``at``, a name of :data:`FAULTS`."""

    def happen(number: int, kind: str, path: str) -> None:
        if number == at and name in ONCE:
            ONCE[name](kind)
        elif number >= at and name in FROM_THEN_ON:
            FROM_THEN_ON[name](kind)

    return happen
