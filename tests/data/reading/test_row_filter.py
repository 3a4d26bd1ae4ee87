"""The rows of a file that belong to a table."""

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from tests.data.conftest import ClinicFolder

REDCAP = """record_id,event,form,age,gender,therapist,session,wai_total
1,intake_arm_1,,34,woman,,,
1,therapy_arm_1,wai,,,tom,1,3.5
1,therapy_arm_1,wai,,,tom,3,4.1
2,intake_arm_1,,51,man,,,
"""
TOML = """
[tables.clients]
file = "redcap.csv"
rows = { column = "form", is = "" }
[tables.clients.columns]
client_id = "record_id"
[tables.outcomes]
file = "redcap.csv"
rows = { column = "Form", is = "WAI" }
instrument = "WAI-SR"
[tables.outcomes.columns]
client_id = "record_id"
therapist_id = "therapist"
score = "wai_total"
"""


@pytest.fixture
def redcap(clinic_folder: ClinicFolder) -> ClinicFolder:
    """One file with intake and repeated forms."""
    for name in ("clients.csv", "outcomes.csv", "preferences.csv"):
        clinic_folder.drop(name)
    return clinic_folder.put("redcap.csv", REDCAP).add(TOML)


def test_one_file_serves_clients_and_outcomes(redcap: ClinicFolder) -> None:
    tables = redcap.read()
    assert sorted(tables.clients["client_id"]) == ["1", "2"]
    assert sorted(tables.outcomes["score"]) == [3.5, 4.1]
    waiting = find_waiting_clients(Clinic.open(redcap.folder), tables)
    assert tables.clients["client_id"].iloc[waiting].tolist() == ["2"]
    assert not tables.warnings


def test_rows_keep_the_numbers_of_the_file(redcap: ClinicFolder) -> None:
    (fault,) = redcap.change("redcap.csv", ",tom,3,4.1", ",tom,3,41").list_faults()
    assert (fault.id, fault.table, fault.rows) == ("score-out-of-range", "outcomes", (4,))


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ('{ column = "event", is = ["intake_arm_1", "x"] }', ["1", "2"]),
        ('{ column = "record_id", to = 1 }', ["1"]),
        ('{ column = "gender", is_not = "man" }', ["1"]),
        ('{ column = "age", empty = false }', ["1", "2"]),
    ],
)
def test_the_condition_reads_the_headers_of_the_file(redcap: ClinicFolder, rows: str, kept: list[str]) -> None:
    redcap.change("clinic.toml", '{ column = "form", is = "" }', rows)
    assert sorted(redcap.read().clients["client_id"]) == kept


def test_an_unknown_header_is_an_error_with_a_suggestion(redcap: ClinicFolder) -> None:
    faults = redcap.change("clinic.toml", '{ column = "form", is', '{ column = "forms", is').list_faults()
    found = [fault for fault in faults if fault.stops]
    assert [(one.id, one.table, one.column) for one in found] == [("header-not-found", "clients", "forms")]
    assert "tables.clients.rows.column" in found[0].fix
    assert "`form`" in found[0].fix


def test_a_value_of_another_type_is_an_error(redcap: ClinicFolder) -> None:
    faults = redcap.change("clinic.toml", 'is = "WAI"', "from = 3").list_faults()
    assert [(one.id, one.column) for one in faults] == [("condition-on-text", "tables.outcomes.rows.from")]


def test_no_row_of_clients_is_an_error(redcap: ClinicFolder) -> None:
    faults = redcap.change("clinic.toml", 'is = "" }', 'is = "intake" }').list_faults()
    assert [(one.id, one.table, one.stops) for one in faults] == [("no-row-kept", "clients", True)]


def test_no_row_of_conflicts_is_an_error_because_conflicts_restrict(redcap: ClinicFolder) -> None:
    redcap.add('[tables.conflicts]\nfile = "redcap.csv"\nrows = { column = "form", is = "conflict" }\n')
    redcap.add('[tables.conflicts.columns]\nclient_id = "record_id"\ntherapist_id = "therapist"\n')
    faults = redcap.list_faults()
    assert [(one.id, one.table, one.stops) for one in faults] == [("no-row-kept", "conflicts", True)]


