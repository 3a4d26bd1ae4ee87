"""The analysis of a trial at its planned looks, by intention to treat, with the stopping rule of its plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.faults import DataFault
from attune_fit.training.trials.arm_difference import estimate_arm_difference, permute_arm_difference
from attune_fit.training.trials.sealed_trial import Look
from attune_fit.training.trials.stopping_rule import compute_boundaries

if TYPE_CHECKING:
    from attune_fit.training.trials.sealed_trial import Trial
    from attune_fit.training.trials.trial_plan import TrialPlan
    from attune_fit.training.trials.trial_records import TrialRecords

N_PERMUTATIONS = 1_999
MIN_ARM = 10  # outcomes of an arm: smaller groups are hidden
FOUND, GO_ON, NOT_SHOWN, NOT_PLANNED = "difference found", "go on", "no difference shown", "not planned"


@dataclass(frozen=True)
class DueLook:
    """The look that a trial is at.

    Attributes
    ----------
    number : int
        The planned look that can be made now, from 1; 0 if none can.
    next_at : int
        Outcomes at the next planned look; 0 if the trial has ended.
    """

    number: int
    next_at: int


def find_due_look(trial: Trial, n_outcomes: int) -> DueLook:
    """Return the planned look that is due: the last one whose number of outcomes is there, if it was not made.

    Looks that were passed over spend nothing; the later look spends what they would have spent.

    >>> from attune_fit.training.trials.trial_plan import TrialPlan
    >>> from attune_fit.training.trials.sealed_trial import Trial
    >>> arms = [{"name": "a", "order": "list"}, {"name": "b", "order": "all_at_random"}]
    >>> trial = Trial(TrialPlan(name="x", claim="x", arms=arms, n_outcomes=120, looks=[60]), 1, "")
    >>> [find_due_look(trial, n) for n in (59, 60, 130)]
    [DueLook(number=0, next_at=60), DueLook(number=1, next_at=120), DueLook(number=2, next_at=0)]
    """
    if trial.has_ended:
        return DueLook(0, 0)
    looks = trial.plan.all_looks
    reached = sum(n_outcomes >= look for look in looks)
    made = max((look.look for look in trial.planned_looks), default=0)
    following = max(reached, made)
    next_at = looks[following] if following < len(looks) else 0
    return DueLook(reached if reached > made else 0, next_at)


def choose_look(trial: Trial, n_outcomes: int, *, unplanned: str = "", end: str = "") -> int | None:
    """Return the number of the look to make, 0 for one that was not planned; None for a trial that has ended.

    Parameters
    ----------
    trial : Trial
    n_outcomes : int
    unplanned, end : str
        Reasons for a look that was not planned, and for an early end.

    Raises
    ------
    DataFault
        If no planned look is due and no reason is given, or both reasons are.
    """
    due, name = find_due_look(trial, n_outcomes), trial.plan.name
    if unplanned and end:
        message, fix = "two reasons are given", "Give one: a look that was not planned, or the end of the trial."
        raise DataFault.error("trial-two-reasons", "trials", "", message, fix=fix)
    if trial.has_ended and not unplanned:
        return None
    if end:
        return len(trial.plan.all_looks)
    if unplanned or due.number:
        return due.number if not unplanned else 0
    message = f"no look is due in `{name}`: {n_outcomes} outcomes, and the next planned look is at {due.next_at}"
    fix = (
        "Wait for more outcomes. A look that was not planned needs a reason, is marked, and decides nothing: "
        "--unplanned TEXT. If no more outcomes will come in: --end TEXT."
    )
    raise DataFault.error("trial-look-not-due", "trials", "", message, fix=fix)


def analyse_records(
    trial: Trial,
    records: TrialRecords,
    number: int,
    *,
    is_last: bool = False,
    why: str = "",
    n_permutations: int = N_PERMUTATIONS,
) -> Look:
    """Analyse the outcomes that are there.

    Parameters
    ----------
    trial : Trial
    records : TrialRecords
    number : int
        The planned look, from 1; 0 for one that was not planned: it decides nothing, and spends nothing.
    is_last : bool
        Whether this look ends the trial before its planned number of outcomes: it spends all that is left.
    why : str
        Reason of a look that was not planned, or of an early end.
    n_permutations : int
        Draws of the re-randomisation test.

    Raises
    ------
    DataFault
        If an arm has fewer than :data:`MIN_ARM` outcomes, or the outcomes are too few for the strata.
    """
    use = records.has_outcome
    y, arm, stratum = records.y[use], records.arm[use], records.stratum[use]
    _check_arms(arm)
    try:
        one = estimate_arm_difference(y, arm, stratum, records.covariates[use])
    except ValueError:
        message = f"{len(y)} outcomes are too few for the strata and covariates of the plan"
        fix = "Analyse the trial when more have come in."
        raise DataFault.error("too-few-for-strata", "trials", "", message, fix=fix) from None
    ends = is_last or number == len(trial.plan.all_looks)
    boundary = compute_boundaries(_list_fractions(trial, len(y)), trial.plan.alpha, ends=ends)[-1]
    low, high = one.compute_interval(boundary)
    within = y - np.where(arm == 0, y[arm == 0].mean(), y[arm == 1].mean())
    sd = float(np.sqrt(np.sum(within**2) / (len(y) - 2)))
    p = permute_arm_difference(y, arm, records.block[use], n_permutations, trial.seed % 2**32, stratum)
    decision = _decide(one.z, boundary, number, ends=ends)
    return Look(number, *one.n, one.estimate, low, high, one.estimate / sd if sd else 0.0, one.t, one.df, one.p, p,
                one.z, boundary, decision, why=why)  # fmt: skip


def build_analysis_plan(plan: TrialPlan) -> str:
    """Return the analysis plan as text in Markdown: all that is fixed before the first client is allocated."""
    first, second = plan.arms
    looks = ", ".join(str(look) for look in plan.all_looks)
    boundaries = compute_boundaries(tuple(look / plan.n_outcomes for look in plan.all_looks), plan.alpha)
    limits = ", ".join(f"{boundary:.2f}" for boundary in boundaries)
    rule = (
        f"Looks at {looks} outcomes, with O'Brien-Fleming alpha spending (Lan & DeMets 1983). "
        f"Planned boundaries of |z|: {limits}. A look at another number of outcomes gets its own boundary."
        if plan.has_interim_looks
        else f"One look, at {looks} outcomes. The boundary of |z| is {limits}."
    )
    blocks = " or ".join(map(str, plan.block_sizes))
    strata = ", ".join(plan.stratify_by) or "none"
    covariates = ", ".join(plan.covariates) or "none"
    unit = "share of clients" if plan.outcome == "dropout" else "POMP, 0 to 100"
    return "\n".join([
        f"# Analysis plan of the trial {plan.name}",
        "",
        f"- Claim: {plan.claim}",
        f"- Arms: {first.name} ({first.order}) and {second.name} ({second.order}), allocated 1 to 1.",
        f"- Allocation: permuted blocks of {blocks}, by a logged seed. Strata: {strata}.",
        f"- Primary outcome: {plan.outcome}, with the first therapist after the allocation. Unit: {unit}.",
        f"- Estimate: mean of {first.name} minus mean of {second.name}, adjusted for strata and covariates "
        f"({covariates}); HC2 standard error, t. An unknown covariate is the mean, with an indicator.",
        "- Intention to treat: each client counts in the arm of the allocation, whomever the client met. A client "
        "without an outcome does not count; their number is reported for each arm.",
        f"- Error rate of the whole trial: {plan.alpha:g}, two-sided. {rule}",
        "- Interval: repeated confidence interval, valid at all planned looks together.",
        "- A second p value: re-randomisation inside the blocks.",
        f"- Smallest difference of interest: {plan.smallest_effect:g} SD of the outcome.",
        "- The result is about the therapists of this clinic and the model in use; it is not about other clinics.",
        "",
    ])  # fmt: skip


def _list_fractions(trial: Trial, n: int) -> tuple[float, ...]:
    """Return the information fractions of the planned looks that were made, then of one with ``n`` outcomes.

    An earlier look with as many outcomes or more is left out: ratings were taken back since then.
    """
    earlier = (look.n for look in trial.planned_looks if look.n < n)
    return tuple(one / trial.plan.n_outcomes for one in (*earlier, n))


def _decide(z: float, boundary: float, number: int, *, ends: bool) -> str:
    if number == 0:
        return NOT_PLANNED
    if abs(z) >= boundary:
        return FOUND
    return NOT_SHOWN if ends else GO_ON


def _check_arms(arm: np.ndarray[tuple[int], np.dtype[np.intp]]) -> None:
    fewest = min(int(np.sum(arm == 0)), int(np.sum(arm == 1)))
    if fewest < MIN_ARM:
        message = f"an arm has fewer than {MIN_ARM} outcomes, and groups under {MIN_ARM} clients are hidden"
        raise DataFault.error("arm-too-small", "trials", "", message, fix="Analyse the trial when more have come in.")
