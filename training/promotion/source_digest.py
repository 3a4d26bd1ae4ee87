"""Identify the code that made a bundle: the version of Attune and a digest of its sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

SOURCE_FOLDERS = ("data", "features", "models", "training")  # these sources decide the bytes of a bundle


@cache
def compute_code_version() -> str:
    r"""Return the version, and the first 12 hex digits of a SHA-256 over the sources that training runs.

    >>> import re
    >>> bool(re.fullmatch(r"\S+ [0-9a-f]{12}", compute_code_version()))
    True
    """
    digest = hashlib.sha256()
    for folder in SOURCE_FOLDERS:
        for name, source in sorted(_list_sources(files(f"attune_fit.{folder}"), folder)):
            digest.update(f"\n{name}\n".encode())
            digest.update(source.read_bytes().replace(b"\r\n", b"\n"))
    try:
        number = version("attune-fit")
    except PackageNotFoundError:  # not installed
        number = "unreleased"
    return f"{number} {digest.hexdigest()[:12]}"


def _list_sources(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    """Yield the name and file of every source in a folder and its subfolders."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _list_sources(entry, f"{name}/{entry.name}")
        elif entry.name.endswith((".py", ".toml")):
            yield f"{name}/{entry.name}", entry
