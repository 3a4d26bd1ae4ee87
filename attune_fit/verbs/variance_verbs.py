"""Verbs about variance: how much of alliance differs between therapists, clients and sessions."""

from __future__ import annotations

from pathlib import Path

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result


class VarianceVerbs(ClinicSession):
    """What the ratings of a clinic vary with."""

    def variance(
        self, *, sessions: str | tuple[int, int] = "early", scale: str = "total", out: Path | str | None = None
    ) -> Result:
        """Estimate how much of the variance of ratings is between therapists, clients, dyads and sessions.

        Parameters
        ----------
        sessions : "early", "all" or (int, int), default "early"
            The early sessions of each instrument; all sessions; or the first and the last session that count.
        scale : {"total", "goal", "task", "bond"}, default "total"
        out : Path or str, optional
            Also write the table to this file, in a format of FORMATS.

        Returns
        -------
        Result
            Of a :class:`VarianceReport`. The frame has one row for each share. Where each client has one therapist,
            client and dyad have one share.

        Raises
        ------
        DataFault
            With under 10 clients or 5 therapists, or if the file cannot be written.
        ValueError
            An unknown scale, or sessions of another kind.

        Notes
        -----
        Restricted maximum likelihood with profile intervals at 95%, as R's lme4 gives. An interval begins at exactly 0
        where a share of 0 fits.

        Examples
        --------
        >>> import attune_fit as af
        >>> result = af.simulate(clients=120, therapists=8, seed=1).workspace().variance(sessions=(1, 2))
        >>> result.to_frame()["component"].tolist(), round(float(result.to_frame()["share"].sum()), 6)
        (['therapist', 'client + dyad', 'occasion'], 1.0)
        """
        from attune_fit.data.writing.table_writer import write_frame_blocks
        from attune_fit.training.reporting.variance_report import check_request, report_variance

        check_request(sessions, scale)
        if out is not None:
            self.check_table_path(Path(out))
        report = report_variance(self.clinic, self.tables, sessions, scale)
        if out is not None:
            write_frame_blocks([report.to_frame()], Path(out))
        return Result(report, report.summary, report.to_frame, report.to_dict)
