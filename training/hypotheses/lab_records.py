"""The records of a hypothesis test, as arrays: outcome, client, therapist, term and covariates of each episode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.hypotheses.hypothesis_feature import TermKind

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.hypothesis import Hypothesis


@dataclass(frozen=True)
class ColumnScale:
    """Centre and SD of a variable in its own unit: value = centre + sd times the standardised value."""

    center: float
    sd: float


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
        ``part: ...`` for the lower-order parts of the term.
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
    from attune_fit.training.hypotheses.record_selection import select_records

    return select_records(clinic, tables, hypothesis)
