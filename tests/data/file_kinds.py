"""What can be in the place of a file, and is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

KINDS = ("folder", "link", "lost link", "pipe")


def make_other_kind(path: Path, kind: str, target: Path) -> None:
    """Put a folder, a link to ``target``, a link to nothing or a pipe at ``path``."""
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(target)
    elif kind == "lost link":
        path.symlink_to(target.with_name("gone"))
    elif hasattr(os, "mkfifo"):
        os.mkfifo(path)
    else:
        pytest.skip("the system has no pipes")
