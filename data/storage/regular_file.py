"""Checks that a path is a regular file: a pipe or a device can block for ever, and a lost link is no absent file."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

KINDS = (  # what a path can be besides a regular file, after links are followed
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def describe_irregular_file(path: Path) -> str:
    """Return what a path is where it exists and is no regular file, with its article; else empty text.

    A link is followed. One whose target is gone or cannot be reached exists, and is no regular file.

    >>> describe_irregular_file(Path("/")), describe_irregular_file(Path("/no such file"))
    ('a folder', '')
    """
    try:
        mode = path.stat().st_mode
    except (OSError, RuntimeError, ValueError):  # Python 3.11 has a RuntimeError for a link to itself
        return "a link whose target does not exist" if os.path.islink(path) else ""
    return next((kind for is_kind, kind in KINDS if is_kind(mode)), "")


def check_regular_file(path: Path) -> None:
    """Check that a path is a file of its own, or nothing.

    A link can lead out of the clinic, and a pipe can make a run wait without end.

    Raises
    ------
    OSError
        If it is a link, a folder, a pipe or a device; the reason is its ``strerror``.
    """
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        reason = "it is a link, not a file" if stat.S_ISLNK(mode) else "it is not a regular file"
        raise OSError(errno.EINVAL, reason, str(path))
