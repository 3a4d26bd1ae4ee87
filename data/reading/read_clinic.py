"""From a clinic folder to checked canonical tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import word
from attune_fit.data.clinic.columns import TABLES, columns_of
from attune_fit.data.clinic.tables import Tables, complete, in_canonical_order
from attune_fit.data.clinic.waiting_clients import holds
from attune_fit.data.fault_collector import Findings, did_you_mean
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.reading.code_mapping import CodeBook
from attune_fit.data.reading.column_reader import Source
from attune_fit.data.reading.cross_checks import aged, check_days, latest, owned
from attune_fit.data.reading.duplicate_rows import one_for_each, worthwhile
from attune_fit.data.reading.files import found, load
from attune_fit.data.reading.header_match import matching
from attune_fit.data.reading.rating_scores import rated
from attune_fit.data.reading.table_reader import Mapped, mapped
from attune_fit.data.reading.validation import checked
from attune_fit.data.reading.wish_columns import wish_columns
from attune_fit.data.reading.wish_values import held_against

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.mapping_config import TableSpelling
    from attune_fit.data.clinic.settings import Config

IDS = {"clients": "client_id", "therapists": "therapist_id"}  # the two tables a clinic cannot do without


def read(clinic: Clinic) -> Tables:
    """Read and check every table.

    Returns
    -------
    Tables
        Complete, in canonical order. Single odd cells were noted and read as unknown; rows that lead nowhere were
        noted and left out.

    Raises
    ------
    DataFault
        With everything found, when anything found must be mended first.
    """
    tables, findings = _gathered(clinic)
    if tables is None:
        raise DataFault(findings.faults)
    return in_canonical_order(tables)


def faults(clinic: Clinic) -> tuple[Fault, ...]:
    """Everything found while reading, what stops first; faults of the data are returned, never raised."""
    return DataFault(_gathered(clinic)[1].faults).faults


def _gathered(clinic: Clinic) -> tuple[Tables | None, Findings]:
    """The tables in the order handed in, None where something must be mended first; and everything found."""
    findings = Findings("clinic.toml")
    sources = {name: source for name in TABLES if (source := _source(clinic, name, findings.at(name)))}
    tables = {name: _columns(clinic.config, source) for name, source in sources.items()}
    as_of = clinic.config.clinic.as_of or latest(tables.values())
    tables = {name: _typed(clinic, source, tables[name], as_of) for name, source in sources.items()}
    whole = {name: table for name, table in tables.items() if _has_needed(name, table)}
    if not whole.keys() >= IDS.keys():
        return None, findings  # nothing can be held against a table that is not there
    return _linked(clinic, sources, whole, as_of, findings), findings


def _source(clinic: Clinic, name: str, findings: Findings) -> Source | None:
    """A table's file, without the rows that say nothing; None where there is none or it cannot be read."""
    spelling: TableSpelling = getattr(clinic.config.tables, name)
    path = found(clinic.folder, name, spelling.file, findings)
    if path is None:
        if name in IDS and not findings.stopped:
            fix = f"Put {name}.csv or {name}.parquet there, or name yours: `file` under [tables.{name}] in clinic.toml."
            findings.stop("", "the clinic folder has no such table", fix)
        return None
    raw = load(path, spelling, findings)
    if raw is None:
        return None
    raw = worthwhile(raw, findings)
    if raw.empty and name in IDS:
        findings.stop("", f"{path.name} has a header and no rows", "Export it again: nobody can be ranked without.")
        return None
    return Source(name, raw, spelling, clinic.folder, findings)


def _columns(config: Config, source: Source) -> Mapped:
    """The columns of one table, but those that hold wishes or items."""
    apart: list[str] = []
    if source.table == "clients":
        apart = [wish.column for wish in config.tables.preferences.wishes]
    elif source.table == "outcomes" and config.tables.outcomes.items:
        numbered = matching(source.raw, config.tables.outcomes.items.replace("{}", "*"))
        apart = [header for number, header in numbered.items() if number.isdigit()]  # `s{}` is not `session`
    return mapped(source, apart)


def _typed(clinic: Clinic, source: Source, table: Mapped, as_of: dt.date) -> Mapped:
    """Ages, scores, ranges, codes and one row for each id."""
    table = aged(table, source.spelling, as_of)
    if source.table == "outcomes":
        table = rated(source, table, clinic.config.tables.outcomes, clinic.instruments)
    table = checked(source.table, table, source.findings)
    key = IDS.get(source.table)
    if key is None or key not in table.frame:
        return table
    return Mapped(one_for_each(table.frame, key, table.headers[key], source.findings), table.headers)


def _has_needed(name: str, table: Mapped) -> bool:
    return all(column.name in table.frame for column in columns_of(name).values() if column.required)


def _linked(
    clinic: Clinic, sources: dict[str, Source], tables: dict[str, Mapped], as_of: dt.date, findings: Findings
) -> Tables | None:
    """Tables held against one another and against the day."""
    config, roster = clinic.config, complete("therapists", tables["therapists"].frame)
    tables["preferences"] = _wishes(config, sources, tables, roster, findings.at("preferences"))
    seen = tables["outcomes"].frame["client_id"] if "outcomes" in tables else pd.Series(dtype="str")
    met = frozenset(seen) & frozenset(tables["clients"].frame["client_id"])
    for name in ("outcomes", "conflicts"):
        for owner, key in IDS.items():
            if name in tables:
                tables[name] = owned(tables[name], key, tables[owner].frame[key], findings.at(name))
    check_days(tables, as_of, config.settings.roster_stale_days, findings)
    clients, therapists, preferences, outcomes, conflicts = (
        complete(name, tables[name].frame if name in tables else pd.DataFrame()) for name in TABLES
    )
    _check_config(config, clients, findings)
    if findings.stopped:
        return None
    notes = DataFault(findings.faults).faults
    return Tables(clients, therapists, preferences, outcomes, conflicts, as_of, notes, met)


def _wishes(
    config: Config, sources: dict[str, Source], tables: dict[str, Mapped], roster: pd.DataFrame, findings: Findings
) -> Mapped:
    """Wishes of both kinds, in the words of the roster, of clients who are there."""
    clients, spelt = tables["clients"].frame["client_id"], config.tables.therapists.columns
    books = {word(name): CodeBook(column.codes, column.other == "keep") for name, column in spelt.items()}
    parts = [(books, tables["preferences"])] if "preferences" in tables else []
    for wish, part in wish_columns(sources["clients"], clients, config.tables.preferences.wishes, findings):
        parts.append(({**books, word(wish.attribute): CodeBook(wish.codes)} if wish.codes else books, part))
    read = [held_against(roster, part, codes, findings) for codes, part in parts]
    frames = [owned(part, "client_id", clients, findings).frame for part in read]
    return Mapped(pd.concat(frames) if frames else pd.DataFrame(), {})


def _check_config(config: Config, clients: pd.DataFrame, findings: Findings) -> None:
    """Columns that ``clinic.toml`` names outside ``[tables]``."""
    site = config.settings.site_column
    if site and site not in clients:
        findings.stop("settings.site_column", f"clients has no column `{site}`", did_you_mean(site, clients.columns))
    try:
        if config.waiting.where:
            holds(config.waiting.where, clients)
    except DataFault as fault:
        findings.faults.extend(fault.faults)
