"""Verbs about planned trials: plan, allocate, follow, analyse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.training.trials.sealed_trial import Look, Trial
    from attune_fit.training.trials.trial_plan import TrialPlan


class TrialVerbs(ClinicSession):
    """What can be done with a planned randomised comparison of two orders of a client's list."""

    def plan_trial(
        self, plan: Path | str | TrialPlan, *, preview: bool = False, runs: int | None = None,
        out: Path | str | None = None,
    ) -> Result:  # fmt: skip
        """Compute the power of a trial by simulation, write its analysis plan, and seal both.

        Parameters
        ----------
        plan : Path, str or TrialPlan
            A TOML file, or the plan.
        preview : bool, default False
            Whether to seal nothing: to compare plans before one is chosen.
        runs : int, optional
            Simulated trials, 100 to 100,000, with and without an effect. Default: 4,000.
        out : Path or str, optional
            Write the analysis plan to this file, as Markdown.

        Returns
        -------
        Result
            Of a :class:`PlannedTrial`. The frame has one row for each planned look.

        Raises
        ------
        DataFault
            With every error of the file, or if another plan has this name. Nothing is sealed then.
        """
        from attune_fit.data.journal.journal_ends import read_journal_ends
        from attune_fit.training.trials.trial_analysis import build_analysis_plan
        from attune_fit.training.trials.trial_file import read_trial_plan
        from attune_fit.training.trials.trial_plan import TrialPlan
        from attune_fit.training.trials.trial_power import MAX_RUNS, N_RUNS, simulate_trials
        from attune_fit.training.trials.trial_records import check_plan_columns, find_first_outcomes
        from attune_fit.training.trials.trial_registry import append_plan, build_trial
        from attune_fit.trial_lists import estimate_expected_difference
        from attune_fit.trial_results import PlannedTrial, build_looks_frame

        check_at_least(100, runs=runs)
        if runs is not None and runs > MAX_RUNS:
            raise ValueError(f"runs is {runs!r}; it must be an integer <= {MAX_RUNS}.")
        plan = plan if isinstance(plan, TrialPlan) else read_trial_plan(Path(plan))
        check_plan_columns(plan, self.tables)
        if out is not None:
            self.check_output_path(Path(out))
        self._check_current("plan a trial")
        outcomes = find_first_outcomes(self.clinic, self.tables, plan)["y"].dropna().to_numpy(float)
        power = simulate_trials(plan, outcomes, n_runs=runs or N_RUNS, report_progress=self.report_progress)
        expected = estimate_expected_difference(self, plan, power.sd) if plan.outcome == "total" else None
        text, planned_on = build_analysis_plan(plan), ""
        if not preview:
            trial = append_plan(
                self.clinic.artifacts, build_trial(plan, power.to_dict(), text), read_journal_ends(self.clinic)
            )
            text, planned_on = trial.analysis_plan, trial.when[:10]
        if out is not None:
            self.write_text(Path(out), text)
        one = PlannedTrial(plan, power, expected, text, not preview, planned_on)
        return Result(one, one.summary, lambda: build_looks_frame(plan, power), one.to_dict)

    def allocate_client(self, trial: str, client_id: str) -> Result:
        """Allocate a waiting client to an arm, seal the allocation, and return the client's list.

        The arm decides the order alone: the rules decide who is on the list. A client who was allocated before keeps
        the arm, and nothing is added. The allocation is on disk before the list is returned.

        Parameters
        ----------
        trial : str
            Name of the trial.
        client_id : str

        Returns
        -------
        Result
            Of an :class:`AllocatedList`. The frame has one row for each therapist to show. Neither frame nor dict
            has the arm.

        Raises
        ------
        DataFault
            If the trial does not exist or has ended, or if the client cannot take part. Nothing is written then.
        OSError
            If the allocation cannot be sealed. No list is shown then.
        """
        import pandas as pd

        from attune_fit.artifact_checks import list_artifact_notes
        from attune_fit.training.trials.trial_registry import find_trial
        from attune_fit.trial_lists import allocate_client

        self._check_current("allocate a client")
        one, notes = allocate_client(self, find_trial(self.clinic.artifacts, str(trial)), str(client_id))
        changed = list_artifact_notes(self.clinic)
        return Result(one, one.summary, lambda: pd.DataFrame(one.to_dict()["therapists"]), one.to_dict,
                      (*changed, *notes))  # fmt: skip

    def trial_status(self, trial: str) -> Result:
        """Show how far a trial is: clients allocated, offered, started and with an outcome. Arms are not compared.

        Returns
        -------
        Result
            Of a :class:`TrialStatus`. The frame has one row.

        Raises
        ------
        DataFault
            If no trial has this name.
        """
        import pandas as pd

        from attune_fit.data.journal.journal_state import JournalState
        from attune_fit.training.trials.trial_progress import build_trial_status
        from attune_fit.training.trials.trial_records import build_trial_records
        from attune_fit.training.trials.trial_registry import find_trial

        found = find_trial(self.clinic.artifacts, str(trial))
        records = build_trial_records(self.clinic, self.tables, found)
        journal = JournalState(self.clinic, self.tables, self.journal_events, self.applied_journal.undone)
        one = build_trial_status(found, records, reversed(list(journal.iterate_events("offered"))))
        summary = f"{one.name}: {one.state}; {one.n_allocated:,} allocated, {one.n_outcomes:,} with an outcome"
        return Result(one, summary, lambda: pd.DataFrame([one.to_dict()]), one.to_dict)

    def analyse_trial(self, trial: str, *, unplanned: str = "", end: str = "") -> Result:
        """Analyse a trial at a planned look, by intention to treat, and seal the look.

        Parameters
        ----------
        trial : str
            Name of the trial.
        unplanned : str, optional
            Reason for a look that was not planned. It is sealed and marked, and it decides nothing.
        end : str, optional
            Reason why no more outcomes will come in, such as the end of recruitment; it must not depend on the
            outcomes. This look is then the last one.

        Returns
        -------
        Result
            Of a :class:`TrialAnalysis`. The frame has one row. A trial that has ended returns its last look.

        Raises
        ------
        DataFault
            If no trial has this name, if no look is due, or if an arm has fewer than 10 outcomes. Nothing is
            computed then.
        """
        from attune_fit.data.journal.journal_ends import read_journal_ends
        from attune_fit.training.trials.trial_analysis import analyse_records, choose_look
        from attune_fit.training.trials.trial_progress import compute_adherence, count_without_outcome
        from attune_fit.training.trials.trial_records import build_trial_records
        from attune_fit.training.trials.trial_registry import append_look, find_trial
        from attune_fit.trial_results import TrialAnalysis, build_look_frame

        self._check_current("analyse a trial")
        found = find_trial(self.clinic.artifacts, str(trial))
        records = build_trial_records(self.clinic, self.tables, found)
        number = choose_look(found, records.n_outcomes, unplanned=unplanned, end=end)
        if number is None:
            look: Look = found.planned_looks[-1]
        else:
            look = analyse_records(found, records, number, is_last=bool(end), why=unplanned or end)
            ends = read_journal_ends(self.clinic)
            found = append_look(self.clinic.artifacts, found.plan.name, look, len(found.looks), ends)
            look = found.looks[-1]
        one = TrialAnalysis(found, look, count_without_outcome(found, records), compute_adherence(found, records),
                            _name_unit(found), number is not None)  # fmt: skip
        return Result(one, f"{found.plan.name}: {one.conclusion}", lambda: build_look_frame(look), one.to_dict)


def _name_unit(trial: Trial) -> str:
    """Return the unit of the outcome of a trial."""
    return "share" if trial.plan.outcome == "dropout" else "POMP"
