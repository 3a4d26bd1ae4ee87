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
