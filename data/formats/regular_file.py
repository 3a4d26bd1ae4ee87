"""Checks that a path is a regular file: a pipe or a device can block for ever, and a lost link is no absent file."""

from __future__ import annotations

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
