"""Covariates of a hypothesis test: columns of the file, levels of instrument, site and period, parts of the term."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.columns import ID_COLUMNS
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import Fault
from attune_fit.features import cell_values
from attune_fit.features.cell_comparisons import COMPARISONS
from attune_fit.features.leakage_rules import find_leakage_rule
from attune_fit.training.crossfit.level_design import build_level_design

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.sides import Sides
    from attune_fit.training.hypotheses.hypothesis import Hypothesis

NamedColumns = tuple[Sequence[str], Floats]  # names, and an array of shape (n, names)
RARE = 0.05  # share of the records: a code that is rarer, or more common, has no indicator
LEVEL, PART = "level: ", "part: "  # how the names of covariates begin that the file does not state
TERM_PARTS = "the parts of the term alone"
LEVELS = {"instrument": "instrument", "site": "site", "period": "period of the rating"}
UNKNOWN_COLUMN = re.compile(r"(clients|therapists) has no column `([^`]+)`")
REDUNDANT = 1e-8  # share of a column's length that the columns before it leave


def find_column_faults(tables: Tables, hypothesis: Hypothesis) -> tuple[Fault, ...]:
    """Return the errors about the columns of covariates and of the subgroup, the alternatives' covariates too."""
    lists = {"covariates": hypothesis.covariates}
    for number, names in enumerate(hypothesis.alternatives.covariates):
        lists[f"alternatives.covariates.{number}"] = names
    faults = [
        fault
        for place, names in lists.items()
        for name in dict.fromkeys(names)
        for fault in _check_column(tables, hypothesis, place, *name.split(".", 1), is_number=True)
    ]
    subgroup = hypothesis.subgroup
    if subgroup is not None:
        is_number = not subgroup.code
        faults += _check_column(tables, hypothesis, "subgroup", subgroup.table, subgroup.column, is_number=is_number)
    return tuple(faults)


def _check_column(
    tables: Tables, hypothesis: Hypothesis, place: str, table: str, column: str, *, is_number: bool
) -> Iterator[Fault]:
    """Yield the error of one column, if it has one."""
    frame, where = getattr(tables, table), f"hypothesis {hypothesis.name}"
    leakage = find_leakage_rule(table, column)
    if column in ID_COLUMNS:
        message = f"`{column}` is an id, so a test cannot adjust for it"
        yield Fault.error("id-as-covariate", where, place, message, fix="Name another column.")
    elif leakage is not None:
        message = f"`{column}` is known only after contact ({leakage.name}): {leakage.reason}"
        yield Fault.error("leaking-column", where, place, message, fix=leakage.fix)
    elif column not in frame:
        columns = [str(name) for name in frame.columns if name not in ID_COLUMNS]
        columns.sort(key=lambda name: frame[name].isna().all())  # those that the clinic fills come first
        fix = suggest_name(column, columns)
        yield Fault.error("unknown-column", where, place, f"{table} has no column `{column}`", fix=fix)
    elif is_number and np.isnan(cell_values.convert_to_numbers(frame[column].dropna())).any():
        message = f"column `{column}` of `{table}` holds text, but `{place.split('.')[0]}` reads numbers"
        fix = (
            f'Its numbers have a comma: add `decimal = ","` under [tables.{table}].'
            if cell_values.has_decimal_commas(frame[column])
            else "Use `code`."
            if place == "subgroup"
            else "Name a column with numbers, or map its codes to numbers."
        )
        yield Fault.error("text-read-as-number", where, place, message, fix=fix)
    elif place != "subgroup" and _is_in_term(hypothesis, table, column):
        fix = "Remove it from the covariates."
        if hypothesis.kind != "trait":
            fix += " The level of each therapist is adjusted for already."
        message = f"`{column}` is in the term, so adjusting for it leaves no effect"
        yield Fault.error("term-as-covariate", where, place, message, fix=fix)


def suggest_mapped_column(clinic: Clinic, fault: Fault) -> Fault:
    """Return an error with the column that ``clinic.toml`` reads from a header, if the hypothesis names the header."""
    found = UNKNOWN_COLUMN.search(str(fault))
    if fault.id != "unknown-column" or found is None:
        return fault
    table, header = found.groups()
    mapped = getattr(clinic.config.tables, table).columns
    column = next((name for name, one in mapped.items() if one.from_ == header), None)
    if column is None:
        return fault
    fix = "It is an id. Name a column with answers." if column in ID_COLUMNS else f"Write `{column}`."
    return replace(fault, fix=f"clinic.toml reads `{header}` as `{column}`. {fix}")


