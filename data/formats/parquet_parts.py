"""A folder of Parquet files that together are one table."""

from __future__ import annotations

import hashlib
from pathlib import Path

SUFFIXES = (".parquet", ".pq")
NO_PARTS = ("_", ".")  # how notes of other programs in such a folder begin, such as `_SUCCESS`
PART_NAME = "part-{:05d}.parquet"
PART_PATTERN = "part-*.parquet"
BYTES_PER_READ = 1 << 20


def list_parts(folder: Path) -> list[Path]:
    """Return the parts that Attune wrote into a folder, in their order; none if there is no folder."""
    return sorted(folder.glob(PART_PATTERN))


def is_parts_folder(path: Path) -> bool:
    """Return whether a path is a folder with the name of a Parquet file, such as ``clients.parquet``, and has parts."""
    return path.suffix.lower() in SUFFIXES and path.is_dir() and bool(list_table_files(path))


def list_table_files(path: Path) -> list[Path]:
    """Return the files that are read for a table: the path itself, or the Parquet files in a folder, by name."""
    if not path.is_dir():
        return [path]
    parts = (part for part in path.iterdir() if part.suffix.lower() in SUFFIXES)
    return sorted(part for part in parts if not part.name.startswith(NO_PARTS))


def hash_table_file(path: Path) -> str:
    """Return the SHA-256 of a file, or of the parts in a folder, joined in their order."""
    digest = hashlib.sha256()
    for part in list_parts(path) if path.is_dir() else [path]:
        with part.open("rb") as file:
            while block := file.read(BYTES_PER_READ):
                digest.update(block)
    return digest.hexdigest()
