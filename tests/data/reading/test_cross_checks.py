"""The date of the tables when the clinic sets none, and checks of the roster after it."""

import datetime as dt

import pandas as pd

from attune_fit.data.outcomes.openings import count_openings
from attune_fit.data.reading.checks.cross_checks import find_latest_date
from attune_fit.data.reading.columns.table_reader import MappedTable
from tests.data.conftest import ClinicFolder


def roster(*days: str) -> MappedTable:
    """A table with one date column."""
    frame = pd.DataFrame({"updated_on": pd.Series(pd.to_datetime(list(days))).astype("datetime64[s]")})
    return MappedTable(frame, {"updated_on": "updated_on"})


def test_the_latest_date_is_the_date_of_the_tables() -> None:
    assert find_latest_date([roster("2025-03-01", "2024-03-02"), roster("2025-02-01")]) == dt.date(2025, 3, 1)


def test_a_date_after_today_is_not_the_date_of_the_tables() -> None:
    assert find_latest_date([roster("2025-03-01", "2225-03-02")]) == dt.date(2025, 3, 1)


def test_a_check_after_the_date_of_the_tables_cannot_be_read(clinic_folder: ClinicFolder) -> None:
    """A mistyped year must not keep a roster row fresh for ever."""
    clinic_folder.change("therapists.csv", "english,0,2026-06-01", "english,1,2062-06-01")
    tables = clinic_folder.read()
    assert tables.list_set_aside("therapists") == {"una"}
    (fault,) = tables.warnings
    assert (fault.id, fault.rows) == ("roster-check-after-as-of", (3,))


def test_a_check_on_the_next_day_may_be_one_of_another_time_zone(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", "english,0,2026-06-01", "english,1,2026-06-16")
    assert not clinic_folder.read().list_set_aside("therapists")


def test_most_checks_after_the_date_of_the_tables_are_an_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clinic.toml", "2026-06-15", "2026-05-15")
    (fault,) = (one for one in clinic_folder.list_faults() if one.stops)
    assert (fault.id, fault.rows) == ("as-of-before-roster-checks", (2, 3))


def test_an_unreadable_check_uses_openings_where_its_rule_is_off(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", "2,2026-06-01", "2,2062-06-01")
    clinic_folder.add("[rules.roster_age]\non = false\n")
    tables = clinic_folder.read()
    assert dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True)) == {"tom": 1, "una": 0}
