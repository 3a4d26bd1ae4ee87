"""A watch over the journal: whether it has other events, or other people, than when it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import list_journal_files, open_journal
from attune_fit.data.storage.file_watch import ABSENT, read_stamp
from attune_fit.data.storage.stamped_memo import is_settled

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.journal.database.journal_rows import JournalRevision


class JournalWatch:
    """The journal of a clinic as it was when the watch began. Begin it before the events are read.

    The file is never opened here to look at its bytes: closing it again would end the locks of SQLite in this process.

    Parameters
    ----------
    clinic : Clinic
    """

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._files = list_journal_files(clinic)  # empty for a journal on a server
        self._stamps = tuple(map(read_stamp, self._files))
        self._is_settled = bool(self._files) and is_settled(self._stamps)
        self._revision: JournalRevision | None = None
        self._is_asked = False

    def has_changed(self) -> bool:
        """Return whether the journal has changed, or may have; the next call compares with what this call has found.

        A journal in a file is asked only where the stamps of the file have changed, or were read so soon after the last
        event that they prove nothing. A journal on a server is asked one query. At the first question there is nothing
        to compare with, and the answer is yes. A journal that cannot be asked may have changed: the reading that
        follows names the fault.
        """
        stamps = tuple(map(read_stamp, self._files))
        if self._is_settled and stamps == self._stamps:
            return False
        self._stamps, self._is_settled = stamps, bool(stamps) and is_settled(stamps)
        before, was_asked = self._revision, self._is_asked
        try:
            is_absent = bool(stamps) and stamps[0] == ABSENT
            self._revision = None if is_absent else open_journal(self._clinic).poll()
            self._is_asked = True
        except DataFault:
            self._is_asked = False
        return not was_asked or not self._is_asked or self._revision != before
