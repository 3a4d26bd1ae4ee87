"""Which code made a bundle: the version of Attune and a digest of its sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

SOURCE_FOLDERS = ("data", "features", "models", "training")  # what decides a bundle's bytes


@cache
def compute_code_version() -> str:
    r"""The version, and the first 12 hex digits of a SHA-256 over the sources that training runs.

    >>> import re
    >>> bool(re.fullmatch(r"\S+ [0-9a-f]{12}", compute_code_version()))
    True
    """
    whole = hashlib.sha256()
    for room in SOURCE_FOLDERS:
        for name, source in sorted(_sources(files(f"attune_fit.{room}"), room)):
            whole.update(f"\n{name}\n".encode())
            whole.update(source.read_bytes().replace(b"\r\n", b"\n"))
    try:
        number = version("attune-fit")
    except PackageNotFoundError:  # run from its sources
        number = "unreleased"
    return f"{number} {whole.hexdigest()[:12]}"


def _sources(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    """Name and file of every source in a folder and the folders in it."""
    for one in folder.iterdir():
        if one.is_dir():
            yield from _sources(one, f"{name}/{one.name}")
        elif one.name.endswith((".py", ".toml")):
            yield f"{name}/{one.name}", one