def _is_in_term(hypothesis: Hypothesis, table: str, column: str) -> bool:
    """Return whether a column is the therapist's number of the term; a covariate costs a slope on it."""
    if hypothesis.kind == "pair" or (table, column) != ("therapists", hypothesis.feature.therapist):
        return False
    feature = hypothesis.feature
    return hypothesis.kind == "trait" or (feature.threshold.therapist is None and feature.power.therapist == 1)


def take_covariates(sides: Sides, names: Sequence[str], client: Indices, therapist: Indices) -> Floats:
    """Return the covariates of some records as numbers, NaN where unknown.

    Parameters
    ----------
    sides : Sides
    names : sequence of str, length k
        Such as ``clients.phq9``.
    client, therapist : arrays of int, shape (n,)
        Row labels.

    Returns
    -------
    array of shape (n, k)
    """
    columns = np.empty((len(client), len(names)))
    for place, name in enumerate(names):
        table, column = name.split(".", 1)
        if table == "clients":
            columns[:, place] = sides.convert_to_numbers("client", column)[client]
        else:
            columns[:, place] = sides.convert_to_numbers("therapist", column)[therapist]
    return columns


def build_levels(clinic: Clinic, tables: Tables, episodes: pd.DataFrame) -> NamedColumns:
    """Build the indicators of instrument, site and period of each record.

    They are those that a training adjusts for, because the level of ratings differs between forms, sites and years.
    """
    site = clinic.config.settings.site_column
    sites = tables.clients[site].iloc[episodes["client_row"].to_numpy(np.intp)] if site in tables.clients else None
    measured_on = episodes["measured_on"].to_numpy("datetime64[D]")
    design = build_level_design(episodes["instrument"], sites, measured_on, find_main_instrument(tables, clinic))
    return [f"{LEVEL}{name}" for name in design.names], design.indicators


def build_client_parts(sides: Sides, hypothesis: Hypothesis, client: Indices) -> NamedColumns:
    """Build what a pair's comparison holds of the client alone: the client's own number, or indicators of the codes.

    A distance to an extreme therapist is the client's number in disguise, and a shared code is that of a common client.
    Codes of fewer than 5%, or of more than 95%, of the records have no indicator.
    """
    column, comparison = hypothesis.feature.client or "", COMPARISONS[hypothesis.feature.compare]
    if comparison.kind == "numbers":
        return [f"{PART}client"], sides.convert_to_numbers("client", column)[client][:, None]
    indicators = sides.build_indicators("client", column).iloc[client]
    shares = indicators.mean()
    kept = shares.index[(shares >= RARE) & (shares <= 1 - RARE)]
    return [f"{PART}client {code}" for code in kept], indicators[kept].to_numpy(float)


def describe_covariates(names: Sequence[str]) -> tuple[str, ...]:
    """Return what a test adjusts for, in words, once each; no code of a table is in them.

    >>> describe_covariates(["clients.phq9", "level: period 2024-01", "level: period 2024-07", "part: client grief"])
    ('clients.phq9', 'period of the rating', 'the parts of the term alone')
    """
    return tuple(dict.fromkeys(_describe_covariate(name) for name in names))


def _describe_covariate(name: str) -> str:
    if name.startswith(PART):
        return TERM_PARTS
    if not name.startswith(LEVEL):
        return name
    return LEVELS[name.removeprefix(LEVEL).split(" ")[0]]


def join_covariates(stated: NamedColumns, levels: NamedColumns, *parts: NamedColumns) -> tuple[tuple[str, ...], Floats]:
    """Return all covariates, each in its SD; indicators of levels stay 0 and 1.

    A column that is constant, or that those before it add up to, is left out.
    """
    blocks = [_standardize(stated[1]), levels[1], *(_standardize(columns) for _, columns in parts)]
    names = [*stated[0], *levels[0], *(name for part_names, _ in parts for name in part_names)]
    columns = np.concatenate(blocks, axis=1)
    kept = _find_independent(columns)
    return tuple(names[place] for place in kept), columns[:, kept]


def _standardize(columns: Floats) -> Floats:
    """Return each column less its mean, over its SD; 0 where it does not vary."""
    spread = columns.std(axis=0)
    standard: Floats = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return standard


def _find_independent(columns: Floats) -> list[int]:
    """Return the places of the columns that the ones before, and a constant, do not add up to."""
    basis, kept = [np.full(len(columns), 1 / np.sqrt(max(1, len(columns))))], []
    for place in range(columns.shape[1]):
        rest = columns[:, place].copy()
        length = float(np.linalg.norm(rest))
        for _ in range(2):  # twice, because rounding leaves a little after the first
            for direction in basis:
                rest -= direction * (direction @ rest)
        left = float(np.linalg.norm(rest))
        if left > REDUNDANT * length and left > 0:
            basis.append(rest / left)
            kept.append(place)
    return kept
