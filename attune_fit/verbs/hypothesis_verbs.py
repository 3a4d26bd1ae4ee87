"""Verbs about hypotheses: register one, test one, list them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.hypothesis import Hypothesis


class HypothesisVerbs(ClinicSession):
    """What can be done with hypotheses about fit."""

    def register_hypothesis(self, hypothesis: Hypothesis | Path | str, *, by: str = "") -> Result:
        """Freeze a hypothesis in the registry of the clinic, before its outcomes are looked at.

        Parameters
        ----------
        hypothesis : Hypothesis, Path or str
            The object, a file, or the name of a published hypothesis of the library.
        by : str, optional
            Who registers it; the registry keeps it.

        Returns
        -------
        Result
            Of a :class:`RegisteredHypothesis`, with the number of outcomes that are known now. The frame has one row.

        Raises
        ------
        DataFault
            If the file or a column has an error, or the same content is registered already.
        """
        from attune_fit.training.hypotheses.hypothesis_library import find_hypothesis
        from attune_fit.training.hypotheses.hypothesis_registry import HypothesisRegistry, append_hypothesis

        entry = append_hypothesis(self.clinic, self.tables, find_hypothesis(hypothesis), by)
        summary = f"{entry.name} is registered, with {entry.n_outcomes:,} of its outcomes in the tables"
        return Result(entry, summary, HypothesisRegistry((entry,)).to_frame, entry.to_dict)

    def hypotheses(self) -> Result:
        """List the registered hypotheses of the clinic.

        Returns
        -------
        Result
            Of a :class:`HypothesisRegistry`. The frame has one row for each line of the registry.
        """
        from attune_fit.training.hypotheses.hypothesis_registry import read_registry

        one = read_registry(self.clinic)
        return Result(one, f"{len(one.entries)} registered hypotheses", one.to_frame, one.to_dict)

    def test_hypothesis(
        self, hypothesis: Hypothesis | Path | str | Sequence[Hypothesis | Path | str], *, correction: str = "holm",
        out: Path | str | None = None,
    ) -> Result:  # fmt: skip
        """Test one hypothesis, or a family of them, on the clinic's records.

        Parameters
        ----------
        hypothesis : Hypothesis, path, or a sequence of these
            The file of a hypothesis, or the same as an object. Several are a family: their p values are corrected.
        correction : {"holm", "bh"}
            Of a family: Holm, or Benjamini and Hochberg.
        out : Path or str, optional
            Also write a report to this file: a page with charts if its name ends in .html, or JSON. The tests are then
            recorded in MLflow too; a note states why, if they cannot be.

        Returns
        -------
        Result
            Of a list of :class:`HypothesisResult`, in the order of the hypotheses. The frame has one row for each. The
            dict is that of the result, or a list of dicts for a family.

        Raises
        ------
        DataFault
            With every error of the files, and of the columns that they name.
        """
        from attune_fit.model_records import list_own_figures
        from attune_fit.training.hypotheses.hypothesis_family import (
            build_contents,
            check_correction,
            read_hypotheses,
            run_family,
        )
        from attune_fit.training.hypotheses.hypothesis_report import choose_hypothesis_format
        from attune_fit.training.hypotheses.hypothesis_result import build_results_frame, summarize_results
        from attune_fit.training.hypotheses.hypothesis_tracking import log_hypothesis_tests

        chosen, hypotheses, note = check_correction(correction), read_hypotheses(hypothesis), ""
        if out is not None:
            write = choose_hypothesis_format(Path(out))
            self.check_output_path(Path(out))
        results = run_family(self.clinic, self.tables, hypotheses, chosen, self.report_progress)
        own = list_own_figures(self.clinic)
        results = [replace(one, real_world=(*own, *one.real_world)) for one in results]
        if out is not None:
            self.report_progress("simulating the power of larger studies")
            contents = build_contents(self.clinic, self.tables, hypotheses, results)
            self.write_text(Path(out), write(contents))
            self.report_progress("recording the tests in MLflow")
            note = log_hypothesis_tests(self.clinic, contents, self.report_progress)
        dicts = [one.to_dict() for one in results]
        return Result(
            results, summarize_results(results), lambda: build_results_frame(results),
            lambda: dicts[0] if len(dicts) == 1 else dicts, (note,) if note else (),
        )  # fmt: skip
