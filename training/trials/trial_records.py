"""The records of a trial as arrays: each allocated client, arm, stratum, block, outcome, and covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.fault_collector import build_unknown_column_fault
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS, compute_early_alliance
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.training.trials.allocation import compute_stratum_label

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.trials.sealed_trial import Trial
    from attune_fit.training.trials.trial_plan import TrialPlan

MAX_STRATA = 12  # codes of a column that defines strata


@dataclass(frozen=True)
class TrialRecords:
    """Allocated clients, in the order of their allocation, as allocated whomever they met (intention to treat).

    Attributes
    ----------
    client_ids : tuple of str
    arm : array of int, shape (n,)
        0 for the first arm of the plan, 1 for the second.
    stratum, block : array of int, shape (n,)
        Labels; a block is of one stratum.
    y : array of shape (n,)
        The outcome with the first therapist after the allocation, in its own unit; NaN where it is not known yet.
    therapist_ids : tuple of (str or None)
        That therapist; None before the start.
    covariates : array of shape (n, k)
        Standardised; an unknown cell is the mean, and an indicator column marks it.
    """

    client_ids: tuple[str, ...]
    arm: Indices
    stratum: Indices
    block: Indices
    y: Floats
    therapist_ids: tuple[str | None, ...]
    covariates: Floats

    @property
    def has_outcome(self) -> Bools:
        """Which clients have an outcome, shape (n,)."""
        return ~np.isnan(self.y)

    @property
    def n_outcomes(self) -> int:
        """Number of clients with an outcome."""
        return int(self.has_outcome.sum())


def build_trial_records(clinic: Clinic, tables: Tables, trial: Trial) -> TrialRecords:
    """Build the records of a trial from the current tables, with the journal in them.

    Raises
    ------
    DataFault
        If a covariate of the plan is no column with numbers any more.
    """
    check_plan_columns(trial.plan, tables)
    orders = [arm.name for arm in trial.plan.arms]
    ids = [one.client_id for one in trial.allocations]
    first = find_first_outcomes(clinic, tables, trial.plan).set_index("client_id").reindex(ids)
    blocks = [trial.find_block(one) for one in trial.allocations]
    rows = tables.clients.set_index("client_id").reindex(ids)
    return TrialRecords(
        tuple(ids),
        np.array([orders.index(one.arm) for one in trial.allocations], dtype=np.intp),
        _label([one.stratum for one in trial.allocations]),
        _label([f"{stratum} {block}" for stratum, block in blocks]),
        first["y"].to_numpy(float),
        tuple(None if pd.isna(one) else str(one) for one in first["therapist_id"]),
        _build_covariates(rows, [name.partition(".")[2] for name in trial.plan.covariates]),
    )


def find_first_outcomes(clinic: Clinic, tables: Tables, plan: TrialPlan) -> pd.DataFrame:
    """Return the outcome of each client's first episode: ``client_id``, ``therapist_id``, ``y`` (NaN where unknown).

    ``total`` is on the scale of the clinic's main instrument, POMP; ``goal``, ``task`` and ``bond`` in the POMP of
    their own instrument. ``dropout`` is 1 if a row of the episode has a yes, 0 if it has known noes alone.
    """
    main = find_main_instrument(tables, clinic)
    episodes = build_episodes(tables, clinic.instruments, main)
    first = episodes[episodes["turn"] == 0]
    ids = {side: getattr(tables, f"{side}s")[f"{side}_id"] for side in ("client", "therapist")}
    found = pd.DataFrame({
        "client_id": ids["client"].reindex(first["client_row"]).to_numpy(object),
        "therapist_id": ids["therapist"].reindex(first["therapist_row"]).to_numpy(object),
    })  # fmt: skip
    if plan.outcome == "total":
        return found.assign(y=first["pomp"].to_numpy(float))
    if plan.outcome == "dropout":
        return found.assign(y=_find_dropout(tables, found))
    early = compute_early_alliance(tables, clinic.instruments).set_index(EPISODE_KEYS)[plan.outcome]
    return found.assign(y=early.reindex(pd.MultiIndex.from_frame(first[EPISODE_KEYS])).to_numpy(float))


def find_client_stratum(plan: TrialPlan, seed: int, tables: Tables, client_id: str) -> str:
    """Return the label of a client's stratum, which holds no cell; see :func:`compute_stratum_label`."""
    rows = tables.clients[tables.clients["client_id"] == client_id]
    cells = [rows[name.partition(".")[2]].iloc[0] for name in plan.stratify_by]
    return compute_stratum_label(seed, [_format_code(cell) for cell in cells])


