"""A hash chain in a file of lines: each line holds the SHA-256 (seal) of the line before it.

The ledger of promotions and the logs under ``artifacts`` are such files. Lines are appended and never changed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from attune_fit.data.storage.atomic_write import PRIVATE_MODE, flush_folder
from attune_fit.data.storage.regular_file import check_regular_file

BLOCK_BYTES = 65_536  # what is read at once from the end of a file
LINE_BYTES = 4_096  # the same for one line
TAIL_BYTES = 1_000_000  # how much of a file is read for its last lines; one line is always read whole
LOCK_SECONDS = 10.0  # how long a run waits for another one that appends
LOCK_STEP_SECONDS = 0.02


class ChainHead(NamedTuple):
    """The end of a chain: number and seal of its last line. The number 0 is a file without lines; its seal is empty."""

    number: int
    seal: str


@dataclass(frozen=True)
class ChainLine:
    """One line of a file, without its line break.

    Attributes
    ----------
    number : int
        Position in the file as an editor numbers it; 1 is the first. Empty lines count.
    content : bytes
    seal : str
        SHA-256 of the content, in hex. The next line holds it.
    """

    number: int
    content: bytes
    seal: str


def compute_seal(line: bytes) -> str:
    """Return the SHA-256 of a line without its line break, in hex.

    >>> compute_seal(b"one line")[:12]
    '6ddd8602957a'
    """
    return hashlib.sha256(line).hexdigest()


def split_lines(content: bytes) -> list[ChainLine]:
    r"""Split the content of a file into its lines; empty lines are left out.

    >>> [line.number for line in split_lines(b"first\n\nthird\n")]
    [1, 3]
    """
    numbered = enumerate(content.split(b"\n"), start=1)
    return [ChainLine(number, line, compute_seal(line)) for number, line in numbered if line]


@contextmanager
def open_locked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading and appending, and lock it against other processes where the system can.

    Makes the file and its folder where they are missing; only its owner can read a new file.

    Raises
    ------
    OSError
        If it is no regular file, if it cannot be opened, or if another process does not release it within
        :data:`LOCK_SECONDS`.
    """
    check_regular_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, PRIVATE_MODE), "ab+") as file:
        lock_file(file)
        if is_new:
            flush_folder(path.parent)
        yield file


def lock_file(file: IO[bytes], *, shared: bool = False) -> None:
    """Lock an open file until it is closed, against all others, or with ``shared`` against those who append.

    Where the system has no such locks, nothing is done.

    Raises
    ------
    TimeoutError
        If another process does not release it within :data:`LOCK_SECONDS`.
    """
    try:
        import fcntl
    except ImportError:
        return
    mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                reason = f"another program has locked it for more than {LOCK_SECONDS:.0f} seconds"
                raise TimeoutError(errno.ETIMEDOUT, reason) from None
            time.sleep(LOCK_STEP_SECONDS)
        else:
            return


def read_last_line(file: IO[bytes]) -> bytes:
    """Return the last line that is not empty, without its line break; reads no more of the file than needed."""
    lines, _ = read_last_lines(file, 1)
    return lines[-1] if lines else b""


def read_last_lines(file: IO[bytes], most: int) -> tuple[list[bytes], bool]:
    """Return the last lines that are not empty, without line breaks, and whether they are all lines of the file.

    They are at least one, at most ``most``, and fewer where they have more than :data:`TAIL_BYTES` together.
    """
    start, size, tail = file.seek(0, os.SEEK_END), BLOCK_BYTES if most > 1 else LINE_BYTES, b""
    while start:
        n_breaks = tail.rstrip(b"\n").count(b"\n")
        if n_breaks >= most or (n_breaks and len(tail) >= TAIL_BYTES):
            break
        end, start = start, max(0, start - size)
        file.seek(start)
        tail, size = file.read(end - start) + tail, 2 * size
    pieces = tail.rstrip(b"\n").split(b"\n")[1 if start else 0 :]  # the first one can have its start further up
    lines = [piece for piece in pieces if piece]
    return lines[-most:], not start and len(lines) <= most


def append_lines(file: IO[bytes], lines: Sequence[bytes]) -> None:
    """Append lines; they are on disk when this returns. If that fails, none of them is in the file.

    A last line that an interruption cut off gets a line break first, so that it stays a line of its own.
    """
    content = b"".join(line + b"\n" for line in lines)
    size = file.seek(0, os.SEEK_END)
    if size:
        file.seek(-1, os.SEEK_END)
        content = content if file.read(1) == b"\n" else b"\n" + content
    handle = file.fileno()
    try:
        _write_all(handle, content)
        os.fsync(handle)
    except BaseException:  # a full disk, or Ctrl-C
        with suppress(OSError):
            if os.fstat(handle).st_size <= size + len(content):  # more: without locks, another run appended too
                os.ftruncate(handle, size)
        raise


def _write_all(handle: int, content: bytes) -> None:
    """Write all of the content, past the buffer of Python: what fails is not written again when the file is closed."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
