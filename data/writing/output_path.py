"""Check the target of ``--out``: no output may replace what a clinic reads or keeps."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.clinic.clinic import CONFIG_FILE
from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.rows.absent_tables import list_similar_files
from attune_fit.data.storage.atomic_write import JOURNAL_FILE

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic


def check_output_path(clinic: Clinic, target: Path) -> None:
    """Check that a file written to ``target`` replaces nothing of the clinic, and is never read as one of its tables.

    Links are followed. Paths that differ only in upper and lower case count as equal: on many systems they are one
    file. A hard link to a file of the clinic is that file.

    Parameters
    ----------
    clinic : Clinic
    target : Path
        Where a command is about to write; it does not have to exist.

    Raises
    ------
    DataFault
        If ``target`` is a file that the clinic reads, is in ``artifacts``, or has almost the name of an absent table.
    """
    inputs = {_normalize_path(path) for path in clinic.list_input_files()}
    for path in dict.fromkeys((Path(os.path.abspath(target)), Path(os.path.realpath(target)))):
        if _is_in_folder(path, clinic.artifacts):
            _raise_in_artifacts(target)
        if _normalize_path(path) in inputs or path.name.casefold() == JOURNAL_FILE:
            _raise_is_input(target)
        if _is_folder(path.parent, clinic.folder):
            _check_table_name(clinic, path)
    if _is_hard_link(clinic, target):
        _raise_is_input(target)


def check_output_folder(clinic: Clinic, target: Path) -> None:
    """Check that tables written into the folder ``target`` replace nothing that the clinic reads or keeps.

    Raises
    ------
    DataFault
        If ``target`` is in ``artifacts``, or the clinic reads a file that would be replaced.
    """
    folder = Path(os.path.realpath(target))
    if _is_in_folder(folder, clinic.artifacts):
        _raise_in_artifacts(target)
    inputs = {_normalize_path(path.parent) for path in clinic.list_input_files() if path.exists()}
    if _normalize_path(folder) in inputs or _is_folder(folder, clinic.folder):
        message = "the clinic reads its own tables from this folder"
        fix = "Name another folder; nothing was written."
        raise DataFault.error("output-folder-is-input", str(target), "", message, fix=fix)


def is_folder_target(target: Path | str) -> bool:
    """Return whether ``--out`` names a folder: it ends as one, or is one already.

    >>> is_folder_target("ranking/"), is_folder_target("ranking.parquet")
    (True, False)
    """
    return str(target).endswith(("/", os.sep)) or os.path.isdir(target)


def check_output_parts(clinic: Clinic, target: Path) -> None:
    """Check that a table written as files into the folder ``target`` replaces nothing that the clinic reads or keeps.

    Raises
    ------
    DataFault
        As :func:`check_output_path` and :func:`check_output_folder`.
    """
    check_output_path(clinic, target)
    check_output_folder(clinic, target)


def _raise_is_input(target: Path) -> None:
    fix = "Name another file; nothing was written."
    raise DataFault.error("output-is-input", str(target), "", "is one of the clinic's own files", fix=fix)


def _raise_in_artifacts(target: Path) -> None:
    message = "is in the folder `artifacts`, which holds only the models and logs of the clinic"
    fix = "Name another place; nothing was written."
    raise DataFault.error("output-in-artifacts", str(target), "", message, fix=fix)


def _check_table_name(clinic: Clinic, path: Path) -> None:
    """Refuse a name that the next command would take for an absent table of the clinic."""
    used = {file.name.casefold() for file in clinic.list_input_files() if file.is_file()}
    for table in TABLES:
        is_absent = not any(name.startswith(f"{table}.") for name in used)
        if (is_absent and list_similar_files(table, [path])) or path.stem.casefold() == table:
            message = f"could be read as the table {table}, because it has the same name or almost the same"
            fix = "Name another file; nothing was written."
            raise DataFault.error("output-like-table", str(path), "", message, fix=fix)


def _is_in_folder(path: Path, folder: Path) -> bool:
    """Return whether a path is in a folder, or is the folder; links and other spellings of the folder count."""
    return any(_is_folder(parent, folder) for parent in (path, *path.parents))


def _is_folder(path: Path, folder: Path) -> bool:
    """Return whether two paths are one folder, however they are spelled."""
    if _normalize_path(path) in (_normalize_path(folder), _normalize_path(Path(os.path.realpath(folder)))):
        return True
    return _is_same_file(path, folder)


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:  # one of them does not exist
        return False


def _normalize_path(path: Path) -> str:
    """Return a path in lower case and with one form of its accents, to compare it with others."""
    return unicodedata.normalize("NFC", os.path.abspath(path)).casefold()


def _is_hard_link(clinic: Clinic, target: Path) -> bool:
    """Return whether ``target`` is another name of a file of the clinic."""
    try:
        if target.stat().st_nlink < 2:  # the usual case: no folder has to be searched
            return False
    except OSError:
        return False
    return any(_is_same_file(path, target) for path in _list_own_files(clinic))


def _list_own_files(clinic: Clinic) -> Iterator[Path]:
    """Yield the files that the clinic reads, and all files in ``artifacts``."""
    yield clinic.folder / CONFIG_FILE
    yield from clinic.list_input_files()
    for folder, _, names in os.walk(clinic.artifacts):
        yield from (Path(folder) / name for name in names)