def check_plan_columns(plan: TrialPlan, tables: Tables) -> None:
    """Check the columns that a plan names.

    Raises
    ------
    DataFault
        With every column that `clients` does not have, that holds text where numbers are read, or that has more
        than :data:`MAX_STRATA` codes where strata are made.
    """
    faults = [*_check_columns(plan.stratify_by, "stratify_by", tables), *_check_columns(plan.covariates, "covariates",
                                                                                        tables)]  # fmt: skip
    if not faults:
        faults = [*_check_strata(plan, tables), *_check_numbers(plan, tables)]
    if faults:
        raise DataFault(faults)


def _check_columns(names: Sequence[str], key: str, tables: Tables) -> list[Fault]:
    columns = tables.clients.columns
    return [build_unknown_column_fault(key, "clients", one.partition(".")[2], columns) for one in names
            if one.partition(".")[2] not in columns or one == "clients.client_id"]  # fmt: skip


def _check_strata(plan: TrialPlan, tables: Tables) -> list[Fault]:
    message = f"it has more than {MAX_STRATA} different codes: too many for strata"
    fix = "Name a column with few codes, such as a site, or leave it out."
    return [Fault.error("too-many-strata", "clients", name.partition(".")[2], message, fix=fix)
            for name in plan.stratify_by
            if len({_format_code(cell) for cell in tables.clients[name.partition(".")[2]]}) > MAX_STRATA]  # fmt: skip


def _check_numbers(plan: TrialPlan, tables: Tables) -> list[Fault]:
    fix = "Name a column with numbers, or leave it out."
    return [Fault.error("covariate-without-numbers", "clients", name.partition(".")[2], "it holds no numbers", fix=fix)
            for name in plan.covariates
            if not pd.api.types.is_numeric_dtype(tables.clients[name.partition(".")[2]])]  # fmt: skip


def _format_code(cell: object) -> str | None:
    """Return a cell as a code; None where it is unknown."""
    if isinstance(cell, tuple | list | frozenset | set):
        return "|".join(sorted(map(str, cell))) or None
    return None if pd.isna(cell) else str(cell)  # type: ignore[call-overload]


def _find_dropout(tables: Tables, first: pd.DataFrame) -> Floats:
    """Return 1 or 0 for each first episode, NaN without a known mark."""
    marks = tables.outcomes[tables.outcomes["dropped_out"].notna()]
    keys = ["client_id", "therapist_id"]
    shares = (marks["dropped_out"] == "yes").astype(float).groupby([marks[key] for key in keys]).max()
    return np.asarray(shares.reindex(pd.MultiIndex.from_frame(first[keys])), dtype=float)


def _build_covariates(rows: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """Return standardised columns; an unknown cell is the mean, with an indicator (White & Thompson 2005)."""
    built = []
    for column in columns:
        values = rows[column].to_numpy(float, na_value=np.nan)
        is_known = ~np.isnan(values)
        if is_known.sum() < 2 or np.std(values[is_known]) == 0:
            continue
        scaled = (values - values[is_known].mean()) / np.std(values[is_known])
        built.append(np.where(is_known, scaled, 0.0))
        if not is_known.all():
            built.append((~is_known).astype(float))
    return np.column_stack(built) if built else np.empty((len(rows), 0))


def _label(texts: Sequence[str]) -> Indices:
    return np.asarray(np.unique(np.array(texts, dtype=object).astype(str), return_inverse=True)[1], dtype=np.intp)
