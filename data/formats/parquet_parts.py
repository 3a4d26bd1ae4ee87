"""A folder of Parquet files that together are one table."""

from __future__ import annotations

import hashlib
from pathlib import Path

PART_NAME = "part-{:05d}.parquet"
PART_PATTERN = "part-*.parquet"
BYTES_PER_READ = 1 << 20


def list_parts(folder: Path) -> list[Path]:
    """Return the parts that Attune wrote into a folder, in their order; none if there is no folder."""
    return sorted(folder.glob(PART_PATTERN))


def hash_table_file(path: Path) -> str:
    """Return the SHA-256 of a file, or of the parts in a folder, joined in their order."""
    digest = hashlib.sha256()
    for part in list_parts(path) if path.is_dir() else [path]:
        with part.open("rb") as file:
            while block := file.read(BYTES_PER_READ):
                digest.update(block)
    return digest.hexdigest()
