"""Checks of dates between tables: future dates, late intake answers, stale roster rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import compute_ages, parse_dates
from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.data.fault_collector import is_mostly_bad
from attune_fit.data.outcomes.intake_timing import INTAKE_DATE_COLUMNS, find_intake_dates
from attune_fit.data.outcomes.openings import UPDATED_ON
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.rows.header_match import find_header

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.source_file import SourceFile


LATER_DATES_FIX = "Attune keeps them. Correct them, or `clinic.as_of` in clinic.toml if it is too early."
LEAVE_OUT_AS_OF = "Without `as_of`, Attune takes today."
DAYS_AHEAD = 1  # of the date where Attune runs: no time zone is further ahead
_SHORT_YEAR = re.compile("%[yx]")  # directives of strptime with a year of two digits


def find_latest_date(tables: Iterable[MappedTable]) -> dt.date:
    """Return the latest date in the tables, or today if there is none: the default day in versions before the journal.

    A date after today is a typing error. It does not count, because it would make every roster row look old.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    date_columns = {column.name for column in COLUMNS if column.kind == "date"}
    frames = [mapped.frame for mapped in tables]
    days = [frame[name] for frame in frames for name in date_columns.intersection(frame)]
    past = [day[day <= pd.Timestamp(today)].max() for day in days if (day <= pd.Timestamp(today)).any()]
    return pd.Timestamp(max(past)).date() if past else today


def convert_birth_dates(mapped: MappedTable, source: SourceFile, as_of: dt.date) -> MappedTable:
    """Return the table with birth dates as ages on ``as_of``, in whole years.

    No person is born after ``as_of``. A later date that was written with a two-digit year is of the century before.
    """
    columns = {name: one for name, one in source.mapping.columns.items() if one.birth_date and name in mapped.frame}
    ages = {name: compute_ages(_correct_century(mapped.frame[name], source, one, as_of), as_of)
            for name, one in columns.items()}  # fmt: skip
    return MappedTable(mapped.frame.assign(**ages), mapped.headers)


def _correct_century(days: pd.Series, source: SourceFile, mapping: ColumnMapping, as_of: dt.date) -> pd.Series:
    header = find_header(source.raw, mapping.header)
    if header is None or not _SHORT_YEAR.search(mapping.dates or source.mapping.dates or ""):
        return days
    has_short_year = parse_dates(source.raw[header]).isna()  # an ISO date has a year of four digits
    return days.mask(has_short_year & (days > pd.Timestamp(as_of)), days - pd.DateOffset(years=100))


def mask_future_checks(mapped: MappedTable, source: SourceFile, as_of: dt.date) -> MappedTable:
    """Return the roster without dates of checks that lie after ``as_of``: no check was made then.

    Such a cell cannot be read. One day more is allowed, because the clinic may be in a time zone that is ahead. Where
    most dates are later, ``as_of`` is likely wrong: that is an error.
    """
    if source.table != "therapists" or UPDATED_ON not in mapped.frame:
        return mapped
    days, header = mapped.frame[UPDATED_ON], mapped.headers[UPDATED_ON]
    is_later = days > pd.Timestamp(as_of) + pd.Timedelta(days=DAYS_AHEAD)
    message = f"a check of a roster row after {as_of}"
    if is_mostly_bad(int(is_later.sum()), int(days.notna().sum())):
        fix = f"Correct `clinic.as_of` in clinic.toml if it is too early, or else the dates. {LEAVE_OUT_AS_OF}"
        source.collector.add_error("as-of-before-roster-checks", header, message, fix, days.index[is_later])
        return mapped
    hint = f"correct `clinic.as_of` in clinic.toml if it is too early. {LEAVE_OUT_AS_OF}"
    days = source.collector.mask_bad_cells(
        "roster-check-after-as-of", header, days, is_later, message, hint, name=UPDATED_ON
    )
    return MappedTable(mapped.frame.assign(**{UPDATED_ON: days}), mapped.headers)


def check_dates(tables: Mapping[str, MappedTable], as_of: dt.date, stale_days: int, collector: FaultCollector) -> None:
    """Warn of dates after ``as_of``, of intake answers after contact, and of rows unchecked for ``stale_days``."""
    today = pd.Timestamp(as_of)
    for column in COLUMNS:
        mapped = tables.get(column.table)
        if mapped and column.kind == "date" and column.name in mapped.frame:
            later = mapped.frame.index[mapped.frame[column.name] > today]
            header = mapped.headers.get(column.name, column.name)
            collector.for_table(column.table).add_warning_for_rows(
                "date-in-future", header, f"dates after {as_of}", LATER_DATES_FIX, later
            )
    _check_intake_dates(tables, collector)
    roster = tables["therapists"]
    if UPDATED_ON in roster.frame:
        stale = roster.frame.index[roster.frame[UPDATED_ON] < today - pd.Timedelta(days=stale_days)]
        message = f"roster rows checked more than {stale_days} days before {as_of}"
        fix = (
            "Check them, and record it: attune record CLINIC roster_checked --therapist ID --openings N. Until then "
            "the rule `roster_age`, where it is on, excludes these therapists."
        )
        header = roster.headers[UPDATED_ON]
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
