"""Files that are either written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, content: str | bytes | Callable[[Path], object]) -> None:
    """Write ``content`` under a temporary name beside ``path``, then rename it.

    Parameters
    ----------
    path : Path
        Folders on the way are made.
    content : str, bytes or callable
        A callable is given the temporary path (same suffix) and writes it itself.

    Raises
    ------
    OSError
        If it cannot be written; what stood at ``path`` before still stands, and nothing half written is left. The same
        holds when the writing is interrupted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        if callable(content):
            content(beside)
        elif isinstance(content, str):
            beside.write_text(content, encoding="utf-8", newline="\n")
        else:
            beside.write_bytes(content)
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The process's file mode mask, which mkstemp ignores."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
