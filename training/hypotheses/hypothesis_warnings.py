"""Warnings about a hypothesis test: signs of a leak, a term that Attune uses already, and records that are too few."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.small_cells import suppress_small_count
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.training.hypotheses.hypothesis_result import HypothesisWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.held_out_gain import HeldOutGain
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.training.hypotheses.lab_records import LabRecords
    from attune_fit.training.hypotheses.specification_curve import Specification

MAX_TERM_R2 = 0.05  # a whole therapist effect explains about 5%, so one term about a pair explains less
FISHER_95 = 1.959964  # standard errors on each side of Fisher's z
MAX_FEATURE_R = 0.80  # a feature that correlates more with the term has nearly the same content
MAX_OUTCOME_R = 0.70  # |r| of an intake number with an outcome; above it the number is a copy of the outcome
MIN_KNOWN_RECORDS = 30  # for a correlation with a feature
MIN_THERAPISTS = 10
MIN_OWN_SHARE = 0.25  # of a pair term's variance, inside therapists and without covariates
MAX_DROPPED_SHARE = 0.30
UNKNOWN_CELL = "a cell is unknown"  # reasons under which LabRecords counts dropped records
LATE_INTAKE = "the intake is after the first rating"


def list_warnings(
    hypothesis: Hypothesis, records: LabRecords, gain: HeldOutGain | None, tables: Tables, features: Sequence[Feature],
    analyses: Sequence[Specification] = (),
) -> tuple[HypothesisWarning, ...]:  # fmt: skip
    """Return what to check before the result is believed; empty without a warning.

    Parameters
    ----------
    hypothesis : Hypothesis
    records : LabRecords
        Of the main analysis.
    gain : HeldOutGain or None
    tables : Tables
    features : sequence of Feature
        Those that the clinic's model uses.
    analyses : sequence of Specification, optional
        Those that were declared, with their numbers of records.
    """
    return (
        *_warn_implausible_gain(gain),
        *_warn_published_figure(hypothesis),
        *_warn_outcome_copy(records),
        *_warn_late_intake(records),
        *_warn_double_counting(hypothesis, records, tables, features),
        *_warn_few_therapists(records),
        *_warn_little_variation(records),
        *_warn_dropped(records),
        *_warn_single_analysis(hypothesis),
        *_warn_repeated_analyses(analyses),
    )


def compute_lowest_plausible_r2(r2: float, n: int) -> float:
    """Return the lower end of the 95% interval of a share of variance, from ``n`` independent pairs; 0 if it is small.

    >>> round(compute_lowest_plausible_r2(0.24, 65), 2), compute_lowest_plausible_r2(0.04, 65)
    (0.08, 0.0)
    """
    if n <= 3:
        return 0.0
    low = np.tanh(np.arctanh(min(r2, 1 - 1e-9) ** 0.5) - FISHER_95 / (n - 3) ** 0.5)
    return float(max(low, 0.0) ** 2)


def _warn_implausible_gain(gain: HeldOutGain | None) -> Iterator[HypothesisWarning]:
    """Warn of a held-out gain whose whole interval is above what one term can explain."""
    if gain is None or gain.low <= MAX_TERM_R2**0.5:
        return
    text = (
        f"The term explains {gain.r**2:.0%} of the held-out variance, and the lower end of the interval is "
        f"{gain.low**2:.0%}. The whole difference between therapists explains about {MAX_TERM_R2:.0%}. This is a leak "
        "or an artefact until proven otherwise. Look for a column written after first contact, or ids joined wrongly."
    )
    yield HypothesisWarning("implausible-held-out-gain", text)


def _warn_published_figure(hypothesis: Hypothesis) -> Iterator[HypothesisWarning]:
    """Warn of a published share of variance that is implausible for its sample."""
    r2, n = hypothesis.published_r2, hypothesis.published_n
    if r2 is None or n is None or (low := compute_lowest_plausible_r2(r2, n)) <= MAX_TERM_R2:
        return
    text = (
        f"The source reports {r2:.0%} of the variance out of sample, from {n:,} pairs. The interval of such a figure "
        f"begins at {low:.0%}, and the whole difference between therapists explains about {MAX_TERM_R2:.0%}. Suspect a "
        "leak: a choice of features on all records, or records of one pair in training and test."
    )
    yield HypothesisWarning("implausible-published-figure", text)


def _warn_outcome_copy(records: LabRecords) -> Iterator[HypothesisWarning]:
    """Warn of a number that nearly equals the outcome."""
    parts = {"term": records.term, "client's number": records.client_variable}
    columns = zip(records.covariate_names, records.covariates.T, strict=True)
    parts |= {f"covariate {name}": column for name, column in columns if not name.startswith(("part", "level"))}
    for name, values in parts.items():
        if values is not None and abs(r := _correlate(values, records.y)) > MAX_OUTCOME_R:
            text = (
                f"The {name} correlates with the outcome at r = {r:.2f}. An intake answer does not reach that. Check "
                "that the column was written before the first session."
            )
            yield HypothesisWarning("outcome-copy", text)


def _warn_late_intake(records: LabRecords) -> Iterator[HypothesisWarning]:
    n = records.n_dropped.get(LATE_INTAKE, 0)
    if n:
        text = (
            f"{_count(n).capitalize()} records were excluded, because the client's answers are dated after the first "
            "rating. Such answers can contain the outcome. `attune check` lists the rows."
        )
        yield HypothesisWarning("late-intake", text)


def _warn_double_counting(
    hypothesis: Hypothesis, records: LabRecords, tables: Tables, features: Sequence[Feature]
) -> Iterator[HypothesisWarning]:
    """Warn of features of the clinic's model with nearly the same content."""
    used = [one for one in features if one.side != "client"]
    pairs = Pairs.from_rows(Sides(tables), records.client, records.therapist)
    values = PairFrame.from_pairs(pairs, used).values.T
    rows = [(one, _correlate(column, records.term)) for one, column in zip(used, values, strict=True)]
    near = [f"`{one.name}` (r = {r:.2f})" for one, r in rows if abs(r) > MAX_FEATURE_R]
    same = [f"`{one.name}`" for one, r in rows if abs(r) <= MAX_FEATURE_R and _has_same_columns(one, hypothesis)]
    advice = "A model with the term and these features counts the same content twice."
    if near:
        text = f"Features of the model with nearly the same values as the term: {', '.join(near)}. {advice}"
        yield HypothesisWarning("double-counting", text)
    if same:
        text = f"Features of the model that read the same columns: {', '.join(same)}. {advice}"
        yield HypothesisWarning("same-columns", text)


