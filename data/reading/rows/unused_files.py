"""Files of the clinic folder that could hold a table and that no table uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.formats.file_patterns import HIDDEN
from attune_fit.data.reading.rows.absent_tables import SUFFIXES, list_similar_files, list_unread_files

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

MORE_SUFFIXES = (".toml",)  # settings under another name


def list_unused_files(clinic: Clinic) -> list[str]:
    """Return the names of files in the clinic folder that no table uses, sorted.

    Only what could be a table, or settings, is named: by any ending of its name, as in ``conflicts.csv.bz2``, or by a
    name that is almost that of a table. Hidden files and lock files of office programs are not.

    Parameters
    ----------
    clinic : Clinic
        Its files are listed, not read.
    """
    paths = [path for path in clinic.folder.iterdir() if path != clinic.artifacts and not path.name.startswith(HIDDEN)]
    similar = {path for table in TABLES for path in list_similar_files(table, paths)}
    endings = {*SUFFIXES, *MORE_SUFFIXES}
    named = [
        path
        for path in paths
        if path in similar or (not path.is_dir() and endings & {one.casefold() for one in path.suffixes})
    ]
    return sorted(path.name for path in list_unread_files(clinic, named))
