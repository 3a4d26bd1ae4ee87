"""Verbs about what has happened: the record of one client, and how offers compare with the lists they came from."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result

Day = dt.date | str


class HistoryVerbs(ClinicSession):
    """Look back at what the tables and the journal hold. Nothing is ranked, and nothing is recorded."""

    def client(self, client_id: str) -> Result:
        """Return one client: the cells that an event can set, wishes, state, offers, and the events about the client.

        Parameters
        ----------
        client_id : str

        Returns
        -------
        Result
            Of a :class:`ClientRecord`. The frame has one row for each known cell and each wish.

        Raises
        ------
        DataFault
            If no client has this id.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> one = clinic.client("c0037").result
        >>> one.state, one.version, len(one.wishes), one.cells["formats"]
        ('waiting', 0, 0, ('video',))
        """
        from attune_fit.client_record import describe_client

        wanted = str(client_id)
        one = describe_client(self, wanted)
        texts = [str(fault) for fault in self.tables.warnings if fault.side == "clients" and wanted in fault.sets_aside]
        return Result(one, one.summary, one.to_frame, one.to_dict,
                      set_aside=tuple(f"Set aside: client {wanted}. {text}" for text in texts))  # fmt: skip

    def agreement(self, *, since: Day | None = None, until: Day | None = None, out: Path | str | None = None) -> Result:
        """Report how often the first place of a list was offered, and for which reasons another therapist was.

        Parameters
        ----------
        since, until : date or str, optional
            Only offers from this day, or up to it; ISO. Two reports whose periods differ by a few days can show what
            each hides: publish one of them.
        out : Path or str, optional
            Also write the table to this file, in a format of FORMATS.

        Returns
        -------
        Result
            Of an :class:`AgreementReport`. The frame has one row for each share. What is about fewer than 10 offers is
            hidden, and nothing is counted by person.

        Raises
        ------
        DataFault
            If a day cannot be read, or the file cannot be written.

        Notes
        -----
        The intervals are Wilson's. They hold if offers are independent; offers to one client are not quite.
        """
        from attune_fit.data.writing.table_writer import write_frame_blocks
        from attune_fit.journal_records import EventFilter
        from attune_fit.offer_agreement import report_agreement

        if out is not None:
            self.check_table_path(Path(out))
        report = report_agreement(self, EventFilter.from_values(since, until, None, None))
        if out is not None:
            write_frame_blocks([report.to_frame()], Path(out))
        return Result(report, report.summary, report.to_frame, report.to_dict, (f"Note: {report.caution}",))
