"""Reading of a clinic folder: its files become checked canonical tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.clinic_day import TableDay, find_today
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, TABLES, list_columns
from attune_fit.data.clinic.mapping_config import OutcomesMapping
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.data.fault_collector import FaultCollector, build_unknown_column_fault
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.sql_tables import SqlReader
from attune_fit.data.outcomes.openings import list_opening_records
from attune_fit.data.reading.checks.content_checks import check_contents
from attune_fit.data.reading.checks.cross_checks import (
    check_dates,
    convert_birth_dates,
    find_latest_date,
    mask_future_checks,
)
from attune_fit.data.reading.checks.known_ids import drop_unknown_ids
from attune_fit.data.reading.checks.validation import check_table, drop_rows_without_id
from attune_fit.data.reading.checks.waiting_checks import list_waiting_warnings
from attune_fit.data.reading.checks.wished_codes import find_cells_with_wished_words
from attune_fit.data.reading.columns.code_mapping import CodeBook, list_code_books
from attune_fit.data.reading.columns.set_separators import mask_compared_separators
from attune_fit.data.reading.columns.shared_times import match_times
from attune_fit.data.reading.columns.source_file import SourceFile
from attune_fit.data.reading.columns.table_reader import MappedTable, read_table
from attune_fit.data.reading.mapping_report import FileReading, list_file_readings
from attune_fit.data.reading.presets.preset_reader import FilledTable, read_presets
from attune_fit.data.reading.ratings.rating_scores import score_ratings
from attune_fit.data.reading.rows.absent_tables import check_unread_sheets
from attune_fit.data.reading.rows.duplicate_rows import drop_duplicate_ids
from attune_fit.data.reading.rows.header_match import find_header, match_headers
from attune_fit.data.reading.set_aside import (
    drop_unusable_scores,
    find_unreadable_cells,
    list_people_set_aside,
    list_treatments,
)
from attune_fit.data.reading.shapes.table_parts import (
    check_part_columns,
    drop_repeated_visits,
    list_wish_headers,
    merge_tables,
    split_table,
)
from attune_fit.data.reading.table_sources import read_source
from attune_fit.data.reading.wishes.wish_columns import read_wish_columns
from attune_fit.data.reading.wishes.wish_values import WishChecker

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import Config


def read_tables(clinic: Clinic, as_of: TableDay = None) -> Tables:
    """Return all tables of a clinic, checked and in canonical order.

    Parameters
    ----------
    clinic : Clinic
    as_of : date or "latest", optional
        Day of the tables, in place of the one in ``clinic.toml``. Default: the day of :func:`find_today`. With
        ``latest`` it is ``as_of`` of ``clinic.toml``, or else the latest date in the tables: the default of earlier
        versions, which recomputes what they logged.

    Returns
    -------
    Tables
        With every canonical column. Bad cells are missing and rows with unknown ids are dropped; each is a warning.

    Raises
    ------
    DataFault
        With all errors and warnings, if there is any error.
    """
    tables, collector = _collect_tables(clinic, as_of)
    if tables is None:
        raise DataFault(collector.located_faults, collector.files)
    return sort_canonically(tables)


def list_faults(clinic: Clinic) -> tuple[Fault, ...]:
    """Return all errors and warnings of a clinic's tables, errors first. Faults of the tables are never raised."""
    return DataFault(_collect_tables(clinic)[1].located_faults).faults


def _collect_tables(clinic: Clinic, day: TableDay = None) -> tuple[Tables | None, FaultCollector]:
    """Return the tables in the order of the files, None if there are errors; and the collector of all faults."""
    collector = _build_collector(clinic)
    clinic, filled = read_presets(clinic, collector)
    return _check_all(clinic, *_read_all(clinic, filled, collector), day, collector), collector


def read_mapping(clinic: Clinic, day: TableDay = None) -> tuple[FileReading, ...]:
    """Return how each file was read, header by header, also where the tables have errors.

    Parameters
    ----------
    clinic : Clinic
    day : date or "latest", optional
        As ``as_of`` of :func:`read_tables`.
    """
    collector = _build_collector(clinic)
    clinic, filled = read_presets(clinic, collector)
    sources, tables = _read_all(clinic, filled, collector)
    _check_all(clinic, sources, dict(tables), day, collector)
    return tuple(list_file_readings(clinic, sources, tables, filled, collector))


def _build_collector(clinic: Clinic) -> FaultCollector:
    return FaultCollector("clinic.toml", list(clinic.warnings), treatments=list_treatments(clinic.config))


