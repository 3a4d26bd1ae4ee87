"""The people of a clinic for power before data: who could be in a study of a hypothesis. No outcome is used."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from attune_fit.data.arrays import Counts
from attune_fit.data.faults import DataFault
from attune_fit.features.sides import Sides
from attune_fit.training.hypotheses.effect_estimates import estimate_effect
from attune_fit.training.hypotheses.lab_covariates import build_client_parts
from attune_fit.training.hypotheses.lab_outcomes import compute_lab_outcomes
from attune_fit.training.hypotheses.lab_records import LabRecords, build_lab_records
from attune_fit.training.hypotheses.lab_terms import compute_client_means, compute_term_values
from attune_fit.training.hypotheses.term_scaling import standardize_term
from attune_fit.training.planning.planned_study import PlannedKind, PlannedStudy
from attune_fit.training.planning.power_plan import StudySize
from attune_fit.training.planning.simulated_power import simulate_cell
from attune_fit.training.planning.study_sources import ClinicPopulation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.training.hypotheses.hypothesis_feature import TermKind

MAX_CLIENTS = 200  # drawn for each therapist where the clinic has no outcome yet
TOO_FEW = {"no-record-for-hypothesis", "constant-term"}  # of a clinic that has no outcome yet, or only some
COPIED_DECIMALS = 3  # an effect with so many decimals was hardly chosen beforehand
PARTS = "part: "  # how the covariates begin that belong to the term itself
CURVE_THERAPISTS = (10, 20, 40, 80, 160)


class PlannedPopulation(NamedTuple):
    """Who could be in a study.

    Attributes
    ----------
    source : ClinicPopulation
    own_size : StudySize or None
        Of the records that the test would use; None if there is none yet.
    records : LabRecords or None
        Those records.
    """

    source: ClinicPopulation
    own_size: StudySize | None
    records: LabRecords | None


def choose_planned_kind(kind: TermKind) -> PlannedKind:
    """Return the kind of term that is simulated: the product of a surface, and each other term itself."""
    return "interaction" if kind == "surface" else kind


def build_planned_population(clinic: Clinic, tables: Tables, hypothesis: Hypothesis) -> PlannedPopulation:
    """Return the people of a clinic in whom a hypothesis could be tested.

    They are those of the records that the test would use. Before the first outcomes, they are clients of the tables,
    each of whom could meet every therapist; caseloads are then equal.

    Raises
    ------
    DataFault
        With every error of the hypothesis in this clinic.
    """
    try:
        records = build_lab_records(clinic, tables, hypothesis)
    except DataFault as error:
        if not {fault.id for fault in error.faults} <= TOO_FEW:
            raise
        return PlannedPopulation(_cross_tables(tables, hypothesis), None, None)
    return PlannedPopulation(convert_records(records), StudySize(records.n_therapists, len(records)), records)


def convert_records(records: LabRecords) -> ClinicPopulation:
    """Return the people of the records of a test; their outcomes are not read."""
    is_pair = records.kind == "pair"
    parts = [place for place, name in enumerate(records.covariate_names) if is_pair and name.startswith(PARTS)]
    return ClinicPopulation.from_records(
        records.therapist,
        client_variable=records.client_variable,
        pair_value=records.term if is_pair else None,
        trait=records.therapist_trait,
        parts=records.covariates[:, parts],
    )


def is_estimate_of_records(effect: float, records: LabRecords) -> bool:
    """Return whether an effect is the estimate from these records, copied with three or more decimals.

    A round effect, such as .10, can be equal to an estimate by chance, so it is not looked up: then no outcome is read.
    """
    decimals = -int(Decimal(repr(effect)).normalize().as_tuple().exponent)
    return decimals >= COPIED_DECIMALS and round(estimate_effect(records).estimate, decimals) == effect


def read_caseloads(clinic: Clinic, tables: Tables) -> Counts:
    """Return the number of rated episodes of each therapist who has one, shape (therapists,)."""
    episodes = compute_lab_outcomes(clinic, tables, "total")
    rated = episodes.loc[episodes["y"].notna(), "therapist_row"]
    return np.unique(rated.to_numpy(), return_counts=True)[1].astype(np.int64)


def simulate_curve(
    records: LabRecords, hypothesis: Hypothesis, therapists: Sequence[int] = CURVE_THERAPISTS
) -> list[dict[str, float]]:
    """Simulate the power of a hypothesis by the number of therapists, for people like those of its records.

    Returns
    -------
    list of dict
        ``therapists``, ``outcomes``, ``power``, ``low``, ``high``: at the smallest effect of interest and at the
        caseload of the records; one row for each number, and one for the clinic's own.
    """
    source, rows = convert_records(records), []
    for number in sorted({*therapists, records.n_therapists}):
        study = PlannedStudy(
            choose_planned_kind(records.kind),
            hypothesis.smallest_effect,
            number,
            round(number * len(records) / records.n_therapists),
            alpha=hypothesis.alpha,
        )
        cell = simulate_cell(study, source, seed=hypothesis.seed, precision=0.02)
        low, high = cell.interval
        size = {"therapists": number, "outcomes": study.outcomes}
        rows.append({**size, "power": cell.power, "low": low, "high": high})
    return rows


def _cross_tables(tables: Tables, hypothesis: Hypothesis) -> ClinicPopulation:
    """Return the people of a clinic without outcomes: every therapist with the same number of its clients."""
    sides, rng = Sides(tables), np.random.default_rng(hypothesis.seed)
    n_clients, n_therapists = len(tables.clients), len(tables.therapists)
    drawn = [rng.permutation(n_clients)[:MAX_CLIENTS] for _ in range(n_therapists)]
    client = np.concatenate([*drawn, np.empty(0)]).astype(np.intp)
    therapist = np.repeat(np.arange(n_therapists), [len(rows) for rows in drawn])
    values = compute_term_values(sides, hypothesis, client, therapist)
    known = values.is_known
    client, therapist = client[known], therapist[known]
    if not len(client):
        message, fix = "no client and no therapist has the cells of the term", "Name columns that are filled in."
        raise DataFault.error("no-cell-for-power", f"hypothesis {hypothesis.name}", "feature", message, fix=fix)
    values = compute_term_values(sides, hypothesis, client, therapist)
    is_pair = hypothesis.kind == "pair"
    means = compute_client_means(sides, hypothesis, client, therapist) if is_pair else None
    term = standardize_term(hypothesis, values, therapist, means)
    return ClinicPopulation.from_records(
        therapist,
        client_variable=term.client_variable,
        pair_value=term.term if is_pair else None,
        trait=term.therapist_trait,
        parts=np.column_stack([term.parts, build_client_parts(sides, hypothesis, client)[1]]) if is_pair else None,
    )
