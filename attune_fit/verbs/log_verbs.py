"""Verbs about the log of what was shown: log, verify, replay."""

from __future__ import annotations

import datetime as dt

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result

Day = dt.date | str


class LogVerbs(ClinicSession):
    """What can be done with the log of the rankings and placements that were shown."""

    def log(
        self, *, last: int | None = None, client_id: str | None = None, therapist_id: str | None = None,
        since: Day | None = None, until: Day | None = None,
    ) -> Result:  # fmt: skip
        """List the rankings and placements that were shown, the latest last. The tables are not read.

        Parameters
        ----------
        last : int, optional
            How many lines the dict and the frame have. Default: all.
        client_id : str, optional
            Only the rankings for this client, and the placements that gave this client a therapist. A file of rankings
            for many clients does not name them, so it is left out. Default: all lines.
        therapist_id : str, optional
            Only the rankings in which this therapist was shown, and the placements that use this therapist.
        since, until : date or str, optional
            Only lines that were written from this day, or up to it; UTC, ISO.

        Returns
        -------
        Result
            Of a list of :class:`LogRow`: all lines, or those that were asked for. The frame has one row for each line.

        Raises
        ------
        DataFault
            If the folder or ``clinic.toml`` cannot be read, or a day.
        """
        from attune_fit.journal_records import EventFilter
        from attune_fit.matching.ranking_log import list_log_rows
        from attune_fit.result_frames import build_log_frame

        days = EventFilter.from_values(since, until, None, None)
        rows = [
            row for row in list_log_rows(self.clinic)
            if (client_id is None or row.is_about(client_id)) and (therapist_id is None or row.has_shown(therapist_id))
            and row.was_written(days.since, days.until)
        ]  # fmt: skip
        shown = rows[-(last or len(rows)) :]
        about = f" about {client_id}" if client_id is not None else ""
        return Result(rows, f"{len(rows):,} lines in the log{about}", lambda: build_log_frame(shown),
                      lambda: {"n_lines": len(rows), "lines": [row.to_dict() for row in shown]})  # fmt: skip

    def verify_log(self) -> Result:
        """Check that no line of the logs and of the ledger was changed, inserted or removed since it was written.

        The files also hold the ends of each other, so one shows where another was cut; see :func:`check_artifacts`.

        Returns
        -------
        Result
            Of a dict of file name to :class:`ChainCheck`. The frame has one row for each file.
        """
        from attune_fit.artifact_checks import check_artifacts
        from attune_fit.result_frames import build_checks_frame, convert_checks

        checks = check_artifacts(self.clinic)
        state = "whole" if all(check.is_whole for check in checks.values()) else "changed"
        return Result(checks, f"the log is {state}", lambda: build_checks_frame(checks), lambda: convert_checks(checks))

    def replay(self, line: str | None = None) -> Result:
        """Compute a logged ranking or placement again, and check that it comes out the same, byte for byte.

        The tables are read as they were then: on the day of the line, after the last event that it names.

        Parameters
        ----------
        line : str, optional
            A line as ``log`` numbers it, such as ``"12"`` or ``"a3"``. Default: the last ranking.

        Returns
        -------
        Result
            Of a :class:`ReplayedLine`.

        Raises
        ------
        DataFault
            If there is no such line, or if it comes out otherwise (with what changed since).
        """
        import pandas as pd

        from attune_fit.matching.log_replay import find_log_row, recompute_line

        line = None if line is None else str(line)
        row = find_log_row(self.clinic, line)  # before the tables, which can take long to read
        one = recompute_line(row, self.clinic, self.read_tables_at)
        return Result(one, f"line {row.line}: the same, byte for byte", lambda: pd.DataFrame([one.to_dict()]),
                      one.to_dict)  # fmt: skip
