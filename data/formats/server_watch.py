"""A watch over tables on a database server: when to read them again, because a server does not show its changes."""

from __future__ import annotations

import time

SERVER_SECONDS = 60.0  # how old tables of a server can be before a list is made from them


class ServerWatch:
    """Tables of a server as they were read; they count as changed after :data:`SERVER_SECONDS`.

    Parameters
    ----------
    is_needed : bool
        Whether any table is on a server. Otherwise nothing changes.
    """

    def __init__(self, *, is_needed: bool) -> None:
        self._is_needed = is_needed
        self._read_at = time.monotonic()

    def finish_reading(self) -> None:
        """Do nothing: the tables are as old as the start of their reading."""

    def has_changed(self) -> bool:
        """Return whether the tables are to be read again; the next call counts from this one."""
        now = time.monotonic()
        if not self._is_needed or now - self._read_at <= SERVER_SECONDS:
            return False
        self._read_at = now
        return True
