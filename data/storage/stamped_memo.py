"""Results of a look at files, kept while the files stay as they are (memoization)."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from attune_fit.data.storage.file_watch import ABSENT, FileStamp, read_stamp

Value = TypeVar("Value")
MAX_RESULTS = 64  # in one memo, and files in the list below; a process has few clinics open

# By path, the stamps before and after the last write of this process itself, both read while it held the file's lock.
_OWN_WRITES: dict[str, tuple[FileStamp, FileStamp]] = {}


def is_settled(stamps: Sequence[FileStamp]) -> bool:
    """Return whether a later change of any of the files would show in their stamps, which were read just now."""
    now = time.time()
    return all(stamp == ABSENT or stamp.is_settled(now) for stamp in stamps)


def add_own_write(path: str, before: FileStamp) -> None:
    """Add a write of this process to a file whose lock it still holds; ``before`` is the stamp before the write."""
    if len(_OWN_WRITES) >= MAX_RESULTS:
        _OWN_WRITES.clear()
    _OWN_WRITES[path] = before, read_stamp(path)


class StampedMemo:
    """Results by the files that they were computed from; see :class:`FileStamp` for when a file is unchanged.

    Parameters
    ----------
    outlasts_own_writes : bool, default False
        Whether a result is also valid after a write of this process, see :func:`add_own_write`.
    """

    def __init__(self, *, outlasts_own_writes: bool = False) -> None:
        self._outlasts_own_writes = outlasts_own_writes
        self._results: dict[Hashable, tuple[tuple[FileStamp, ...], Any]] = {}

    def compute(
        self,
        paths: tuple[str, ...],
        key: Hashable,
        compute: Callable[[], Value],
        is_kept: Callable[[Value], bool] = lambda _: True,
    ) -> Value:
        """Return what ``compute`` returns, or what it returned for these files and this key while they are unchanged.

        Parameters
        ----------
        paths : tuple of str
            All files that ``compute`` reads. Links are followed.
        key : hashable
            All else that the result depends on.
        compute : callable
            Its result is shared: no caller changes it. What it raises is not kept.
        is_kept : callable, optional
            Whether a result can be kept. Default: each can.
        """
        place = paths, key
        stamps = tuple(map(read_stamp, paths))  # before the files are read: a change during the reading shows later
        found = self._results.get(place)
        if found is not None and (found[0] == stamps or self._has_own_writes(paths, found[0], stamps)):
            self._results[place] = stamps, found[1]
            return found[1]  # type: ignore[no-any-return]
        value = compute()
        if is_kept(value) and is_settled([stamp for path, stamp in zip(paths, stamps, strict=True)
                                          if not self._is_own(path, stamp)]):  # fmt: skip
            if len(self._results) >= MAX_RESULTS:
                self._results.clear()
            self._results[place] = stamps, value
        return value

    def _is_own(self, path: str, stamp: FileStamp) -> bool:
        """Return whether the last write of a file is one of this process."""
        return self._outlasts_own_writes and _OWN_WRITES.get(path, (None, None))[1] == stamp

    def _has_own_writes(
        self, paths: tuple[str, ...], before: tuple[FileStamp, ...], now: tuple[FileStamp, ...]
    ) -> bool:
        """Return whether all that has changed is one write of this process to each file."""
        changes = zip(paths, before, now, strict=True)
        return self._outlasts_own_writes and all(
            old == new or _OWN_WRITES.get(path) == (old, new) for path, old, new in changes
        )
