"""Files of a clinic folder that can hold FHIR resources."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

from attune_fit.data.formats.compressed_text import is_gzip_file
from attune_fit.data.formats.file_patterns import HIDDEN, is_file_pattern, list_matching_files

LINES_SUFFIXES = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")  # one resource in each line
JSON_SUFFIXES = (".json", ".json.gz")  # one resource, or a list of them
HEAD_BYTES = 4096  # of a file, in which it names the kind of its first resource
SUFFIXES = (*LINES_SUFFIXES, *JSON_SUFFIXES)


def list_fhir_files(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the files with resources, by name; hidden files hold none.

    Parameters
    ----------
    folder : Path
        The clinic folder.
    names : sequence of str
        ``file`` or ``files`` of the table: files, folders with such files, and patterns such as ``export/*.ndjson``.
        Empty: the files of the clinic folder itself.
    """
    found = [path for name in names or ["."] for path in _list_candidates(folder / name, folder, name)]
    return sorted({path for path in found if path.name.casefold().endswith(SUFFIXES) and path.is_file()})


def _list_candidates(path: Path, folder: Path, name: str) -> list[Path]:
    if path.is_dir():
        try:
            return [one for one in path.iterdir() if not one.name.startswith(HIDDEN)]
        except OSError:  # it has no file that can be read
            return []
    return list_matching_files(folder, name) if is_file_pattern(name) and not path.exists() else [path]


def is_fhir_file(path: Path) -> bool:
    """Return whether a file looks like one of FHIR resources: by its name, and its first part names a kind."""
    if not path.name.casefold().endswith(SUFFIXES):
        return False
    try:
        with gzip.open(path) if is_gzip_file(path) else path.open("rb") as file:
            return b'"resourceType"' in file.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return False
