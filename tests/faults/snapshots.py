"""Copies of a folder at each of its writes: the states that a kill at these moments leaves.

What a killed process has handed to the system stays in its files; what it still holds in memory is lost. So a copy
made at a moment equals what a kill at this moment leaves, and one run of a command gives all of them. A test kills
real processes and compares.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

EVENTS_FILE = "events.json"


class Snapshots:
    """The copies of one run.

    Parameters
    ----------
    root : Path
        The folder to copy.
    folder : Path
        Receives one copy for each different state, named by the number of its first event, and ``events.json``.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.events: list[tuple[int, str, str, int]] = []  # number, kind, path, number of its copy
        self._digest, self._copy = "", 0
        folder.mkdir(parents=True)

    def take(self, number: int, kind: str, path: str) -> None:
        """Note an event; copy the folder if it has changed since the event before."""
        digest = compute_folder_digest(self.root)
        if digest != self._digest:
            self._digest, self._copy = digest, number
            copy_folder(self.root, self.folder / str(number))
        self.events.append((number, kind, path, self._copy))

    def close(self) -> None:
        """Write the list of events."""
        (self.folder / EVENTS_FILE).write_text(json.dumps(self.events))


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder with its links and modes; a FIFO or a device in it is left out."""
    shutil.copytree(source, target, symlinks=True, ignore=_list_special_files)


def compute_folder_digest(folder: Path) -> str:
    """Return the SHA-256 of the names, modes and contents in a folder."""
    total = hashlib.sha256()
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(parent, name)
            content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            for part in (str(path), str(path.lstat().st_mode)):
                total.update(part.encode(errors="surrogateescape") + b"\0")
            total.update(hashlib.sha256(content).digest())
        total.update("\0".join(folders).encode(errors="surrogateescape"))
    return total.hexdigest()


def _list_special_files(parent: str, names: list[str]) -> list[str]:
    """Return the names of what is neither a file, a folder nor a link."""
    paths = {name: Path(parent, name) for name in names}
    return [name for name, path in paths.items() if not (path.is_symlink() or path.is_file() or path.is_dir())]
