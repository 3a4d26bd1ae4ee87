"""Check that a training or a promotion can write what it decides, before it computes anything."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault, Fault
from attune_fit.models.active_pointer import BUNDLES_FOLDER
from attune_fit.training.promotion.ledger import LEDGER_FILE

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

# Of a training: in these folders files are made or replaced, and to these files something is added. MLflow has its own
# check, because a training does not need it.
FOLDERS, FILES = ("", BUNDLES_FOLDER), (LEDGER_FILE, "optuna.db")
# Of a promotion or a rollback.
ACTIVATION_FOLDERS, ACTIVATION_FILES = ("",), (LEDGER_FILE,)
N_TRIES = 20  # of one place, where two first trainings check it at once


def check_artifacts_writable(clinic: Clinic, folders: Sequence[str] = FOLDERS, files: Sequence[str] = FILES) -> None:
    """Check that Attune can write in a clinic's ``artifacts/``; the folder is unchanged afterwards.

    Permission bits do not show a read-only disk, and do not bind an administrator. So each place is tried.

    Parameters
    ----------
    clinic : Clinic
    folders : sequence of str
        Folders under ``artifacts/`` in which files will be made; the empty name is ``artifacts/`` itself.
    files : sequence of str
        Files under ``artifacts/`` to which something will be added.

    Raises
    ------
    DataFault
        One error for each folder and file that cannot be written.
    """
    faults = []
    for name, try_place in [(name, _try_folder) for name in folders] + [(name, _try_file) for name in files]:
        try:
            try_place(clinic.artifacts / name)
        except OSError as error:
            place, message = f"artifacts/{name}".rstrip("/"), f"Attune cannot write there ({error.strerror})"
            fix = (
                "Nothing was changed. Give this user permission to read and write there, or copy the clinic folder to "
                "another place."
            )
            faults.append(Fault.error("artifacts-not-writable", place, "", message, fix=fix))
            if not name:  # what is inside cannot be written either
                break
    if faults:
        raise DataFault(faults)


def _try_folder(folder: Path) -> None:
    """Make a file in a folder and delete it; make and delete the folder where it is missing."""
    for is_last in (False,) * (N_TRIES - 1) + (True,):
        if not folder.parent.exists():
            return  # the folder above can be made, so this one can be made too
        is_missing = not folder.exists()
        try:
            folder.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except FileNotFoundError:  # another first training has just deleted the folder of its own check
            if is_last:
                raise
            continue
        if is_missing:
            with suppress(OSError):  # another training has written in it
                folder.rmdir()
        return


def _try_file(path: Path) -> None:
    """Open a file for appending where it exists, and write nothing."""
    if path.exists():
        path.open("ab").close()
