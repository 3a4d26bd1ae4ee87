"""Names of files with ``*`` for any text, as in ``intake_*.csv``."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path

STAR = "*"
HIDDEN = (".", "~", "#")  # hidden files, lock files of office programs, and drafts


def is_file_pattern(name: str) -> bool:
    """Return whether a name is a pattern: every file that matches it is meant.

    >>> [is_file_pattern(name) for name in ("intake_*.csv", "intake [1].csv")]
    [True, False]
    """
    return STAR in name


def list_matching_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder that match a pattern, by name; hidden files and lock files do not.

    A folder of Parquet files counts as a file.
    """
    literal = STAR.join(map(glob.escape, pattern.split(STAR)))
    found = glob.glob(os.path.join(glob.escape(str(folder)), literal))
    return sorted(path for path in map(Path, found) if not path.name.startswith(HIDDEN))


def find_pattern_folder(folder: Path, pattern: str) -> Path:
    """Return the folder in which a new file can match a pattern: the one above its first part with a star."""
    parts = Path(pattern).parts
    fixed = next((number for number, part in enumerate(parts) if STAR in part), len(parts))
    return folder.joinpath(*parts[:fixed])


def match_names(names: Iterable[str], pattern: str) -> list[str]:
    """Return the names that match a pattern, compared without case.

    >>> match_names(["2025", "2026 (old)", "Codes"], "20*")
    ['2025', '2026 (old)']
    """
    form = re.compile(fnmatch.translate(STAR.join(map(glob.escape, pattern.split(STAR)))), re.IGNORECASE)
    return [name for name in names if form.match(name)]
