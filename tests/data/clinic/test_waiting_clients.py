"""Waiting clients."""

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from tests.data.conftest import ClinicFolder


def find_waiting(clinic_folder: ClinicFolder, where: str = "") -> set[str]:
    """Return the ids of the waiting clients."""
    if where:
        clinic_folder.add(f"[waiting]\nwhere = {{ {where} }}\n")
    tables = clinic_folder.read()
    return set(tables.clients["client_id"].iloc[find_waiting_clients(Clinic.open(clinic_folder.folder), tables)])


def test_clients_without_outcomes_wait(clinic_folder: ClinicFolder) -> None:
    assert find_waiting(clinic_folder) == {"cat"}


def test_an_unusable_row_still_means_that_they_met(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change(
        "outcomes.csv", "ann,tom,3,2026-05-20,WAI-SR,client,4.25", "ann,gus,3,2026-05-20,WAI-SR,client,4.25"
    )
    clinic_folder.change("outcomes.csv", "client,3.5", "client,")
    assert find_waiting(clinic_folder) == {"cat"}


def test_an_outcome_can_name_a_therapist_not_on_the_roster(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("outcomes.csv", "client_id,therapist_id\nann,not on the roster\nben,not on the roster\n")
    assert find_waiting(clinic_folder) == {"cat"}
    assert not clinic_folder.read().warnings


def test_only_known_clients_have_met_a_therapist(clinic_folder: ClinicFolder) -> None:
    assert clinic_folder.change("outcomes.csv", "ann", "zoe").read().met_client_ids == {"ben"}


def test_all_clients_wait_without_outcomes(clinic_folder: ClinicFolder) -> None:
    assert find_waiting(clinic_folder.drop("outcomes.csv")) == {"ann", "ben", "cat"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('column = "client_id", from = "BEN"', {"ben", "cat"}),
        ('column = "client_id", to = "ann"', {"ann"}),
        ('column = "age", from = 30', {"ann", "ben"}),
        ('column = "age", from = 30, to = 40.5', {"ann"}),
        ('column = "referred_on", from = 2026-05-02', {"ben", "cat"}),
        ('column = "gender", is = "Woman"', {"ann", "cat"}),
        ('column = "gender", is_not = "woman"', {"ben"}),
        ('column = "lgbtq", is_not = "yes"', {"ann"}),
        ('column = "lgbtq", not = "yes"', {"ann"}),  # the old name of `is_not`
        ('column = "lgbtq", is = ["yes", "no"]', {"ann", "cat"}),
        ('column = "lgbtq", is = ""', {"ben"}),
        ('column = "phq9", is = 7', {"ben"}),
        ('column = "phq9", empty = true', {"cat"}),
        ('column = "phq9", empty = false', {"ann", "ben"}),
    ],
)
def test_a_condition_compares_codes_numbers_and_dates_and_can_be_about_empty_cells(
    clinic_folder: ClinicFolder, where: str, expected: set[str]
) -> None:
    assert find_waiting(clinic_folder.drop("outcomes.csv"), where) == expected


def test_a_number_is_compared_with_ids_of_digits_as_a_number(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("outcomes.csv").drop("preferences.csv")
    clinic_folder.put("clients.csv", "client_id\n8\n9\n10\n11\n900\n1000\n")
    assert find_waiting(clinic_folder, 'column = "client_id", from = 10') == {"10", "11", "900", "1000"}


def test_the_old_name_of_a_key_is_a_warning(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[waiting]\nwhere = { column = "gender", not = "woman" }\n')
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.column, fault.stops) == ("renamed-key", "waiting.where.not", False)


def test_a_condition_that_no_client_fulfils_is_a_warning(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[waiting]\nwhere = { column = "gender", is = "womann" }\n')
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.column, fault.stops) == ("no-client-fulfils-condition", "waiting.where", False)


def test_a_condition_that_only_met_clients_fulfil_is_no_warning(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[waiting]\nwhere = { column = "age", from = 30 }\n')
    assert not clinic_folder.list_faults()


def test_a_client_whose_cell_cannot_be_compared_is_named(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("outcomes.csv").change("clients.csv", "referred_on", "room")
    clinic_folder.change("clients.csv", "2026-05-01", "8").change("clients.csv", "2026-05-02", "hall 7")
    assert find_waiting(clinic_folder.change("clients.csv", "2026-05-20", ""), 'column = "room", to = 9') == {"ann"}
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.column, fault.stops) == ("condition-not-comparable", "room", False)
    assert fault.says.endswith("clients ben")
    assert "hall" not in str(fault)
    clinic_folder.change("clinic.toml", "to = 9", 'is = [8, "hall 7"]')
    assert not clinic_folder.list_faults()


@pytest.mark.parametrize(
    ("header", "toml"),
    [
        ("referred_on", ""),
        ("closed_on", '[tables.clients.columns]\nclosed_on = { from = "closed_on", kind = "date" }\n'),
    ],
)
def test_a_client_whose_condition_cannot_be_read_is_set_aside(
    clinic_folder: ClinicFolder, header: str, toml: str
) -> None:
    """A client whose closing date is misspelt is not taken for one without a closing date."""
    clinic_folder.drop("outcomes.csv").change("clients.csv", "referred_on", header)
    clinic_folder.change("clients.csv", "2026-05-02", "soon").change("clients.csv", "2026-05-20", "").add(toml)
    (without_condition,) = clinic_folder.list_faults()
    assert not without_condition.sets_aside
    clinic_folder.add(f'[waiting]\nwhere = {{ column = "{header}", empty = true }}\n')
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.sets_aside) == ("date-not-readable", ("ben",))


def test_clients_without_a_row_in_the_joined_file_of_the_condition_are_named(clinic_folder: ClinicFolder) -> None:
    """An absent row is no empty cell: one warning names the clients and what Attune does with them."""
    clinic_folder.put("clients.csv", "client_id,age\nann,34\nben,51\ncat,27\ndan,40\neve,30\n").drop("preferences.csv")
    clinic_folder.put("list.csv", "Client,State,Closed\neve,waiting,\n").add(
        '[tables.clients.columns]\nclosed_on = "Closed"\n[[tables.clients.join]]\nfile = "list.csv"\nkey = "Client"\n'
    )
    assert not clinic_folder.list_faults()
    assert find_waiting(clinic_folder, 'column = "State", is = "waiting"') == {"eve"}
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.column, fault.kind) == ("waiting-without-joined-row", "State", "warning")
    assert fault.rows == (4, 5)  # of the clients' own file; ann and ben have met a therapist
    assert fault.says.endswith("2 clients without a row in list.csv, which holds this column of `waiting`: cat, dan")
    assert fault.fix.startswith("These clients do not wait.")
    clinic_folder.change("clinic.toml", '"State", is = "waiting"', '"closed_on", empty = true')
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.column, fault.rows) == ("waiting-without-joined-row", "Closed", (4, 5))
    assert fault.fix.startswith("These clients wait")


def test_each_part_of_clients_has_its_own_joined_file_of_the_condition(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("outcomes.csv").drop("preferences.csv").drop("clients.csv")
    clinic_folder.put("north.csv", "client_id,age\nann,34\nben,51\n").put("south.csv", "client_id,Open\ncat,yes\n")
    clinic_folder.put("states.csv", "Client,Status\nann,yes\n").add(
        '[[tables.clients.parts]]\nfile = "north.csv"\ncolumns = { state = "Status" }\n'
        '[[tables.clients.parts.join]]\nfile = "states.csv"\nkey = "Client"\n'
        '[[tables.clients.parts]]\nfile = "south.csv"\ncolumns = { state = "Open" }\n'
    )
    assert find_waiting(clinic_folder, 'column = "state", is = "yes"') == {"ann", "cat"}
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.rows, fault.files) == ("waiting-without-joined-row", (3,), ("north.csv",))
