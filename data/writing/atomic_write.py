"""Atomic writing: a file is complete or absent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, content: str | bytes | Callable[[Path], object]) -> None:
    """Write ``content`` to a temporary file in the same folder, then rename it to ``path``.

    Parameters
    ----------
    path : Path
        The file; missing folders are created.
    content : str, bytes or callable
        A callable gets the temporary path (with the same suffix) and writes the file itself.

    Raises
    ------
    OSError
        If the file cannot be written. An existing file at ``path`` is unchanged, and no partial file remains. The same
        is true when the writing is interrupted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        if callable(content):
            content(temporary)
        elif isinstance(content, str):
            temporary.write_text(content, encoding="utf-8", newline="\n")
        else:
            temporary.write_bytes(content)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the file mode mask of the process, which mkstemp ignores."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
