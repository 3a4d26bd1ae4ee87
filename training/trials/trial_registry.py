"""The trials of a clinic as their sealed file has them: plans, allocations and looks, one line each, never changed.

No allocation is known to anyone before its line is on disk. A line that an interruption cut off was never shown, so it
does not count.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attune_fit.data.chain_check import check_lines
from attune_fit.data.faults import DataFault
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_files import TRIALS, append_sealed
from attune_fit.data.sealed_log import LogLine, build_end_mark_path, read_end_mark, read_log
from attune_fit.training.trials.sealed_trial import Allocation, Look, Trial
from attune_fit.training.trials.trial_plan import TrialPlan

MAX_DRAWN_SEED = 2**31
PLANNED, ALLOCATED, ANALYSED = "planned", "allocated", "analysed"
Ends = Mapping[str, ChainHead]


def build_trial(plan: TrialPlan, power: Mapping[str, Any], analysis_plan: str) -> Trial:
    """Build a trial that is not sealed yet; its seed is that of the plan, or drawn by the system."""
    seed = secrets.randbelow(MAX_DRAWN_SEED) if plan.seed is None else plan.seed
    return Trial(plan, seed, "", power, analysis_plan)


def read_trials(artifacts: Path) -> dict[str, Trial]:
    """Read the trials of a clinic, by name, in the order of their plans; without a file there are none.

    Raises
    ------
    DataFault
        If the file was changed since Attune wrote it, or cannot be read: then no client is allocated.
    """
    path = artifacts / TRIALS.file
    mark = read_end_mark(path)  # read first: another run can append before the lines are read
    try:
        lines = read_log(path)
    except OSError as error:
        raise _refuse(f"it cannot be read ({error.strerror or type(error).__name__})") from None
    breaks = check_lines(lines, mark, build_end_mark_path(path).name).breaks
    if breaks:
        raise _refuse(f"it was changed since Attune wrote it: {breaks[0].message}")
    trials: dict[str, Trial] = {}
    for line in lines:
        if line.fields is not None:
            _add_line(trials, line)
    return trials


def find_trial(artifacts: Path, name: str) -> Trial:
    """Return a trial by name.

    Raises
    ------
    DataFault
        If there is none; or as :func:`read_trials`.
    """
    trials = read_trials(artifacts)
    if name in trials:
        return trials[name]
    known = ", ".join(f"`{one}`" for one in trials) or "none"
    fix = f"Planned trials: {known}. Plan one: attune trial plan CLINIC FILE."
    raise DataFault.error("trial-not-found", "trials", "", f"no trial has the name `{name}`", fix=fix)


def find_running_trial(artifacts: Path, client_id: str) -> str:
    """Return the name of the trial that a client is in and that has not ended; empty without one.

    A file that was changed gives none: the check of all artifacts reports it.
    """
    try:
        trials = read_trials(artifacts)
    except DataFault:
        return ""
    names = (name for name, trial in trials.items() if not trial.has_ended and trial.find_allocation(client_id))
    return next(names, "")


def append_plan(artifacts: Path, trial: Trial, ends: Ends | None = None) -> Trial:
    """Append the plan of a trial, once; return the trial as the file has it.

    Raises
    ------
    DataFault
        If another plan has this name; or as :func:`read_trials`.
    OSError
        If the file cannot be written. It is unchanged then.
    """

    def build() -> Iterator[dict[str, Any]]:
        known = read_trials(artifacts).get(trial.plan.name)
        if known is None:
            yield {"what": PLANNED, "trial": trial.plan.name, "when": _now(), "digest": trial.plan.digest,
                   "plan": trial.plan.to_dict(), "seed": trial.seed, "power": dict(trial.power),
                   "analysis_plan": trial.analysis_plan}  # fmt: skip
        elif known.plan.digest != trial.plan.digest:
            message = f"the trial `{trial.plan.name}` is planned already, with other keys"
            fix = "No plan is changed once it is sealed. Give the new plan another name."
            raise DataFault.error("trial-planned-otherwise", "trials", "", message, fix=fix)

    append_sealed(artifacts, TRIALS, build(), ends)
    return find_trial(artifacts, trial.plan.name)


def append_allocation(
    artifacts: Path,
    name: str,
    client_id: str,
    stratum: str,
    draft: Callable[[int], Mapping[str, Any]],
    ends: Ends | None = None,
) -> tuple[Trial, Allocation, bool]:
    """Allocate a client to the next arm of the stratum, and seal it, unless the client is allocated already.

    Between the look for an earlier allocation and the new line no other process can allocate: the file is locked.

    Parameters
    ----------
    artifacts : Path
    name : str
        Of the trial.
    client_id, stratum : str
    draft : callable
        Takes the number of the arm; returns the fields of :class:`Allocation` that depend on the list.
    ends : mapping, optional
        Ends of other chains that the line holds.

    Returns
    -------
    trial : Trial
    allocation : Allocation
        The one that is sealed: the new one, or the earlier one.
    is_new : bool

    Raises
    ------
    DataFault
        If the trial has ended or does not exist, or the client is in another trial; or as :func:`read_trials`.
    OSError
        If the file cannot be written. Then no client is allocated.
    """
    is_new = False

    def build() -> Iterator[dict[str, Any]]:
        nonlocal is_new
        trial = find_trial(artifacts, name)
        if trial.find_allocation(client_id) is not None:
            return
        check_can_allocate(read_trials(artifacts), trial, client_id)
        place, arm = trial.draw_next_arm(stratum)
        is_new = True
        yield {"what": ALLOCATED, "trial": name, "when": _now(), "client_id": client_id, "stratum": stratum,
               "place": place, "arm": trial.plan.arms[arm].name, "order": trial.plan.arms[arm].order,
               **draft(arm)}  # fmt: skip

    append_sealed(artifacts, TRIALS, build(), ends)
    trial = find_trial(artifacts, name)
    allocation = trial.find_allocation(client_id)
    if allocation is None:  # no line of this client can be missing here
        raise _refuse("the new line is not in it")
    return trial, allocation, is_new


def append_look(artifacts: Path, name: str, look: Look, n_looks_before: int, ends: Ends | None = None) -> Trial:
    """Append an analysis; return the trial as the file has it.

    Raises
    ------
    DataFault
        If another process has added a look meanwhile; or as :func:`read_trials`.
    OSError
        If the file cannot be written. It is unchanged then.
    """

    def build() -> Iterator[dict[str, Any]]:
        if len(find_trial(artifacts, name).looks) != n_looks_before:
            message = f"another command has analysed the trial `{name}` meanwhile"
            raise DataFault.error("trial-analysed-meanwhile", "trials", "", message, fix="Run the command again.")
        yield {"what": ANALYSED, "trial": name, **asdict(replace(look, when=_now()))}

    append_sealed(artifacts, TRIALS, build(), ends)
    return find_trial(artifacts, name)


def check_can_allocate(trials: Mapping[str, Trial], trial: Trial, client_id: str) -> None:
    """Check that a trial still allocates, and that the client is in no other one.

    Raises
    ------
    DataFault
        If it has ended, or the client takes part in another trial.
    """
    name = trial.plan.name
    if trial.has_ended:
        message, fix = f"the trial `{name}` has ended: no client is allocated any more", "Use `attune rank`."
        raise DataFault.error("trial-has-ended", "trials", "", message, fix=fix)
    other = next((one for one, known in trials.items() if one != name and known.find_allocation(client_id)), None)
    if other is not None:
        message = f"client {client_id} is in the trial `{other}` already"
        fix = "A client takes part in one trial only. Use `attune rank`."
        raise DataFault.error("client-in-other-trial", "trials", "", message, fix=fix)


def _add_line(trials: dict[str, Trial], line: LogLine) -> None:
    """Add what a line holds to the trials."""
    fields = dict(line.fields or {})
    what, name = fields.pop("what", ""), fields.pop("trial", "")
    try:
        if what == PLANNED:
            plan = TrialPlan.model_validate(fields["plan"])
            more = {key: fields[key] for key in ("seed", "when", "power", "analysis_plan")}
            trials[name] = Trial(plan, **more)
        elif what == ALLOCATED:
            trial, one = trials[name], Allocation(**{**fields, "shown": tuple(fields["shown"])})
            trials[name] = replace(trial, allocations=(*trial.allocations, one))
        elif what == ANALYSED:
            trials[name] = replace(trials[name], looks=(*trials[name].looks, Look(**fields)))
        else:
            raise KeyError(what)
    except (ValidationError, KeyError, TypeError):
        raise _refuse(f"line {line.number} is not as Attune writes it") from None


def _refuse(message: str) -> DataFault:
    fix = "Put it back from a backup. Until then Attune allocates no client. See: attune log CLINIC --verify."
    return DataFault.error("trials-changed", f"artifacts/{TRIALS.file}", "", message, fix=fix)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
