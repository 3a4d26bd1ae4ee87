"""The state of an open clinic: each part is read when it is first needed, and then kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.clinic_snapshot import ClinicSnapshot

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.clinic_day import TableDay
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.applying.applied_journal import AppliedJournal
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.models.alliance_model import AllianceModel

ReportProgress = Callable[[str], None]
MOST_SET_ASIDE_TEXTS = 4  # with their remedies above a list; the others are named only


def ignore_progress(step: str) -> None:
    """Ignore the name of a step."""


def check_at_least(low: int, **numbers: object) -> None:
    """Check that each number, by the name of its parameter, is an integer >= ``low``; None is allowed.

    Raises
    ------
    ValueError
        If one is not.
    """
    for name, number in numbers.items():
        if number is not None and (not isinstance(number, Integral) or number < low):
            raise ValueError(f"{name} is {number!r}; it must be an integer >= {low}.")


class ClinicSession:
    """A clinic folder, and what was read from it.

    A fault stops only what needs the faulty file: with a bundle that cannot be read, ``follow_up`` and ``train`` work.

    Parameters
    ----------
    folder : Path or str
        Contains the tables, and ``clinic.toml`` where the defaults do not fit.
    report_progress : callable, optional
        Receives the name of each step of a long verb, such as ``print``. Default: nothing is reported.
    event : int, optional
        Number of an event of the journal, >= 1: the clinic as it was after this event, on the day of its recording.
        Nothing can be recorded then, and no later change is seen. Default: the clinic as it is now.
    """

    def __init__(
        self, folder: Path | str, report_progress: ReportProgress | None = None, event: int | None = None
    ) -> None:
        check_at_least(1, event=event)
        self.folder = Path(folder)
        self.report_progress = report_progress or ignore_progress
        self.event = event
        self._snapshot = ClinicSnapshot(self.folder, event)  # the newest
        self._held = threading.local()  # the one with which this thread's verb works from its start to its end
        self._lock = threading.Lock()  # of the search for changes: two threads at once find each of them once

    @property
    def clinic(self) -> Clinic:
        """The folder, its settings and its instruments.

        Raises
        ------
        DataFault
            If the folder or ``clinic.toml`` cannot be read.
        """
        return self.snapshot.clinic

    @property
    def exported_tables(self) -> Tables:
        """The canonical tables as the clinic's software exported them, without the journal; the files are read once.

        Raises
        ------
        DataFault
            With every error of the tables.
        """
        return self.snapshot.exported_tables

    @property
    def journal_events(self) -> tuple[JournalEvent, ...]:
        """The events of the journal, up to the event of this session."""
        return self.snapshot.journal_events

    @property
    def applied_journal(self) -> AppliedJournal:
        """The exported tables with the events of the journal applied, and which events an export settled."""
        return self.snapshot.applied_journal

    @property
    def tables(self) -> Tables:
        """The canonical tables: the last export, with the events of the journal applied.

        Raises
        ------
        DataFault
            With every error that has to be corrected before Attune can train or rank.
        """
        return self.snapshot.tables

    @property
    def model(self) -> AllianceModel:
        """The active model: a bundle of the clinic, or the starting model. ``train`` and ``promote`` replace it.

        Raises
        ------
        DataFault
            If the active bundle cannot be read.
        """
        return self.snapshot.model

    @property
    def snapshot(self) -> ClinicSnapshot:
        """The state of the clinic: that of the verb which this thread runs, else the newest."""
        held: ClinicSnapshot | None = getattr(self._held, "snapshot", None)
        return self._snapshot if held is None else held

    def refresh(self) -> tuple[str, ...]:
        """Look for changes of the clinic's files, its journal, its live model and the day; every verb does it first.

        What changed is read again when it is next needed, and all else is kept. A file that was only written again with
        the same content has not changed. Nothing is done within a verb, and nothing for the clinic after an event.

        Returns
        -------
        tuple of str
            The parts that changed, sorted: ``clinic``, ``exported_tables``, ``journal_events``, ``model``.
        """
        if self.event is not None or getattr(self._held, "snapshot", None) is not None:
            return ()
        with self._lock:
            stale = self._snapshot.find_stale()
            if stale:
                self._snapshot = self._snapshot.renew(stale)
        return tuple(sorted(stale))

    @contextmanager
    def _hold_snapshot(self) -> Iterator[None]:
        """Refresh, and keep what this thread sees of the clinic the same until the block ends."""
        if getattr(self._held, "snapshot", None) is not None:
            yield
            return
        self.refresh()
        self._held.snapshot = self._snapshot
        try:
            yield
        finally:
            self._held.snapshot = None

    def read_tables_at(self, as_of: TableDay, n_events: int) -> Tables:
        """Read the tables as they were on a day after the first events of the journal; nothing of it is kept.

        Parameters
        ----------
        as_of : date, "latest" or None
            "latest": the latest date in the tables, as earlier versions of Attune took it. None: today.
        n_events : int
            0: the export alone.
        """
        from attune_fit.data.journal.current_tables import read_current_tables

        return read_current_tables(self.clinic, n_events, as_of).tables

    def get_scorer(self, seed: int | None = None) -> RosterScorer:
        """Return the scorer of the roster for a seed, >= 0; what all clients share is computed once."""
        check_at_least(0, seed=seed)
        return self.snapshot.get_scorer(seed)

    def count_events(self) -> int:
        """Return the number of events of the journal, whatever event this session shows."""
        from attune_fit.data.journal.journal_access import find_journal

        store = find_journal(self.clinic)
        end = None if store is None else store.end()
        return 0 if end is None else end.number

    def _check_current(self, action: str) -> None:
        """Check that this is the clinic as it is now.

        Raises
        ------
        DataFault
            If it was opened as it was after an earlier event.
        """
        from attune_fit.data.faults import DataFault

        if self.event is not None:
            message = f"this is the clinic after event {self.event}: nothing can be changed in the past"
            fix = f"Open the clinic without an event to {action}."
            raise DataFault.error("journal-of-the-past", "journal", "", message, fix=fix)

    def _show_events(self, events: tuple[JournalEvent, ...]) -> None:
        """Show this verb alone the tables after these events; the export is not read again.

        Events that are shown already cost nothing: number and seal of their last one are the same.
        """
        shown = self.snapshot.journal_events
        if [(one.number, one.seal) for one in events[-1:]] != [(one.number, one.seal) for one in shown[-1:]]:
            self._held.snapshot = self.snapshot.renew((), events)

    def _publish_events(self, before: ClinicSnapshot) -> None:
        """Let all verbs see the events that this verb sees; read them again if another thread has found a change."""
        with self._lock:
            is_newest = self._snapshot is before
            self._snapshot = self.snapshot if is_newest else self._snapshot.renew(["journal_events"])

    def _forget(self, part: str) -> None:
        """Read a part again when it is next needed, because this verb has changed it: ``model``, ``journal_events``."""
        with self._lock:
            self._snapshot = self._snapshot.renew([part])
        self._held.snapshot = self._snapshot

    def list_set_aside(self) -> tuple[str, ...]:
        """Return who is on no list, and what to do: a text for each of a few faults, and one that names the others."""
        from attune_fit.data.command_words import format_word

        faults = [fault for fault in self.tables.warnings if fault.sets_aside]
        texts = [f"Set aside: {fault.name_people()}. {fault}" for fault in faults[:MOST_SET_ASIDE_TEXTS]]
        if others := faults[MOST_SET_ASIDE_TEXTS:]:
            people = "; ".join(fault.name_people() for fault in others)
            texts.append(f"Set aside too: {people}. What to do: attune check {format_word(self.folder)}")
        return tuple(texts)

    def check_not_set_aside(self, client_id: str) -> None:
        """Check that a client is not set aside.

        Raises
        ------
        DataFault
            With the faults that set the client aside.
        """
        from attune_fit.data.faults import DataFault

        faults = [fault for fault in self.tables.warnings if fault.side == "clients" and client_id in fault.sets_aside]
        if faults:
            raise DataFault(faults)

    def list_client_ids(self, *, waiting_only: bool) -> list[str]:
        """Return the ids of the clients who wait, or of all clients, sorted."""
        rows = self.snapshot.waiting_rows if waiting_only else slice(None)
        return sorted(self.tables.clients["client_id"].iloc[rows])

    def check_output_path(self, target: Path) -> None:
        """Check that writing to ``target`` replaces nothing of the clinic, before anything is computed.

        Raises
        ------
        DataFault
            If it is a file that the clinic reads, is in ``artifacts``, or has almost the name of an absent table.
        """
        from attune_fit.data.writing.output_path import check_output_path

        check_output_path(self.clinic, target)

    def check_table_path(self, target: Path) -> None:
        """Check that a table can be written to ``target``, before anything is computed.

        Raises
        ------
        DataFault
            If it is one of the clinic's own files, or its name ends in no suffix of FORMATS.
        """
        from attune_fit.data.writing.table_writer import choose_format

        self.check_output_path(target)
        choose_format(target)

    def write_text(self, target: Path, text: str) -> None:
        """Write a text file, whole or not at all; raises as :meth:`check_output_path`, or :class:`OSError`."""
        from attune_fit.data.storage.atomic_write import write_atomically

        self.check_output_path(target)
        write_atomically(target, text)
