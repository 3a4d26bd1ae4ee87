"""The records of a hypothesis test, as arrays: outcome, client, therapist, term and covariates of each episode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS
from attune_fit.features.sides import Sides
from attune_fit.training.hypotheses.hypothesis_feature import TermKind
from attune_fit.training.hypotheses.lab_covariates import (
    build_client_parts,
    build_levels,
    find_column_faults,
    join_covariates,
    suggest_mapped_column,
    take_covariates,
)
from attune_fit.training.hypotheses.lab_terms import (
    TermValues,
    compute_client_means,
    compute_term_values,
    find_term_faults,
)
from attune_fit.training.hypotheses.record_selection import has_caseload, select_episodes
from attune_fit.training.hypotheses.term_scaling import ColumnScale, standardize_term

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.hypothesis import Hypothesis

__all__ = ["ColumnScale", "LabRecords", "build_lab_records"]


@dataclass(frozen=True)
class LabRecords:
    """Records of a hypothesis test: one for each pair of a client and a therapist. No cell is missing.

    Attributes
    ----------
    kind : {"trait", "interaction", "pair", "surface"}
    outcome : str
        Key ``outcome`` of the hypothesis.
    y : array of shape (n,)
        The outcome in its own unit: POMP (0 to 100); 0 or 1 for ``dropout``; -100 to 100 POMP for ``change``.
    client, therapist : array of int, shape (n,)
        Row labels of the tables; they label clusters, and most labels of a table do not occur.
    covariates : array of shape (n, k)
        Standardised: mean 0 and SD 1 over the records; indicators of levels are 0 or 1. A column can be constant
        within therapists.
    covariate_names : tuple of str, length k
        The columns of the file, such as ``clients.phq9``; ``level: ...`` for instrument, site and period;
        ``part: ...`` for the lower-order parts of the term. Those of a pair are the client's mean over all therapists,
        the client's own number or codes, and both factors of ``weight_by``.
    client_variable : array of shape (n,) or None
        The client's number (of an interaction or a surface), centred as the file states, in SD over the records.
    therapist_trait : array of shape (n,) or None
        The therapist's number (of a trait, an interaction or a surface), centred, in SD over the therapists in the
        records: each counts once. Of a surface both sides are in the SD of both together.
    term : array of shape (n,)
        What the effect belongs to. A trait: ``therapist_trait``. An interaction and a surface: the product of the two
        variables, not standardised again. A pair: the value of the pair, mean 0 and SD 1 over the records.
    scales : mapping of str to ColumnScale
        Of ``client``, ``therapist`` and ``term``, each where it was standardised.
    n_dropped : mapping of str to int
        Records left out, by reason, in the order in which they were dropped.
    """

    kind: TermKind
    outcome: str
    y: Floats
    client: Indices
    therapist: Indices
    term: Floats
    covariates: Floats
    covariate_names: tuple[str, ...] = ()
    client_variable: Floats | None = None
    therapist_trait: Floats | None = None
    scales: Mapping[str, ColumnScale] = field(default_factory=dict)
    n_dropped: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def n_clients(self) -> int:
        """Number of clients in the records."""
        return len(np.unique(self.client))

    @property
    def n_therapists(self) -> int:
        """Number of therapists in the records."""
        return len(np.unique(self.therapist))

    @property
    def unit(self) -> str:
        """Unit of ``y``."""
        return "share" if self.outcome == "dropout" else "POMP"

    @property
    def client_scale(self) -> ColumnScale | None:
        """Centre and SD of the client's number in its own unit; None without one."""
        return self.scales.get("client")

    @property
    def therapist_scale(self) -> ColumnScale | None:
        """Centre and SD of the therapist's number in its own unit; None without one."""
        return self.scales.get("therapist")


