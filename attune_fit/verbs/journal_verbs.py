"""Verbs about the journal as a whole: list its events, verify, back up, restore, forget a person, upgrade."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.event_request import convert_id
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.data.hash_chain import ChainHead

Day = dt.date | str
PersonSide = Literal["client", "therapist", "actor"]


class JournalVerbs(ClinicSession):
    """What can be done with the journal: the events that happened after the export.

    The tables of the clinic are the last export with these events applied, so every verb sees them. No event is changed
    or deleted; an event ``undone`` takes an earlier one back.
    """

    def journal(
        self,
        *,
        since: Day | None = None,
        until: Day | None = None,
        client: str | None = None,
        therapist: str | None = None,
        last: int | None = None,
        settled: bool = False,
        out: Path | str | None = None,
        raw: bool = False,
    ) -> Result:
        """List the events of the journal, the latest last, and the offers that are open.

        Parameters
        ----------
        since, until : date or str, optional
            Only events that happened from this day, or up to it; ISO.
        client, therapist : str, optional
            Only events about this person.
        last : int, optional
            Only so many events, the last ones. Default: all.
        settled : bool, default False
            List instead the events that differ from a later export, and which of the two Attune takes.
        out : Path or str, optional
            Also write the rows to this file, in a format of FORMATS.
        raw : bool, default False
            As in ``write_rankings``.

        Returns
        -------
        Result
            Of an :class:`EventList`, or with ``settled`` of a :class:`SettledList`. The frame has one row for each
            event; with ``settled``, one for each cell.
        """
        from attune_fit.data.writing.table_writer import write_frame_blocks
        from attune_fit.journal_frames import build_events_frame, build_settled_frame
        from attune_fit.journal_records import EventFilter, list_events, list_settled_events

        check_at_least(1, last=last)
        if out is not None:
            self.check_table_path(Path(out))
        wanted = EventFilter.from_values(since, until, convert_id(client), convert_id(therapist), last)
        if settled:
            differences = list_settled_events(self, wanted)
            result = Result(differences, differences.summary, lambda: build_settled_frame(differences.rows),
                            differences.to_dict)  # fmt: skip
        else:
            listed = list_events(self, wanted)
            result = Result(listed, listed.summary, lambda: build_events_frame(listed.rows), listed.to_dict,
                            listed.notes)  # fmt: skip
        if out is not None:
            write_frame_blocks([result.to_frame()], Path(out), raw=raw)
        return result

    def verify_journal(self) -> Result:
        """Check that no event was changed, inserted or removed since it was recorded.

        The logs and the ledger name ends of the journal, so they show where it was cut.

        Returns
        -------
        Result
            Of a dict of file name to :class:`ChainCheck`, with the journal alone. The frame has one row.
        """
        from attune_fit.artifact_checks import check_artifacts
        from attune_fit.data.chain_check import ChainCheck
        from attune_fit.data.journal.journal_access import JOURNAL_NAME
        from attune_fit.result_frames import build_checks_frame, convert_checks

        checks = {JOURNAL_NAME: check_artifacts(self.clinic).get(JOURNAL_NAME, ChainCheck())}
        state = "whole" if checks[JOURNAL_NAME].is_whole else "changed"
        return Result(checks, f"the journal is {state}", lambda: build_checks_frame(checks),
                      lambda: convert_checks(checks), self._list_forgotten_notes())  # fmt: skip

    def _list_forgotten_notes(self) -> tuple[str, ...]:
        """Return a note that counts the events about people without an id; empty where there are none."""
        from attune_fit.data.faults import DataFault
        from attune_fit.data.journal.current_tables import read_journal_events
        from attune_fit.data.journal.events.event_types import TYPES

        try:
            events = read_journal_events(self.clinic)
        except DataFault:  # the check names what is wrong
            return ()
        people = [(event.type, {"client": event.client_id, "therapist": event.therapist_id}) for event in events]
        n_forgotten = sum(any(ids[one] is None for one in TYPES[name].people) for name, ids in people if name in TYPES)
        if not n_forgotten:
            return ()
        are = "1 event is" if n_forgotten == 1 else f"{n_forgotten:,} events are"
        return (f"Note: {are} about a person without an id: forgotten, or deleted from the journal's table of people.",)

    def back_up_journal(self, path: Path | str) -> Result:
        """Copy the journal into one SQLite file, whatever database holds it; whole or not at all.

        Parameters
        ----------
        path : Path or str
            A new file, or an earlier backup.

        Returns
        -------
        Result
            Of a dict: ``out`` and the number of ``events``.
        """
        from attune_fit.data.journal.journal_backup import back_up
        from attune_fit.journal_records import require_journal

        self.check_output_path(Path(path))
        store = require_journal(self.clinic)
        end = back_up(store, Path(path))
        return _build_report({"out": str(path), "events": end.number})

    def restore_journal(self, path: Path | str) -> Result:
        """Take a backup as the journal, if it holds all events that the present journal has.

        Returns
        -------
        Result
            Of a dict: the file it came ``from``, and the number of ``events``, ``before`` and now.

        Raises
        ------
        DataFault
            If the backup was changed, or if it lacks an event of the present journal. Nothing is changed then.
        """
        from attune_fit.data.journal.journal_backup import restore

        self._check_current("restore a backup")
        restored = restore(self.clinic, Path(path))
        self._forget("journal_events")
        return _build_report({"from": str(path), "before": restored.n_before, "events": restored.n_events})

    def forget(self, side: PersonSide, id: str) -> Result:
        """Delete the id of a person from the journal for good; the events stay, about a person without an id.

        Parameters
        ----------
        side : {"client", "therapist", "actor"}
        id : str

        Returns
        -------
        Result
            Of a dict: ``side``, ``id`` and the number of ``events`` that are about the person.

        Raises
        ------
        DataFault
            If no event is about such a person, or the export still has the person: the restrictions of the journal
            would be lost.
        """
        from attune_fit.forgotten_people import check_not_in_export
        from attune_fit.journal_records import require_journal

        self._check_current("forget a person")
        store = require_journal(self.clinic)
        check_not_in_export(self, side, str(id))
        n_events = store.forget(side, str(id))
        self._forget("journal_events")
        return _build_report({"side": side, "id": str(id), "events": n_events})

    def start_journal_anew(self) -> Result:
        """Begin an empty journal where the earlier one is lost for good; the logs still show that it is gone.

        Returns
        -------
        Result
            Of a dict: the number of ``events``, 0.

        Raises
        ------
        DataFault
            If the journal is there.
        """
        from attune_fit.data.faults import DataFault
        from attune_fit.data.journal.journal_access import find_journal, open_journal

        self._check_current("begin a journal")
        if find_journal(self.clinic) is not None:
            fix = "Nothing was changed. An event can be taken back: attune record CLINIC undone NUMBER."
            raise DataFault.error("journal-exists", "journal", "", "the journal of this clinic is there", fix=fix)
        open_journal(self.clinic).start()
        self._forget("journal_events")
        return _build_report({"events": 0})

    def upgrade_journal(self) -> Result:
        """Give a journal that an earlier version of Attune made the tables of this version; no event changes.

        Returns
        -------
        Result
            Of a dict: the number of ``events``.
        """
        from attune_fit.journal_records import require_journal

        store = require_journal(self.clinic)
        store.upgrade()
        self._forget("journal_events")
        return _build_report({"events": _count_events(store.end())})


def _build_report(report: dict[str, Any]) -> Result:
    """Return the result of something that was done with the whole journal; its frame has one row."""
    import pandas as pd

    facts = ", ".join(f"{name} {value}" for name, value in report.items())
    return Result(report, f"journal: {facts}", lambda: pd.DataFrame([report]), lambda: report)


def _count_events(end: ChainHead | None) -> int:
    return 0 if end is None else end.number
