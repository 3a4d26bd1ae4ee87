"""A watch over some files: which of them changed since they were read. It costs one call of the system for each."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

# A file system can store times in steps of 2 s (FAT). A file that is written twice within one step has the same times
# after both. So the times of a file are trusted only if it was last written longer ago than this when they were read.
STEP_SECONDS = 2.0
MAX_DIGEST_BYTES = 100_000_000  # a tenth of a second or more
NO_NAME = re.compile("(?!)")  # matches nothing
CHANGED_DIGEST = "changed"  # equal to no digest of a content


class FileStamp(NamedTuple):
    """What the system knows of a file without reading it; times in nanoseconds, all 0 where there is nothing.

    ``changed`` (ctime) is the time of the last change of the entry itself: no program can set it back, as one can set
    back ``modified``.
    """

    modified: int = 0
    changed: int = 0
    size: int = 0
    inode: int = 0
    device: int = 0
    mode: int = 0

    def is_settled(self, now: float) -> bool:
        """Return whether a later change of the file would show: it was last written long enough before ``now``."""
        return now - max(self.modified, self.changed) / 1e9 > STEP_SECONDS


ABSENT = FileStamp()


def read_stamp(path: str | Path) -> FileStamp:
    """Return the stamp of a file, or of a folder; links are followed. What cannot be reached counts as absent.

    A link whose target is lost is not absent: it has the stamp of the link.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        try:
            found = os.lstat(path)
        except (OSError, ValueError):
            return ABSENT
    times = found.st_mtime_ns, found.st_ctime_ns
    return FileStamp(*times, found.st_size, found.st_ino, found.st_dev, found.st_mode)


def compute_content_digest(path: str | Path, ignored_names: re.Pattern[str] = NO_NAME) -> str:
    """Return the SHA-256 of the content of a file, in hex; for a folder that of the names in it.

    Names in a folder that match ``ignored_names`` do not count. A file of more than :data:`MAX_DIGEST_BYTES` is not
    read: its stamp counts as its content, so it has changed where it was only written again. What is neither a file nor
    a folder has no content, and what cannot be read has a text of its own.
    """
    try:
        found = os.stat(path)
        mode = found.st_mode
        if stat.S_ISDIR(mode):
            names = sorted(name for name in os.listdir(path) if not ignored_names.fullmatch(name))
            return hashlib.sha256(os.fsencode("/".join(names))).hexdigest()
        if not stat.S_ISREG(mode):
            return str(stat.S_IFMT(mode))
        if found.st_size > MAX_DIGEST_BYTES:
            return str(read_stamp(path))
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "link without a target" if os.path.islink(path) else ""
    except OSError as error:
        return f"not readable {error.errno}"


class FileWatch:
    """Some files and folders as they were when the watch began.

    Begin it before the files are read, and call :meth:`finish_reading` afterwards. Then no change during the reading is
    overlooked, not even one that was taken back: a program that writes a file again leaves it half written meanwhile.

    Parameters
    ----------
    paths : iterable of str or Path
        They need not exist. A folder is watched for the names in it.
    ignored_names : Pattern, optional
        Names in folders that do not matter.
    """

    def __init__(self, paths: Iterable[str | Path], ignored_names: re.Pattern[str] = NO_NAME) -> None:
        self._ignored = ignored_names
        now = time.time()
        self._stamps = {os.fspath(path): read_stamp(path) for path in paths}
        self._unsettled = {path for path, stamp in self._stamps.items() if not stamp.is_settled(now)}
        self._digests = {path: self._compute_digest(path) for path in self._unsettled}

    def finish_reading(self) -> None:
        """Note which files changed while they were read: :meth:`find_changed` then returns them, whatever they hold."""
        for path, stamp in self._stamps.items():
            if read_stamp(path) != stamp:
                self._digests[path] = CHANGED_DIGEST
                self._unsettled.add(path)

    def find_changed(self) -> tuple[str, ...]:
        """Return the files whose content is another one, in the order in which they were given.

        A file with the same stamp is not read. One with another stamp is, and counts as unchanged if its content is the
        same; so does one that was written so recently that its stamp proves nothing. The content is digested when a
        file is first found unchanged. The next call compares with what this call has found.
        """
        now = time.time()
        stamps = {path: read_stamp(path) for path in self._stamps}
        if stamps == self._stamps and not self._unsettled and len(self._digests) == len(stamps):
            return ()
        changed = tuple(path for path, stamp in stamps.items() if self._has_changed(path, stamp))
        self._stamps = stamps
        self._unsettled = {path for path, stamp in stamps.items() if not stamp.is_settled(now)}
        return changed

    def _has_changed(self, path: str, stamp: FileStamp) -> bool:
        """Return whether a file has another content than before, and keep the digest of what it has now."""
        is_same = stamp == self._stamps[path] and path not in self._unsettled
        before = self._digests.get(path)
        if is_same and before is not None:
            return False
        self._digests[path] = self._compute_digest(path)
        if is_same:  # the first digest is that of the content that was read, unless the file has changed just now
            return read_stamp(path) != stamp
        return before != self._digests[path]

    def _compute_digest(self, path: str) -> str:
        return compute_content_digest(path, self._ignored)
