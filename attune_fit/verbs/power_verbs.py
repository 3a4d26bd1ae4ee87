"""Verbs about power: how often a test of this clinic's records would find an effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attune_fit.clinic_session import ClinicSession, ReportProgress, check_at_least, ignore_progress
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.training.planning.power_plan import PowerPlan, StudySize
    from attune_fit.training.planning.power_request import PowerRequest
    from attune_fit.training.planning.study_draws import StudySource

Caseloads = Literal["uneven", "even"]
UNSEEN = "No rating of the clinic is used: only who met whom, and the numbers of the term."


class PowerVerbs(ClinicSession):
    """What can be known before data are opened."""

    def power(
        self, file: Path | str | Hypothesis | None = None, *, kind: str | None = None, effects: Sequence[Any] = (),
        therapists: Sequence[int] = (), outcomes: Sequence[int] = (), per_therapist: float | None = None,
        therapist_share: float | None = None, slope_sd: float | None = None, rate: float | None = None,
        target: float | None = None, precision: float | None = None, seed: int | None = None,
    ) -> Result:  # fmt: skip
        """Simulate how often the lab's test finds an effect, among people and caseloads like those of this clinic.

        Parameters
        ----------
        file : Path, str or Hypothesis, optional
            The hypothesis, or the name of one of the library. Its numbers of clients and therapists come from the
            tables, and the effect is its smallest effect of interest. Default: normal numbers, and the caseloads of the
            clinic.
        kind : {"interaction", "trait", "pair"}, optional
            Kind of term, without a hypothesis. Default: ``interaction``.
        effects : sequence of float, optional
            SD of the outcome for one SD of the term; 0 gives the rate of false alarms. Default: .05, .10, .15.
        therapists, outcomes : sequences of int, optional
            Sizes: each number of therapists with each total number of outcomes. Default: the clinic's own size, and 10,
            20, 40 and 100 therapists with the clinic's caseload. Before the first outcome, the clinic's own size is one
            outcome of each client in the tables.
        per_therapist : float, optional
            Outcomes of each therapist, instead of ``outcomes``.
        therapist_share : float, default .05
            Share of the outcome's variance between therapists.
        slope_sd : float, default .10
            SD over therapists of the slope of an interaction, for other reasons than the trait, or of the effect of a
            pair feature.
        rate : float, optional
            Of an outcome that is yes or no: the share of clients with it. Default: the outcome is a number; for
            ``dropout``, the published share.
        target : float, default .80
            Power that counts as enough.
        precision : float, default .0125
            Monte Carlo standard error at which each simulation stops.
        seed : int, optional
            Default: that of the hypothesis, else the clinic's setting.

        Returns
        -------
        Result
            Of a :class:`PowerPlan`. The frame has one row for each effect and size.

        Raises
        ------
        DataFault
            With every error of the request and of the hypothesis; and for an effect that is taken from the data.
        """
        from attune_fit.data.faults import DataFault
        from attune_fit.training.hypotheses.planned_population import (
            build_planned_population,
            is_estimate_of_records,
            read_caseloads,
        )
        from attune_fit.training.planning.power_plan import StudySize
        from attune_fit.training.planning.power_request import build_observed_fault
        from attune_fit.training.planning.study_sources import NormalPopulation

        check_at_least(0, seed=seed)
        hypothesis = _read_hypothesis(file)
        request = _build_request(
            hypothesis, kind=kind, effects=effects, therapists=therapists, outcomes=outcomes, caseload=per_therapist,
            therapist_share=therapist_share, slope_sd=slope_sd, rate=rate, target=target, precision=precision,
        )  # fmt: skip
        request.check()
        if hypothesis is not None:
            source: StudySource
            source, own, records = build_planned_population(self.clinic, self.tables, hypothesis)
            if records is not None and any(is_estimate_of_records(one, records) for one in request.list_effects()):
                raise DataFault([build_observed_fault()])
            words = "clients and therapists of the records that the test would use"
            if own is None:  # before the first outcome: the study that these tables could become
                own = StudySize(source.n_therapists, max(len(self.tables.clients), source.n_therapists))
                words = "clients and therapists of the tables; one outcome of each client, equal caseloads"
            seed = hypothesis.seed if seed is None else seed
        else:
            caseloads = read_caseloads(self.clinic, self.tables)
            own = StudySize(len(caseloads), int(caseloads.sum())) if len(caseloads) else None
            source = NormalPopulation(caseloads if own else None)
            words = f"normal numbers; caseloads {'of this clinic' if own else 'as uneven as in synthetic clinics'}"
        seed = self.clinic.config.settings.seed if seed is None else seed
        return _simulate(request, source, words, own, seed, self.report_progress, (UNSEEN,))


def simulate_study_power(
    file: Path | str | Hypothesis | None = None, *, kind: str | None = None, effects: Sequence[Any] = (),
    therapists: Sequence[int] = (), outcomes: Sequence[int] = (), per_therapist: float | None = None,
    caseloads: Caseloads = "uneven", therapist_share: float | None = None, slope_sd: float | None = None,
    rate: float | None = None, target: float | None = None, precision: float | None = None, seed: int | None = None,
    report_progress: ReportProgress | None = None,
) -> Result:  # fmt: skip
    """Simulate how often the lab's test finds an effect, without a clinic: all numbers are normal.

    Parameters
    ----------
    file : Path, str or Hypothesis, optional
        Gives the kind of term, the smallest effect of interest, the level, and the seed.
    caseloads : {"uneven", "even"}
        Whether caseloads differ as in synthetic clinics.
    report_progress : callable, optional
        Receives the name of each step, such as ``print``.
    kind, effects, therapists, outcomes, per_therapist, therapist_share, slope_sd, rate, target, precision, seed
        As in :meth:`Workspace.power`; the default of ``per_therapist`` is 25, that of ``seed`` is 0.

    Returns
    -------
    Result
        Of a :class:`PowerPlan`. The frame has one row for each effect and size.

    Raises
    ------
    DataFault
        As :meth:`Workspace.power`.

    Examples
    --------
    >>> import attune_fit as af
    >>> result = af.simulate_study_power(effects=[0.10], therapists=[20], precision=0.025)
    >>> result.to_frame()[["therapists", "outcomes", "effect"]].to_dict("records")
    [{'therapists': 20, 'outcomes': 500, 'effect': 0.1}]
    """
    from attune_fit.training.planning.study_sources import NormalPopulation

    check_at_least(0, seed=seed)
    hypothesis = _read_hypothesis(file)
    request = _build_request(
        hypothesis, kind=kind, effects=effects, therapists=therapists, outcomes=outcomes, caseload=per_therapist,
        therapist_share=therapist_share, slope_sd=slope_sd, rate=rate, target=target, precision=precision,
    )  # fmt: skip
    default_seed = 0 if hypothesis is None else hypothesis.seed
    source, words = NormalPopulation(is_uneven=caseloads == "uneven"), f"normal numbers; {caseloads} caseloads"
    seed = default_seed if seed is None else seed
    return _simulate(request, source, words, None, seed, report_progress or ignore_progress)


def _read_hypothesis(file: Path | str | Hypothesis | None) -> Hypothesis | None:
    """Return the hypothesis of a file or of the library, or the one that was given."""
    from attune_fit.training.hypotheses.hypothesis_library import find_hypothesis

    return None if file is None else find_hypothesis(file)


def _build_request(hypothesis: Hypothesis | None, **given: Any) -> PowerRequest:
    """Return the request: what was given, then what the hypothesis states, then the defaults."""
    from attune_fit.data.published_statistics import read_published_statistics
    from attune_fit.training.hypotheses.planned_population import choose_planned_kind
    from attune_fit.training.planning.power_request import PowerRequest

    stated: dict[str, Any] = {}
    if hypothesis is not None:
        sign = -1 if hypothesis.direction == "-" else 1
        kind, effect = choose_planned_kind(hypothesis.kind), sign * hypothesis.smallest_effect
        stated = {"kind": kind, "effects": [effect], "alpha": hypothesis.alpha}
        if hypothesis.outcome == "dropout":
            stated["rate"] = read_published_statistics()["dropout_share"].value
    lists = {name: list(given.pop(name)) for name in ("effects", "therapists", "outcomes")}
    known = {
        **{name: one for name, one in given.items() if one is not None},
        **{name: one for name, one in lists.items() if one},
    }
    return replace(PowerRequest(), **{**stated, **known})


def _simulate(
    request: PowerRequest, source: StudySource, words: str, own: StudySize | None, seed: int,
    report_progress: ReportProgress, notes: tuple[str, ...] = (),
) -> Result:  # fmt: skip
    """Return the result of a request."""
    import pandas as pd

    from attune_fit.training.planning.power_plan import simulate_power_plan
    from attune_fit.training.planning.power_sentences import describe_answer

    assumed = request.set_up(own)
    plan: PowerPlan = simulate_power_plan(
        assumed, source, effects=request.list_effects(), sizes=request.list_sizes(own), population=words, own_size=own,
        precision=request.precision, target=request.target, seed=seed, report_progress=report_progress,
    )  # fmt: skip
    rows = [{name: one for name, one in cell.items() if name != "failures"} for cell in plan.to_dict()["cells"]]
    return Result(plan, describe_answer(plan), lambda: pd.DataFrame(rows), plan.to_dict, notes)