def _read_all(
    clinic: Clinic, filled: Mapping[str, Sequence[FilledTable | None]], collector: FaultCollector
) -> tuple[dict[str, SourceFile], dict[str, MappedTable]]:
    """Return the files of a clinic, and their columns before any row is dropped; both by table.

    ``filled`` are the parts of tables with a preset, and the mappings of ``clinic`` have what these presets fill.
    """
    with SqlReader(clinic.folder) as reader:
        found = {
            name: read_source(clinic, name, filled.get(name, ()), collector.for_table(name), reader) for name in TABLES
        }
    sources = {name: source for name, source in found.items() if source is not None}
    check_unread_sheets(clinic, collector)
    tables = {name: _read_columns(clinic.config, source) for name, source in sources.items()}
    return sources, mask_compared_separators(sources, match_times(sources, tables))


def _check_all(
    clinic: Clinic,
    sources: dict[str, SourceFile],
    tables: dict[str, MappedTable],
    day: TableDay,
    collector: FaultCollector,
) -> Tables | None:
    """Return the checked tables in the order of the files; None if there are errors."""
    as_of = _choose_day(clinic.config, day, tables)
    tables = {name: _validate_table(clinic, source, tables[name], as_of) for name, source in sources.items()}
    complete = {name: table for name, table in tables.items() if _has_required_columns(name, table)}
    if not complete.keys() >= TABLE_ID_COLUMNS.keys():
        find_unreadable_cells(complete, collector)
        return None  # the other checks need clients and therapists
    return _cross_check(clinic, sources, complete, as_of, collector)


def _choose_day(config: Config, day: TableDay, tables: dict[str, MappedTable]) -> dt.date:
    """Return the day of the tables; see :func:`read_tables`."""
    if day == "latest":
        return config.clinic.as_of or find_latest_date(tables.values())
    return day or find_today(config)


def _read_columns(config: Config, source: SourceFile) -> MappedTable:
    """Return the columns of one table, without those that contain wishes or raw items."""
    if source.parts:
        parts = [_read_columns(config, one) for one in source.parts]
        check_part_columns(source.parts, parts, config)
        return merge_tables(parts, source.table, source.collector)
    excluded = list_wish_headers(config, source.table)
    if isinstance(source.mapping, OutcomesMapping) and source.mapping.items:
        numbered = match_headers(source.raw, source.mapping.items.replace("{}", "*"))
        excluded = [header for number, header in numbered.items() if number.isdigit()]  # `s{}` is not `session`
    return read_table(source, excluded, [config.journal.therapist_label] if source.table == "therapists" else [])


def _validate_table(clinic: Clinic, source: SourceFile, table: MappedTable, as_of: dt.date) -> MappedTable:
    """Return a table with ages, scores, checked ranges and codes, and one row for each id."""
    parts = source.parts or (source,)
    checked = [_validate_part(clinic, part, one, as_of) for part, one in zip(parts, split_table(table), strict=True)]
    table = merge_tables(checked, source.table, source.collector)
    table = drop_repeated_visits(table, source.collector) if source.table == "outcomes" else table
    key = TABLE_ID_COLUMNS.get(source.table)
    if key is None or key not in table.frame:
        return table
    columns = list_wish_headers(clinic.config, source.table)
    wishes = source.raw[list(filter(None, (find_header(source.raw, column) for column in columns)))]
    frame = drop_duplicate_ids(table.frame, key, table.headers[key], source.collector, wishes)
    return MappedTable(frame, table.headers)


def _validate_part(clinic: Clinic, source: SourceFile, table: MappedTable, as_of: dt.date) -> MappedTable:
    """Return a table, or a part of one, with ages, scores and checked ranges and codes."""
    table = mask_future_checks(convert_birth_dates(table, source, as_of), source, as_of)
    if isinstance(source.mapping, OutcomesMapping):
        table = score_ratings(source, table, source.mapping, clinic.instruments)
    table = check_table(source.table, table, source.collector)
    if source.table in ("preferences", "conflicts"):
        return table
    table = drop_rows_without_id(source.table, table, source.collector)
    if source.table == "outcomes":
        return MappedTable(drop_unusable_scores(table.frame, source.collector), table.headers)
    return table


def _has_required_columns(name: str, table: MappedTable) -> bool:
    return all(column.name in table.frame for column in list_columns(name).values() if column.required)


