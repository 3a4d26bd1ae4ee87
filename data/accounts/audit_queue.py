"""Rows of the audit from several threads at once, written in one transaction: a commit waits for the disk each time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from attune_fit.data.accounts.audit_store import AuditRow, AuditStore
from attune_fit.data.faults import DataFault


@dataclass
class WaitingRow:
    """A row that is not written yet, or how its writing ended."""

    row: AuditRow
    session: str | None
    number: int | None = None
    error: Exception | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be written."""
        return self.number is None and self.error is None


@dataclass
class AuditQueue:
    """The rows that wait, and the store that takes them.

    The first thread writes its row. What comes meanwhile waits, and the next thread writes all of it at once.
    """

    store: AuditStore
    waiting: list[WaitingRow] = field(default_factory=list)
    list_lock: threading.Lock = field(default_factory=threading.Lock)
    write_lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, row: AuditRow, session: str | None = None) -> int:
        """Add a row, and return its number once it is on the disk.

        Parameters
        ----------
        row : AuditRow
        session : str, optional
            Hash of the session that was used.

        Raises
        ------
        DataFault
            If the rows cannot be written.
        """
        own = WaitingRow(row, session)
        with self.list_lock:
            self.waiting.append(own)
        with self.write_lock:
            if own.is_open:
                self._write_waiting()
        if isinstance(own.error, DataFault):
            raise DataFault(own.error.faults)  # a new one: each thread has its own traceback
        if own.error is not None or own.number is None:
            raise RuntimeError("a row of the audit was not written") from own.error
        return own.number

    def _write_waiting(self) -> None:
        """Write all rows that wait; each learns its number, or why it was not written."""
        with self.list_lock:
            rows, self.waiting = self.waiting, []
        try:
            numbers = self.store.add_all([(one.row, one.session) for one in rows])
        except Exception as error:
            for one in rows:
                one.error = error
        else:
            for one, number in zip(rows, numbers, strict=True):
                one.number = number
