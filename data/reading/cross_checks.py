"""Checks between tables (referential integrity) and of dates: unknown ids, future dates, stale roster rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import compute_ages
from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.data.fault_collector import MIN_BAD_CELLS
from attune_fit.data.outcomes.intake_timing import INTAKE_DATE_COLUMNS, find_intake_dates
from attune_fit.data.reading.table_reader import MappedTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

IGNORED_ROWS = "Attune ignores these rows."
UNKNOWN_THERAPIST_FIX = f"{IGNORED_ROWS} The clients count as having met a therapist."
DEPARTED_THERAPIST_ID = "not on the roster"  # allowed as the id of a therapist who has left


def drop_unknown_ids(mapped: MappedTable, key: str, ids: pd.Series, collector: FaultCollector) -> MappedTable:
    """Return a table without the rows whose id is unknown, and warn of them; an error when no id is known."""
    row_ids, header = mapped.frame[key], mapped.headers.get(key, key)
    is_known = row_ids.isin(ids)
    unknown = mapped.frame.index[row_ids.notna() & ~is_known & (row_ids != DEPARTED_THERAPIST_ID)]
    if len(unknown) >= MIN_BAD_CELLS and not is_known.any():
        owner = "clients" if key == "client_id" else "therapists"
        message = f"every row is about ids that are not in `{owner}`"
        collector.add_error("no-known-id", header, message, "Use the same ids in both files.", unknown)
    elif key == "client_id":
        message = "clients who are not in `clients`"
        collector.add_warning_for_rows("unknown-client", header, message, IGNORED_ROWS, unknown)
    elif collector.table == "outcomes":
        message, fix = "therapists who are not on the roster", UNKNOWN_THERAPIST_FIX
        collector.add_warning_for_rows("departed-therapist", header, message, fix, unknown)
    else:
        message = "therapists who are not on the roster"
        collector.add_warning_for_rows("unknown-therapist", header, message, IGNORED_ROWS, unknown)
    return MappedTable(mapped.frame[is_known], mapped.headers)


def find_latest_date(tables: Iterable[MappedTable]) -> dt.date:
    """Return the date of the tables when the clinic sets none: the latest date in them, or today if there is none.

    A date after today is a typing error. It does not count, because it would make every roster row look old.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    date_columns = {column.name for column in COLUMNS if column.kind == "date"}
    frames = [mapped.frame for mapped in tables]
    days = [frame[name] for frame in frames for name in date_columns.intersection(frame)]
    past = [day[day <= pd.Timestamp(today)].max() for day in days if (day <= pd.Timestamp(today)).any()]
    return pd.Timestamp(max(past)).date() if past else today


def convert_birth_dates(mapped: MappedTable, mapping: TableMapping, as_of: dt.date) -> MappedTable:
    """Return the table with birth dates as ages on ``as_of``, in whole years."""
    names = [name for name, column in mapping.columns.items() if column.birth_date and name in mapped.frame]
    ages = {name: compute_ages(mapped.frame[name], as_of) for name in names}
    return MappedTable(mapped.frame.assign(**ages), mapped.headers)


def check_dates(tables: Mapping[str, MappedTable], as_of: dt.date, stale_days: int, collector: FaultCollector) -> None:
    """Warn of dates after ``as_of``, of intake answers after contact, and of rows unchecked for ``stale_days``."""
    today = pd.Timestamp(as_of)
    for column in COLUMNS:
        mapped = tables.get(column.table)
        if mapped and column.kind == "date" and column.name in mapped.frame:
            later = mapped.frame.index[mapped.frame[column.name] > today]
            header = mapped.headers.get(column.name, column.name)
            collector.for_table(column.table).add_warning_for_rows(
                "date-in-future", header, f"dates after {as_of}", "Attune keeps them. Check `clinic.as_of`.", later
            )
    _check_intake_dates(tables, collector)
    roster = tables["therapists"]
    if "updated_on" in roster.frame:
        stale = roster.frame.index[roster.frame["updated_on"] < today - pd.Timedelta(days=stale_days)]
        message = f"roster rows checked more than {stale_days} days before {as_of}"
        fix = "Check them. Until then the rule `roster_age`, where it is on, excludes these therapists."
        header = roster.headers["updated_on"]
        collector.for_table("therapists").add_warning_for_rows("stale-roster-row", header, message, fix, stale)


def _check_intake_dates(tables: Mapping[str, MappedTable], collector: FaultCollector) -> None:
    """Warn of clients whose intake answers are dated after the first rating."""
    clients, outcomes = tables["clients"], tables.get("outcomes")
    if outcomes is None or "measured_on" not in outcomes.frame:
        return
    first_rated = outcomes.frame.groupby("client_id")["measured_on"].min()
    answered = find_intake_dates(clients.frame, clients.frame.index).to_numpy()
    is_late = answered > first_rated.reindex(clients.frame["client_id"]).to_numpy()
    header = next((clients.headers[name] for name in INTAKE_DATE_COLUMNS if name in clients.frame), "")
    message = "intake answers dated after the first rating of a pair"
    fix = (
        "Attune does not learn from those ratings. Keep the answers from before contact, and their date in `intake_on`."
    )
    late = clients.frame.index[is_late]
    collector.for_table("clients").add_warning_for_rows("intake-after-rating", header, message, fix, late)