def _cross_check(
    clinic: Clinic,
    sources: dict[str, SourceFile],
    tables: dict[str, MappedTable],
    as_of: dt.date,
    collector: FaultCollector,
) -> Tables | None:
    """Return the tables checked against each other and against the date; None if there are errors."""
    config, unreadable = clinic.config, find_unreadable_cells(tables, collector)
    tables["preferences"] = _read_wishes(config, sources, tables, collector.for_table("preferences"))
    rated = tables["outcomes"].frame["client_id"] if "outcomes" in tables else pd.Series(dtype="str")
    met = frozenset(rated) & frozenset(tables["clients"].frame["client_id"])
    openings = _list_opening_records(tables, collector)
    for name in ("outcomes", "conflicts"):
        for owner, key in TABLE_ID_COLUMNS.items():
            if name in tables:
                ids, left_out = tables[owner].frame[key], sources[owner].left_out_ids
                tables[name] = drop_unknown_ids(tables[name], key, ids, collector.for_table(name), left_out)
    check_dates(tables, as_of, config.settings.roster_stale_days, collector)
    check_contents(config, tables, met, collector)
    unreadable |= find_cells_with_wished_words(tables, config.tables.therapists, collector.for_table("therapists"))
    clients, therapists, preferences, outcomes, conflicts = (
        complete_columns(name, tables[name].frame if name in tables else pd.DataFrame()) for name in TABLES
    )
    _check_config(config, clients.set_axis(tables["clients"].frame.index), sources["clients"], met, collector)
    if collector.has_errors:
        return None
    warnings = DataFault(collector.located_faults).faults
    unreadable |= list_people_set_aside(collector)
    read = tuple(collector.files)
    return Tables(
        clients, therapists, preferences, outcomes, conflicts, as_of, warnings, met, unreadable, openings, read
    )


def _list_opening_records(tables: dict[str, MappedTable], collector: FaultCollector) -> pd.DataFrame:
    """Return the rows of outcomes that use openings and that no check below keeps with a date."""
    outcomes = tables["outcomes"].frame if "outcomes" in tables else pd.DataFrame()
    return list_opening_records(
        outcomes, tables["clients"].frame["client_id"], tables["therapists"].frame["therapist_id"],
        collector.list_unreadable_rows("outcomes", "measured_on"),
    )  # fmt: skip


def _read_wishes(
    config: Config, sources: dict[str, SourceFile], tables: dict[str, MappedTable], collector: FaultCollector
) -> MappedTable:
    """Return the wishes of known clients from both sources, in the codes of the roster."""
    clients, roster = tables["clients"].frame, complete_columns("therapists", tables["therapists"].frame)
    books = list_code_books("therapists", config.tables.therapists)
    declared = [name for name, column in config.tables.therapists.columns.items() if column.kind or column.codes]
    quotable = frozenset((*list_columns("therapists"), *declared))
    left_out, left_out_therapists = (sources[name].left_out_ids for name in TABLE_ID_COLUMNS)
    parts = []  # wishes, the codes of the columns they are about, and rows that a fault names already
    if "preferences" in tables:
        parts.append((tables["preferences"], books, collector.list_unreadable_rows("preferences")))
    for wish, part in read_wish_columns(
        sources["clients"], clients["client_id"], config.tables.preferences.wishes, collector
    ):
        own = {normalize_code(wish.attribute): CodeBook(wish.codes)} if wish.codes else {}
        parts.append((part, {**books, **own}, frozenset()))
    checked = []
    for part, codes, reported in parts:
        known = drop_unknown_ids(part, "client_id", clients["client_id"], collector, left_out)
        is_literal = config.tables.preferences.literal
        checker = WishChecker(roster, clients, codes, collector, is_literal, quotable, left_out_therapists)
        checked.append(checker.check(known, reported).frame)
    return MappedTable(pd.concat(checked) if checked else pd.DataFrame(), {})


def _check_config(
    config: Config, clients: pd.DataFrame, source: SourceFile, met: frozenset[str], collector: FaultCollector
) -> None:
    """Add errors for columns of clients that ``clinic.toml`` names outside ``[tables]``, and warnings about who waits.

    ``clients`` has the row labels of ``source``, and ``met`` are the clients who have met a therapist.
    """
    site = config.settings.site_column
    if site and site not in clients:
        collector.faults.append(build_unknown_column_fault("settings.site_column", "clients", site, clients.columns))
    try:
        collector.faults.extend(list_waiting_warnings(config, clients, source, met))
    except DataFault as fault:
        collector.faults.extend(fault.faults)
