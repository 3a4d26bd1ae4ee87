"""Which code made a bundle: the version of Attune and a digest of its sources."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

ROOMS = ("data", "features", "models", "training")  # what decides a bundle's bytes


@cache
def code() -> str:
    r"""The version, and the first 12 hex digits of a SHA-256 over the sources that training runs.

    >>> import re
    >>> bool(re.fullmatch(r"\S+ [0-9a-f]{12}", code()))
    True
    """
    whole = hashlib.sha256()
    for room in ROOMS:
        for one in sorted(files(f"attune_fit.{room}").iterdir(), key=lambda path: path.name):
            if one.name.endswith((".py", ".toml")):
                whole.update(f"\n{room}/{one.name}\n".encode())
                whole.update(one.read_bytes().replace(b"\r\n", b"\n"))
    try:
        number = version("attune-fit")
    except PackageNotFoundError:  # run from its sources
        number = "unreleased"
    return f"{number} {whole.hexdigest()[:12]}"