def find_hypothesis_faults(clinic: Clinic, tables: Tables, hypothesis: Hypothesis) -> tuple[Fault, ...]:
    """Return the errors about every column that a hypothesis names, in the order of its keys."""
    faults = (*find_term_faults(tables, hypothesis), *find_column_faults(tables, hypothesis))
    return tuple(suggest_mapped_column(clinic, fault) for fault in faults)


def build_lab_records(clinic: Clinic, tables: Tables, hypothesis: Hypothesis) -> LabRecords:
    """Build the records of a hypothesis from a clinic's tables, complete cases only.

    Parameters
    ----------
    clinic : Clinic
    tables : Tables
    hypothesis : Hypothesis
        Its outcome, exclusions, subgroup, covariates and feature count.

    Raises
    ------
    DataFault
        With all errors: a column that is missing, holds text where a number is read, or is refused (an id, a leaking
        or an excluded column); no record at all; a variable of the term that does not vary.
    """
    faults = find_hypothesis_faults(clinic, tables, hypothesis)
    if faults:
        raise DataFault(faults)
    n_dropped: dict[str, int] = {}
    sides = Sides(tables)
    episodes = select_episodes(clinic, tables, hypothesis, n_dropped)
    values, numbers = _compute_cells(sides, hypothesis, episodes)
    kept = values.is_known & ~np.isnan(numbers).any(axis=1)
    n_dropped["a cell is unknown"] = int((~kept).sum())
    kept &= has_caseload(episodes["therapist_row"].to_numpy(np.intp), kept, hypothesis.exclusions, n_dropped)
    if not kept.any():
        raise DataFault([_build_empty_fault(hypothesis, n_dropped)])
    episodes = episodes[kept]
    return _build_arrays(clinic, sides, hypothesis, episodes, n_dropped)


def _compute_cells(sides: Sides, hypothesis: Hypothesis, episodes: pd.DataFrame) -> tuple[TermValues, Floats]:
    """Return the values of the term and the numbers of the covariates of some episodes."""
    client, therapist = (episodes[key].to_numpy(np.intp) for key in EPISODE_KEYS)
    values = compute_term_values(sides, hypothesis, client, therapist)
    return values, take_covariates(sides, hypothesis.covariates, client, therapist)


def _build_arrays(
    clinic: Clinic, sides: Sides, hypothesis: Hypothesis, episodes: pd.DataFrame, n_dropped: dict[str, int]
) -> LabRecords:
    """Return the records of complete episodes, with each variable in its SD."""
    client, therapist = (episodes[key].to_numpy(np.intp) for key in EPISODE_KEYS)
    values, numbers = _compute_cells(sides, hypothesis, episodes)
    means, of_client = None, []
    if hypothesis.kind == "pair":
        means = compute_client_means(sides, hypothesis, client, therapist)
        of_client = [build_client_parts(sides, hypothesis, client)]
    term = standardize_term(hypothesis, values, therapist, means)
    levels, parts = build_levels(clinic, sides.tables, episodes), (term.part_names, term.parts)
    names, columns = join_covariates((hypothesis.covariates, numbers), levels, parts, *of_client)
    return LabRecords(
        hypothesis.kind,
        hypothesis.outcome,
        episodes["y"].to_numpy(float),
        client,
        therapist,
        term.term,
        columns,
        names,
        term.client_variable,
        term.therapist_trait,
        term.scales,
        {reason: number for reason, number in n_dropped.items() if number},
    )


def _build_empty_fault(hypothesis: Hypothesis, n_dropped: Mapping[str, int]) -> Fault:
    """Return the error about a hypothesis without a record."""
    reasons = ", ".join(f"{number:,}: {reason}" for reason, number in n_dropped.items() if number)
    message = f"no record is left for the test{f' ({reasons})' if reasons else ''}"
    fix = "Check the outcome, the columns, the subgroup and the exclusions of the hypothesis."
    return Fault.error("no-record-for-hypothesis", f"hypothesis {hypothesis.name}", "", message, fix=fix)
