"""What tables say of one another, and of the day: ids that lead nowhere, dates ahead, roster rows out of date."""

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

UNKNOWN_ID_MESSAGES = {
    "client_id": "clients who are not in `clients`",
    "therapist_id": "therapists who are not on the roster",
}
UNKNOWN_THERAPIST_FIX = "Left out; their clients count as having met someone."
DEPARTED_THERAPIST_ID = "not on the roster"  # may stand for the id of a therapist who has left


def drop_unknown_ids(mapped: MappedTable, key: str, ids: pd.Series, findings: FaultCollector) -> MappedTable:
    """Leave out the rows whose id leads nowhere, and say so; when all of them do, ids must be spelt differently."""
    given, header = mapped.frame[key], mapped.headers.get(key, key)
    there = given.isin(ids)
    lost = mapped.frame.index[given.notna() & ~there & (given != DEPARTED_THERAPIST_ID)]
    if len(lost) >= MIN_BAD_CELLS and not there.any():
        findings.add_error(
            header, f"every row is about {UNKNOWN_ID_MESSAGES[key]}", "Spell ids alike in both files.", lost
        )
    else:
        fix = UNKNOWN_THERAPIST_FIX if (findings.table, key) == ("outcomes", "therapist_id") else "Left out."
        findings.add_warning_for_rows(header, UNKNOWN_ID_MESSAGES[key], fix, lost)
    return MappedTable(mapped.frame[there], mapped.headers)


def find_latest_date(tables: Iterable[MappedTable]) -> dt.date:
    """The day the tables speak of when nobody says: the latest date in them, today where there is none.

    A date that lies ahead of today is a slip of the pen, and must not make every roster row look old.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    dated = {column.name for column in COLUMNS if column.kind == "date"}
    frames = [mapped.frame for mapped in tables]
    days = [frame[name] for frame in frames for name in dated.intersection(frame)]
    past = [day[day <= pd.Timestamp(today)].max() for day in days if (day <= pd.Timestamp(today)).any()]
    return pd.Timestamp(max(past)).date() if past else today


def convert_birth_dates(mapped: MappedTable, spelling: TableMapping, as_of: dt.date) -> MappedTable:
    """Birth dates as ages on ``as_of``."""
    born = [name for name, column in spelling.columns.items() if column.birth_date and name in mapped.frame]
    years = {name: compute_ages(mapped.frame[name], as_of) for name in born}
    return MappedTable(mapped.frame.assign(**years), mapped.headers)


def check_dates(tables: Mapping[str, MappedTable], as_of: dt.date, stale_days: int, findings: FaultCollector) -> None:
    """Note dates after ``as_of``, answers after contact, and roster rows not checked for ``stale_days``."""
    today = pd.Timestamp(as_of)
    for column in COLUMNS:
        mapped = tables.get(column.table)
        if mapped and column.kind == "date" and column.name in mapped.frame:
            ahead = mapped.frame.index[mapped.frame[column.name] > today]
            header = mapped.headers.get(column.name, column.name)
            findings.for_table(column.table).add_warning_for_rows(
                header, f"dates after {as_of}", "Kept; is `clinic.as_of` right?", ahead
            )
    _check_intake_dates(tables, findings)
    roster = tables["therapists"]
    if "updated_on" in roster.frame:
        stale = roster.frame.index[roster.frame["updated_on"] < today - pd.Timedelta(days=stale_days)]
        header, says = roster.headers["updated_on"], f"roster rows checked more than {stale_days} days before {as_of}"
        findings.for_table("therapists").add_warning_for_rows(
            header,
            says,
            "Check them: until then the rule `roster_age`, where it is on, keeps them off every list.",
            stale,
        )


def _check_intake_dates(tables: Mapping[str, MappedTable], findings: FaultCollector) -> None:
    """Note clients whose answers are dated after a first rating."""
    clients, outcomes = tables["clients"], tables.get("outcomes")
    if outcomes is None or "measured_on" not in outcomes.frame:
        return
    first = outcomes.frame.groupby("client_id")["measured_on"].min()
    answered = find_intake_dates(clients.frame, clients.frame.index).to_numpy()
    late = answered > first.reindex(clients.frame["client_id"]).to_numpy()
    header = next((clients.headers[name] for name in INTAKE_DATE_COLUMNS if name in clients.frame), "")
    fix = "Those ratings are not learned from; keep answers as they were before contact, and their day in `intake_on`."
    rows = clients.frame.index[late]
    findings.for_table("clients").add_warning_for_rows(
        header, "answers dated after the first rating of a pair", fix, rows
    )
