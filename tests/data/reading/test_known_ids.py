"""Restrictions about people whom `rows` leaves out of clients and therapists: former ones are no unknown ones."""

import pytest

from tests.data.conftest import ClinicFolder

FORMER = '[tables.{table}]\nrows = {{ column = "status", is_not = "former" }}\n'
CLIENTS = "client_id,gender,status\nann,woman,waiting\nben,man,waiting\nold,woman,former\n"
THERAPISTS = "therapist_id,gender,status\ntom,man,here\nuna,woman,here\nivy,woman,Former\n"
CONFLICTS = "client_id,therapist_id\nann,tom\n"
WISHES = "client_id,attribute,value,strength\nann,gender,woman,must\n"


@pytest.fixture
def with_former(clinic_folder: ClinicFolder) -> ClinicFolder:
    """A clinic whose files still have former clients and therapists."""
    clinic_folder.drop("outcomes.csv").put("preferences.csv", WISHES)
    clinic_folder.put("clients.csv", CLIENTS).put("therapists.csv", THERAPISTS)
    return clinic_folder.add(FORMER.format(table="clients")).add(FORMER.format(table="therapists"))


@pytest.mark.parametrize(
    ("file", "text", "column"),
    [
        ("conflicts.csv", f"{CONFLICTS}old,tom\n", "client_id"),
        ("conflicts.csv", f"{CONFLICTS}ann,ivy\n", "therapist_id"),
        ("conflicts.csv", "client_id,therapist_id\nold,tom\nold,ivy\n", "client_id"),
        ("preferences.csv", f"{WISHES}old,gender,woman,never\n", "client_id"),
    ],
)
def test_a_restriction_of_a_former_person_is_ignored(
    with_former: ClinicFolder, file: str, text: str, column: str
) -> None:
    with_former.put(file, text)
    tables = with_former.read()
    assert [(one.id, one.column) for one in tables.warnings] == [("row-about-left-out-id", column)]
    assert not tables.unreadable


def test_a_never_wish_about_a_former_therapist_sets_nobody_aside(with_former: ClinicFolder) -> None:
    tables = with_former.put("preferences.csv", f"{WISHES}ann,therapist_id,ivy,never\n").read()
    assert not tables.warnings
    assert sorted(tables.preferences["value"]) == ["not on the roster", "woman"]


def test_a_restriction_of_a_person_in_no_row_still_stops(with_former: ClinicFolder) -> None:
    faults = with_former.put("conflicts.csv", f"{CONFLICTS}odd,tom\n").list_faults()
    assert [one.id for one in faults if one.stops] == ["restriction-about-unknown-id"]
