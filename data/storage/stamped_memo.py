"""Results of a look at files, kept while the files stay as they are (memoization)."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from attune_fit.data.storage.file_watch import ABSENT, FileStamp, read_stamp

Value = TypeVar("Value")
MAX_RESULTS = 64  # in one memo; a process has few clinics open


def is_settled(stamps: Sequence[FileStamp]) -> bool:
    """Return whether a later change of any of the files would show in their stamps, which were read just now."""
    now = time.time()
    return all(stamp == ABSENT or stamp.is_settled(now) for stamp in stamps)


class StampedMemo:
    """Results by the files that they were computed from; see :class:`FileStamp` for when a file is unchanged."""

    def __init__(self) -> None:
        self._results: dict[Hashable, tuple[tuple[FileStamp, ...], Any]] = {}

    def compute(self, paths: Sequence[str | Path], key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return what ``compute`` returns, or what it returned for these files and this key while they are unchanged.

        Parameters
        ----------
        paths : sequence of str or Path
            All files that ``compute`` reads. Links are followed.
        key : hashable
            All else that the result depends on.
        compute : callable
            Its result is shared: no caller changes it. What it raises is not kept.
        """
        place = (*map(str, paths), key)
        stamps = tuple(map(read_stamp, paths))  # before the files are read: a change during the reading shows later
        found = self._results.get(place)
        if found is not None and found[0] == stamps:
            return found[1]  # type: ignore[no-any-return]
        value = compute()
        if is_settled(stamps):
            if len(self._results) >= MAX_RESULTS:
                self._results.clear()
            self._results[place] = stamps, value
        return value
