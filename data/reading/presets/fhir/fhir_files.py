"""Files of a clinic folder that can hold FHIR resources."""

from __future__ import annotations

import glob
import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.formats.compressed_text import is_gzip_file

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

LINES_SUFFIXES = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")  # one resource in each line
JSON_SUFFIXES = (".json", ".json.gz")  # one resource, or a list of them
HEAD_BYTES = 4096  # of a file, in which it names the kind of its first resource
SUFFIXES = (*LINES_SUFFIXES, *JSON_SUFFIXES)


def list_fhir_files(folder: Path, file: str | None, collector: FaultCollector) -> list[Path]:
    """Return the files with resources, by name.

    Parameters
    ----------
    folder : Path
        The clinic folder.
    file : str or None
        ``file`` of the table: a file, a folder with such files, or a pattern such as ``export/*.ndjson``. None: the
        files of the clinic folder itself.
    collector : FaultCollector
        Gets one error where there is no such file.
    """
    found = _list_candidates(folder, file)
    paths = sorted({path for path in found if path.name.casefold().endswith(SUFFIXES) and path.is_file()})
    if not paths:
        known = ", ".join(f"`*{suffix}`" for suffix in (".ndjson", ".json"))
        place = "the clinic folder" if file is None else f"`{file}`"
        fix = f"Put the export there, or name its folder: `file` under [tables.{collector.table}] in clinic.toml."
        collector.add_error("fhir-file-not-found", "", f"{place} has no file of FHIR resources ({known})", fix)
    return paths


def _list_candidates(folder: Path, file: str | None) -> list[Path]:
    path = folder if file is None else folder / file
    if path.is_dir():
        return list(path.iterdir())
    if path.exists():
        return [path]
    return [folder / name for name in glob.glob(str(file), root_dir=folder)]


def is_fhir_file(path: Path) -> bool:
    """Return whether a file looks like one of FHIR resources: by its name, and its first part names a kind."""
    if not path.name.casefold().endswith(SUFFIXES):
        return False
    try:
        with gzip.open(path) if is_gzip_file(path) else path.open("rb") as file:
            return b'"resourceType"' in file.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return False