def test_no_rating_yet_is_a_warning(redcap: ClinicFolder) -> None:
    faults = redcap.change("clinic.toml", 'is = "WAI"', 'is = "srs"').list_faults()
    assert [(one.id, one.table, one.stops) for one in faults] == [("no-rating-kept", "outcomes", False)]
    assert len(redcap.read().outcomes) == 0


@pytest.mark.parametrize(
    ("condition", "cells", "kept"),
    [
        ('is = "yes"', ["yes", "Y", "TRUE", ""], [0, 1, 2, 3]),
        ('is = "TRUE"', ["yes", "no", "WAHR", "until May"], [0, 2, 3]),
        ("is = 1", ["1", "yes", "0", "1 (since May)"], [0, 1, 3]),
        ('is = "1"', ["1", "2", "3", "0"], [0]),
        ('is_not = "no"', ["N", "", "no", "yes"], [1, 3]),
        ('is = "active"', ["active", "former", "Active", ""], [0, 2, 3]),
        ("from = 2026-06-15", ["2026-12-31", "31.12.2026", "2020-01-01", ""], [0, 1, 3]),
        ("from = 3", ["4", "high", "2", ""], [0, 1, 3]),
        ("empty = true", ["", "2020-01-01", "", "ended"], [0, 2]),
        ('is = ["", "yes"]', ["", "no", "yes", "x"], [0, 2, 3]),
    ],
)
def test_a_conflict_stays_where_its_cell_does_not_show_that_it_ended(
    clinic_folder: ClinicFolder, condition: str, cells: list[str], kept: list[int]
) -> None:
    pairs = [("ann", "tom"), ("ben", "tom"), ("cat", "tom"), ("cat", "una")]
    rows = "".join(f"{client},{therapist},{cell}\n" for (client, therapist), cell in zip(pairs, cells, strict=True))
    clinic_folder.put("conflicts.csv", f"client_id,therapist_id,active\n{rows}")
    clinic_folder.add(f'[tables.conflicts]\nrows = {{ column = "active", {condition} }}\n')
    conflicts = clinic_folder.read().conflicts
    found = zip(conflicts["client_id"], conflicts["therapist_id"], strict=True)
    assert sorted(found) == sorted(pairs[one] for one in kept)


def test_a_warning_names_the_conflicts_that_stay(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put(
        "conflicts.csv", "client_id,therapist_id,active\nann,tom,yes\nben,tom,\ncat,tom,no\ncat,una,ask\n"
    )
    clinic_folder.add('[tables.conflicts]\nrows = { column = "active", is = "yes" }\n')
    (fault,) = [one for one in clinic_folder.list_faults() if one.table == "conflicts"]
    assert (fault.id, fault.stops, fault.rows) == ("row-kept-unclear", False, (3, 5))


def test_a_wish_stays_where_its_cell_cannot_be_compared(clinic_folder: ClinicFolder) -> None:
    wishes = (
        "client_id,attribute,value,strength,until\nann,gender,man,never,12/31/2026\nben,gender,man,never,31/12/2026\n"
    )
    clinic_folder.put("preferences.csv", wishes + "cat,gender,man,never,01/01/2020\n")
    clinic_folder.add('[tables.preferences]\ndates = "%m/%d/%Y"\nrows = { column = "until", from = 2026-06-15 }\n')
    assert sorted(clinic_folder.read().preferences["client_id"]) == ["ann", "ben"]


@pytest.mark.parametrize(("table", "kept"), [("clients", ["ann", "ben"]), ("therapists", ["tom"])])
def test_a_warning_names_rows_of_people_that_fall_out(clinic_folder: ClinicFolder, table: str, kept: list[str]) -> None:
    marks = {"clients": ["active", "Y", "TRUE", ""], "therapists": ["active", "x", "perhaps"]}[table]
    lines = (clinic_folder.folder / f"{table}.csv").read_text().splitlines()
    lines = [f"{line},{mark}" for line, mark in zip(lines, marks, strict=True)]
    clinic_folder.put(f"{table}.csv", "\n".join(lines) + "\n")
    clinic_folder.add(f'[tables.{table}]\nrows = {{ column = "active", is = "yes" }}\n')
    (fault,) = [one for one in clinic_folder.list_faults() if one.id == "row-left-out-unclear"]
    assert (fault.table, fault.rows) == (table, (len(marks),))
    assert sorted(getattr(clinic_folder.read(), table)[f"{table[:-1]}_id"]) == kept
