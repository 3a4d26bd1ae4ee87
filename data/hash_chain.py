"""A hash chain in a file of lines: each line holds the SHA-256 (seal) of the line before it.

The ledger of promotions and the logs under ``artifacts`` are such files. Lines are appended and never changed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

BLOCK_BYTES = 65_536  # what is read at once from the end of a file


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

    Makes the file and its folder where they are missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        with suppress(ImportError):
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        yield file


def read_last_line(file: IO[bytes]) -> bytes:
    """Return the last line that is not empty, without its line break; reads no more of the file than needed."""
    start, size, tail = file.seek(0, os.SEEK_END), BLOCK_BYTES, b""
    while start and b"\n" not in tail.rstrip(b"\n"):
        end, start = start, max(0, start - size)
        file.seek(start)
        tail, size = file.read(end - start) + tail, 2 * size
    return tail.rstrip(b"\n").rsplit(b"\n", 1)[-1]


def append_lines(file: IO[bytes], lines: Sequence[bytes]) -> None:
    """Append lines in one write; they are on disk when this returns.

    A last line that an interruption cut off gets a line break first, so that it stays a line of its own.
    """
    content = b"".join(line + b"\n" for line in lines)
    if file.seek(0, os.SEEK_END):
        file.seek(-1, os.SEEK_END)
        content = content if file.read(1) == b"\n" else b"\n" + content
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
