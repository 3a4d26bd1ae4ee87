"""What tables say of one another, and of the day: ids that lead nowhere, dates ahead, roster rows out of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import ages
from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.data.fault_collector import FEW
from attune_fit.data.outcomes.intake_timing import ANSWERED, answered_on
from attune_fit.data.reading.table_reader import Mapped

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableSpelling
    from attune_fit.data.fault_collector import Findings

NOT_THERE = {"client_id": "clients who are not in `clients`", "therapist_id": "therapists who are not on the roster"}
MET = "Left out; their clients count as having met someone."
LEFT = "not on the roster"  # may stand for the id of a therapist who has left


def owned(mapped: Mapped, key: str, ids: pd.Series, findings: Findings) -> Mapped:
    """Leave out the rows whose id leads nowhere, and say so; when all of them do, ids must be spelt differently."""
    given, header = mapped.frame[key], mapped.headers.get(key, key)
    there = given.isin(ids)
    lost = mapped.frame.index[given.notna() & ~there & (given != LEFT)]
    if len(lost) >= FEW and not there.any():
        findings.stop(header, f"every row is about {NOT_THERE[key]}", "Spell ids alike in both files.", lost)
    else:
        fix = MET if (findings.table, key) == ("outcomes", "therapist_id") else "Left out."
        findings.note_rows(header, NOT_THERE[key], fix, lost)
    return Mapped(mapped.frame[there], mapped.headers)


def latest(tables: Iterable[Mapped]) -> dt.date:
    """The day the tables speak of when nobody says: the latest date in them, today where there is none.

    A date that lies ahead of today is a slip of the pen, and must not make every roster row look old.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    dated = {column.name for column in COLUMNS if column.kind == "date"}
    frames = [mapped.frame for mapped in tables]
    days = [frame[name] for frame in frames for name in dated.intersection(frame)]
    past = [day[day <= pd.Timestamp(today)].max() for day in days if (day <= pd.Timestamp(today)).any()]
    return pd.Timestamp(max(past)).date() if past else today


def aged(mapped: Mapped, spelling: TableSpelling, as_of: dt.date) -> Mapped:
    """Birth dates as ages on ``as_of``."""
    born = [name for name, column in spelling.columns.items() if column.birth_date and name in mapped.frame]
    years = {name: ages(mapped.frame[name], as_of) for name in born}
    return Mapped(mapped.frame.assign(**years), mapped.headers)


def check_days(tables: Mapping[str, Mapped], as_of: dt.date, stale_days: int, findings: Findings) -> None:
    """Note dates after ``as_of``, answers after contact, and roster rows not checked for ``stale_days``."""
    today = pd.Timestamp(as_of)
    for column in COLUMNS:
        mapped = tables.get(column.table)
        if mapped and column.kind == "date" and column.name in mapped.frame:
            ahead = mapped.frame.index[mapped.frame[column.name] > today]
            header = mapped.headers.get(column.name, column.name)
            findings.at(column.table).note_rows(header, f"dates after {as_of}", "Kept; is `clinic.as_of` right?", ahead)
    _check_answers(tables, findings)
    roster = tables["therapists"]
    if "updated_on" in roster.frame:
        stale = roster.frame.index[roster.frame["updated_on"] < today - pd.Timedelta(days=stale_days)]
        header, says = roster.headers["updated_on"], f"roster rows checked more than {stale_days} days before {as_of}"
        findings.at("therapists").note_rows(
            header,
            says,
            "Check them: until then the rule `roster_age`, where it is on, keeps them off every list.",
            stale,
        )


def _check_answers(tables: Mapping[str, Mapped], findings: Findings) -> None:
    """Note clients whose answers are dated after a first rating."""
    clients, outcomes = tables["clients"], tables.get("outcomes")
    if outcomes is None or "measured_on" not in outcomes.frame:
        return
    first = outcomes.frame.groupby("client_id")["measured_on"].min()
    answered = answered_on(clients.frame, clients.frame.index).to_numpy()
    late = answered > first.reindex(clients.frame["client_id"]).to_numpy()
    header = next((clients.headers[name] for name in ANSWERED if name in clients.frame), "")
    fix = "Those ratings are not learned from; keep answers as they were before contact, and their day in `intake_on`."
    rows = clients.frame.index[late]
    findings.at("clients").note_rows(header, "answers dated after the first rating of a pair", fix, rows)
