"""From a clinic folder to checked canonical tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLES, list_columns
from attune_fit.data.clinic.tables import Tables, complete_columns, sort_canonically
from attune_fit.data.clinic.waiting_clients import is_condition_met
from attune_fit.data.fault_collector import FaultCollector, suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.reading.code_mapping import CodeBook
from attune_fit.data.reading.column_reader import SourceFile
from attune_fit.data.reading.cross_checks import check_dates, convert_birth_dates, drop_unknown_ids, find_latest_date
from attune_fit.data.reading.duplicate_rows import drop_duplicate_ids, drop_redundant_rows
from attune_fit.data.reading.files import find_file, read_file
from attune_fit.data.reading.header_match import match_headers
from attune_fit.data.reading.rating_scores import score_ratings
from attune_fit.data.reading.table_reader import MappedTable, read_table
from attune_fit.data.reading.validation import check_table
from attune_fit.data.reading.wish_columns import read_wish_columns
from attune_fit.data.reading.wish_values import check_wish_values

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.clinic.settings import Config

TABLE_ID_COLUMNS = {"clients": "client_id", "therapists": "therapist_id"}  # the two tables a clinic cannot do without


def read_tables(clinic: Clinic) -> Tables:
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
    tables, findings = _collect_tables(clinic)
    if tables is None:
        raise DataFault(findings.faults)
    return sort_canonically(tables)


def list_faults(clinic: Clinic) -> tuple[Fault, ...]:
    """Everything found while reading, what stops first; faults of the data are returned, never raised."""
    return DataFault(_collect_tables(clinic)[1].faults).faults


def _collect_tables(clinic: Clinic) -> tuple[Tables | None, FaultCollector]:
    """The tables in the order handed in, None where something must be mended first; and everything found."""
    findings = FaultCollector("clinic.toml")
    sources = {name: source for name in TABLES if (source := _read_source(clinic, name, findings.for_table(name)))}
    tables = {name: _read_columns(clinic.config, source) for name, source in sources.items()}
    as_of = clinic.config.clinic.as_of or find_latest_date(tables.values())
    tables = {name: _validate_table(clinic, source, tables[name], as_of) for name, source in sources.items()}
    whole = {name: table for name, table in tables.items() if _has_required_columns(name, table)}
    if not whole.keys() >= TABLE_ID_COLUMNS.keys():
        return None, findings  # nothing can be held against a table that is not there
    return _cross_check(clinic, sources, whole, as_of, findings), findings


def _read_source(clinic: Clinic, name: str, findings: FaultCollector) -> SourceFile | None:
    """A table's file, without the rows that say nothing; None where there is none or it cannot be read."""
    spelling: TableMapping = getattr(clinic.config.tables, name)
    path = find_file(clinic.folder, name, spelling.file, findings)
    if path is None:
        if name in TABLE_ID_COLUMNS and not findings.has_errors:
            fix = f"Put {name}.csv or {name}.parquet there, or name yours: `file` under [tables.{name}] in clinic.toml."
            findings.add_error("", "the clinic folder has no such table", fix)
        return None
    raw = read_file(path, spelling, findings)
    if raw is None:
        return None
    raw = drop_redundant_rows(raw, findings)
    if raw.empty and name in TABLE_ID_COLUMNS:
        findings.add_error(
            "", f"{path.name} has a header and no rows", "Export it again: nobody can be ranked without."
        )
        return None
    return SourceFile(name, raw, spelling, clinic.folder, findings)


def _read_columns(config: Config, source: SourceFile) -> MappedTable:
    """The columns of one table, but those that hold wishes or items."""
    apart: list[str] = []
    if source.table == "clients":
        apart = [wish.column for wish in config.tables.preferences.wishes]
    elif source.table == "outcomes" and config.tables.outcomes.items:
        numbered = match_headers(source.raw, config.tables.outcomes.items.replace("{}", "*"))
        apart = [header for number, header in numbered.items() if number.isdigit()]  # `s{}` is not `session`
    return read_table(source, apart)


def _validate_table(clinic: Clinic, source: SourceFile, table: MappedTable, as_of: dt.date) -> MappedTable:
    """Ages, scores, ranges, codes and one row for each id."""
    table = convert_birth_dates(table, source.mapping, as_of)
    if source.table == "outcomes":
        table = score_ratings(source, table, clinic.config.tables.outcomes, clinic.instruments)
    table = check_table(source.table, table, source.faults)
    key = TABLE_ID_COLUMNS.get(source.table)
    if key is None or key not in table.frame:
        return table
    return MappedTable(drop_duplicate_ids(table.frame, key, table.headers[key], source.faults), table.headers)


def _has_required_columns(name: str, table: MappedTable) -> bool:
    return all(column.name in table.frame for column in list_columns(name).values() if column.required)


def _cross_check(
    clinic: Clinic,
    sources: dict[str, SourceFile],
    tables: dict[str, MappedTable],
    as_of: dt.date,
    findings: FaultCollector,
) -> Tables | None:
    """Tables held against one another and against the day."""
    config, roster = clinic.config, complete_columns("therapists", tables["therapists"].frame)
    tables["preferences"] = _read_wishes(config, sources, tables, roster, findings.for_table("preferences"))
    seen = tables["outcomes"].frame["client_id"] if "outcomes" in tables else pd.Series(dtype="str")
    met = frozenset(seen) & frozenset(tables["clients"].frame["client_id"])
    for name in ("outcomes", "conflicts"):
        for owner, key in TABLE_ID_COLUMNS.items():
            if name in tables:
                tables[name] = drop_unknown_ids(tables[name], key, tables[owner].frame[key], findings.for_table(name))
    check_dates(tables, as_of, config.settings.roster_stale_days, findings)
    clients, therapists, preferences, outcomes, conflicts = (
        complete_columns(name, tables[name].frame if name in tables else pd.DataFrame()) for name in TABLES
    )
    _check_config(config, clients, findings)
    if findings.has_errors:
        return None
    notes = DataFault(findings.faults).faults
    return Tables(clients, therapists, preferences, outcomes, conflicts, as_of, notes, met)


def _read_wishes(
    config: Config,
    sources: dict[str, SourceFile],
    tables: dict[str, MappedTable],
    roster: pd.DataFrame,
    findings: FaultCollector,
) -> MappedTable:
    """Wishes of both kinds, in the words of the roster, of clients who are there."""
    clients, spelt = tables["clients"].frame["client_id"], config.tables.therapists.columns
    books = {normalize_code(name): CodeBook(column.codes, column.other == "keep") for name, column in spelt.items()}
    parts = [(books, tables["preferences"])] if "preferences" in tables else []
    for wish, part in read_wish_columns(sources["clients"], clients, config.tables.preferences.wishes, findings):
        parts.append(({**books, normalize_code(wish.attribute): CodeBook(wish.codes)} if wish.codes else books, part))
    read = [check_wish_values(roster, part, codes, findings) for codes, part in parts]
    frames = [drop_unknown_ids(part, "client_id", clients, findings).frame for part in read]
    return MappedTable(pd.concat(frames) if frames else pd.DataFrame(), {})


def _check_config(config: Config, clients: pd.DataFrame, findings: FaultCollector) -> None:
    """Columns that ``clinic.toml`` names outside ``[tables]``."""
    site = config.settings.site_column
    if site and site not in clients:
        findings.add_error(
            "settings.site_column", f"clients has no column `{site}`", suggest_name(site, clients.columns)
        )
    try:
        if config.waiting.where:
            is_condition_met(config.waiting.where, clients)
    except DataFault as fault:
        findings.faults.extend(fault.faults)