def _has_same_columns(feature: Feature, hypothesis: Hypothesis) -> bool:
    """Return whether a feature reads exactly the columns of the hypothesis."""
    key = hypothesis.feature
    client = {one for one in (key.client, key.weight_by) if one}
    return set(feature.client) - {PREFERENCES_TABLE} == client and set(feature.therapist) == {key.therapist}


def _warn_few_therapists(records: LabRecords) -> Iterator[HypothesisWarning]:
    if records.n_therapists < MIN_THERAPISTS:
        text = (
            f"Only {records.n_therapists} therapists are in the records. The number of therapists decides what a test "
            "can find, not the number of clients. `attune power` shows how many it takes."
        )
        yield HypothesisWarning("few-therapists", text)


def _warn_dropped(records: LabRecords) -> Iterator[HypothesisWarning]:
    """Warn of many records with unknown cells: those that remain can differ from them."""
    dropped = records.n_dropped.get(UNKNOWN_CELL, 0)
    n = dropped + len(records)
    if dropped > MAX_DROPPED_SHARE * n:
        text = (
            f"{_count(dropped).capitalize()} of {_count(n)} records have an unknown cell and were left out. The "
            "records that remain can differ from them."
        )
        yield HypothesisWarning("many-unknown", text)


def _warn_single_analysis(hypothesis: Hypothesis) -> Iterator[HypothesisWarning]:
    other = hypothesis.alternatives
    if not (other.covariates or other.outcomes or other.exclusions):
        text = (
            "The file declares one analysis only, so the specification curve has one point. List other defensible "
            "analyses under `[alternatives]`."
        )
        yield HypothesisWarning("single-analysis", text)


def _count(number: int) -> str:
    """Return a number of records as the report can show it: small counts are hidden."""
    shown = suppress_small_count(number)
    return f"{shown:,}" if isinstance(shown, int) else shown


def _warn_repeated_analyses(analyses: Sequence[Specification]) -> Iterator[HypothesisWarning]:
    """Warn of exclusions that leave out no record: the analyses with them repeat the ones without."""
    counts = {(one.outcome, one.covariates, frozenset(one.exclusions)): one.n for one in analyses}
    for name in dict.fromkeys(name for one in analyses for name in one.exclusions):
        steps = [
            counts[outcome, covariates, exclusions - {name}] - n
            for (outcome, covariates, exclusions), n in counts.items()
            if name in exclusions and (outcome, covariates, exclusions - {name}) in counts
        ]
        if steps and not any(steps):
            text = f"The exclusion `{name}` leaves out no record, so the analyses with it repeat those without it."
            yield HypothesisWarning("repeated-analyses", text)


def _warn_little_variation(records: LabRecords) -> Iterator[HypothesisWarning]:
    """Warn of a pair term that is nearly the sum of what its test adjusts for: its effect is hardly measured."""
    if records.kind != "pair" or np.ptp(records.term) == 0:
        return
    columns = _centre_within(np.column_stack([records.term, records.covariates]), records.therapist)
    term, others = columns[:, 0], columns[:, 1:]
    rest = term - others @ np.linalg.lstsq(others, term, rcond=None)[0]
    share = float(rest.var() / records.term.var())
    if share < MIN_OWN_SHARE:
        text = (
            f"Therapists and covariates, such as the client's own number, explain {1 - share:.0%} of the term. The "
            f"test uses the other {share:.0%} only, so the interval is wide."
        )
        yield HypothesisWarning("little-variation", text)


def _centre_within(columns: Floats, therapist: Indices) -> Floats:
    """Return each column less the mean of its therapist."""
    counts = np.maximum(np.bincount(therapist), 1)
    means = np.column_stack([np.bincount(therapist, column) / counts for column in columns.T])
    return np.asarray(columns - means[therapist])


def _correlate(values: Floats, other: Floats) -> float:
    """Return the correlation over records where ``values`` are known; 0 with few of them or without variation."""
    known = np.isfinite(values)
    if known.sum() < MIN_KNOWN_RECORDS or np.ptp(values[known]) == 0 or np.ptp(other[known]) == 0:
        return 0.0
    return float(np.corrcoef(values[known], other[known])[0, 1])
