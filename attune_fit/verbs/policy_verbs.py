"""Verbs about the value of a policy, from the log of rankings and the journal."""

from __future__ import annotations

from pathlib import Path

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.results import Result


class PolicyVerbs(ClinicSession):
    """What the clinic's lists would have been good for."""

    def policy_value(self, *, seed: int | None = None, out: Path | str | None = None) -> Result:
        """Estimate what the first places of the clinic's lists would have given, against what was done.

        It joins the log of rankings with the therapist whom each client met after the list, and with that therapist's
        early rating. The estimate is doubly robust: it uses the logged random order inside bands, a model of the
        coordinator's choice by place, and a cross-fitted model of the rating.

        Parameters
        ----------
        seed : int, optional
            Of the folds. Default: the clinic's setting.
        out : Path or str, optional
            Also write the table to this file, in a format of FORMATS.

        Returns
        -------
        Result
            Of a :class:`PolicyValueReport`. The frame has one row for each figure. There is no estimate where the
            effective sample size is below 50, or where therapists at the first place were never chosen for such
            clients: these records cannot say.

        Raises
        ------
        DataFault
            If the log or the tables cannot be read, or the file cannot be written.
        """
        from attune_fit.data.writing.table_writer import write_frame_blocks
        from attune_fit.policy_value import report_policy_value

        check_at_least(0, seed=seed)
        if out is not None:
            self.check_table_path(Path(out))
        seed = self.clinic.config.settings.seed if seed is None else seed
        self.report_progress("Joining the log of rankings with the journal and the outcomes.")
        report = report_policy_value(self, seed)
        if out is not None:
            write_frame_blocks([report.to_frame()], Path(out))
        return Result(report, report.summary, report.to_frame, report.to_dict, (f"Note: {report.caution}",))
