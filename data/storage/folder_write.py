"""Writing of several files together: all of them are there, or none.

A new folder is filled under a temporary name and renamed. In a folder that exists, every file is written under a
temporary name first. Then a journal, which lists the renames, is written as one file: from that moment the new files
count. A run that is killed later leaves the journal, and :func:`finish_interrupted_write` does what it lists.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from attune_fit.data.faults import DataFault
from attune_fit.data.storage.atomic_write import (
    JOURNAL_FILE,
    Content,
    add_file_name,
    flush_folder,
    is_leftover,
    make_temporary_path,
    sweep_leftovers,
    write_atomically,
    write_temporary,
)


def write_folder_atomically(folder: Path, contents: Mapping[str, Content], remove: Iterable[str] = ()) -> None:
    """Write files into a folder: all of them or none.

    Parameters
    ----------
    folder : Path
        Created if it does not exist. A link to a folder is followed. Other files in it are unchanged.
    contents : mapping of str to str, bytes or callable
        Content by name, such as ``clients.csv`` or ``truth/world.toml``; as in :func:`write_atomically`.
    remove : iterable of str
        Names of files to delete at the same moment.

    Raises
    ------
    OSError
        If a file cannot be written. The folder is unchanged then. The same is true when the writing is interrupted.
    """
    folder = Path(os.path.realpath(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep_leftovers(folder.parent)
    if folder.exists():
        _write_into_folder(folder, contents, remove)
        return
    temporary = make_temporary_path(folder.parent)
    try:
        temporary.mkdir()
        for name, content in contents.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_temporary(path, content, folder / name)
        for path in {(temporary / name).parent for name in contents} | {temporary}:
            flush_folder(path)
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
            _write_into_folder(folder, contents, remove)  # another run has made it meanwhile
    except BaseException as error:
        add_file_name(error, temporary, folder)
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # nothing after a rename
    flush_folder(folder.parent)


def finish_interrupted_write(folder: Path) -> None:
    """Finish what a killed run began to write in a folder; without a journal nothing is done.

    Raises
    ------
    DataFault
        If the journal cannot be read, or its files cannot be renamed.
    """
    journal = folder / JOURNAL_FILE
    if not os.path.lexists(journal):
        return
    try:
        with _lock_folder(folder):
            _apply_journal(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message = "an interrupted run left this folder incomplete, and Attune cannot finish it"
        fix = "Allow Attune to write there, and run the command again; or delete the folder and write it anew."
        raise DataFault.error("folder-incomplete", JOURNAL_FILE, "", message, fix=fix) from None


def has_only_leftovers(folder: Path) -> bool:
    """Return whether a folder holds nothing, or only temporary files of runs that have ended."""
    return all(
        is_leftover(path) or (path.is_dir() and not path.is_symlink() and has_only_leftovers(path))
        for path in folder.iterdir()
    )


def _write_into_folder(folder: Path, contents: Mapping[str, Content], remove: Iterable[str]) -> None:
    """Write files into a folder that exists, by a journal of renames."""
    finish_interrupted_write(folder)
    made: list[Path] = []  # folders
    renames: dict[str, str] = {}
    try:
        for name in (*contents, *remove):
            _check_no_folder(folder / name)
        for name, content in contents.items():
            path = folder / name
            if not path.parent.exists():
                path.parent.mkdir(parents=True)
                made.append(path.parent)
            sweep_leftovers(path.parent)
            temporary = make_temporary_path(path.parent, path.suffix)
            renames[name] = temporary.name
            write_temporary(temporary, content, path)
        for parent in {(folder / name).parent for name in contents}:
            flush_folder(parent)
        with _lock_folder(folder):  # another run that writes here waits
            _apply_journal(folder)  # of a run that was killed meanwhile
            journal = {"rename": renames, "remove": [name for name in remove if os.path.lexists(folder / name)]}
            write_atomically(folder / JOURNAL_FILE, json.dumps(journal) + "\n")
            _apply_journal(folder)
    except BaseException as error:
        add_file_name(error, folder, folder)
        with suppress(OSError):
            _apply_journal(folder)  # an interruption after the journal was written: it counts
        if os.path.lexists(folder / JOURNAL_FILE):  # the next run finishes it, and needs the temporary files
            raise
        for name, temporary_name in renames.items():
            ((folder / name).parent / temporary_name).unlink(missing_ok=True)
        for parent in reversed(made):
            with suppress(OSError):  # files of a journal are in it
                parent.rmdir()
        raise


def _check_no_folder(path: Path) -> None:
    """Raise the error of a rename before anything is renamed: a file cannot replace a folder."""
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


def _apply_journal(folder: Path) -> None:
    """Do the renames and deletions of a journal that are not done yet, and delete it; without one nothing is done."""
    journal = folder / JOURNAL_FILE
    if not os.path.lexists(journal):
        return
    if not stat.S_ISREG(journal.lstat().st_mode):  # a pipe would be read for ever
        raise ValueError("a journal is a file")
    content = json.loads(journal.read_bytes())
    names = [*content["rename"], *content["rename"].values(), *content["remove"]]
    if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in names):
        raise ValueError("a journal names files of its own folder only")
    for name in content["remove"]:
        (folder / name).unlink(missing_ok=True)
    for name, temporary_name in content["rename"].items():
        temporary = (folder / name).parent / temporary_name
        if temporary.exists():  # else it was renamed before the interruption
            temporary.replace(folder / name)
    for parent in {(folder / name).parent for name in content["rename"]}:
        flush_folder(parent)
    journal.unlink()
    flush_folder(folder)


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder against other runs that write journals, where the system can; a killed run leaves no lock."""
    handle = None
    with suppress(ImportError, OSError, AttributeError):
        import fcntl

        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
