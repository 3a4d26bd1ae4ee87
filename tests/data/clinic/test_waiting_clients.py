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
        ('column = "gender", not = "woman"', {"ben"}),
        ('column = "lgbtq", not = "yes"', {"ann"}),
        ('column = "phq9", is = 7', {"ben"}),
    ],
)
def test_a_condition_compares_codes_numbers_and_dates_and_a_missing_cell_never_fulfils_it(
    clinic_folder: ClinicFolder, where: str, expected: set[str]
) -> None:
    assert find_waiting(clinic_folder.drop("outcomes.csv"), where) == expected
