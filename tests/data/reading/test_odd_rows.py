"""Totals are no people, and a row with an id alone is named."""

from __future__ import annotations

import pytest

from tests.data.conftest import CLIENTS, THERAPISTS, ClinicFolder

FOUND = [("totals-row", "therapists", (4,))]


def list_places(clinic_folder: ClinicFolder) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(fault.id, fault.table, fault.rows) for fault in clinic_folder.list_faults()]


@pytest.mark.parametrize(
    "row",
    [
        "Total,,,,2,",
        "TOTAL: ,,,,2,",
        "Grand Total,82,,,2,",
        "Sum (2 people),,,,,",
        "Average,41.5,,,1.0,",
        "Mean,41.5,,,,",
        "Total therapists,,,,2,",
        "Summe,,,,2,",
        "Gesamt:,,,,2,",
        "Count = 2,,,,2,",
        ",Total,,,2,",
        'Total,100 %,,,"1,000",',
    ],
)
def test_totals_are_left_out(clinic_folder: ClinicFolder, row: str) -> None:
    before = clinic_folder.read().digest()
    clinic_folder.put("therapists.csv", f"{THERAPISTS}{row}\n")
    assert list_places(clinic_folder) == FOUND
    assert clinic_folder.read().digest() == before


@pytest.mark.parametrize(
    "row", ["Total,44,man,english,2,2026-06-01", "Max,44,,,2,2026-06-01", "Totally,44,man,,,", "sum1,44,man,,2,"]
)
def test_a_person_with_a_word_about_them_stays(clinic_folder: ClinicFolder, row: str) -> None:
    clinic_folder.put("therapists.csv", f"{THERAPISTS}{row}\n")
    assert list_places(clinic_folder) == []
    assert len(clinic_folder.read().therapists) == 3


def test_totals_of_every_table_are_left_out(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", f"{CLIENTS}Total,112,,,19,\n")
    clinic_folder.put("conflicts.csv", "client_id,therapist_id,reason\nann,una,kin\nTotal,1,\n")
    clinic_folder.change("outcomes.csv", "ben,", "Mean,,3,,,,3.9\nben,")
    assert list_places(clinic_folder) == [
        ("totals-row", "clients", (5,)), ("totals-row", "conflicts", (3,)), ("totals-row", "outcomes", (3,)),
    ]  # fmt: skip
    assert len(clinic_folder.read().outcomes) == 2


def test_totals_under_the_clinics_own_header(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", THERAPISTS.replace("therapist_id", "Name") + "Total,,,,2,\n")
    clinic_folder.add('[tables.therapists.columns]\ntherapist_id = "name"\n')
    assert list_places(clinic_folder) == FOUND


@pytest.mark.parametrize("row", ["vic,,,,,", "vic,44,,,,", "vic,,,,3,"])
def test_a_row_with_an_id_alone_is_named_and_kept(clinic_folder: ClinicFolder, row: str) -> None:
    clinic_folder.put("therapists.csv", f"{THERAPISTS}{row}\n")
    assert list_places(clinic_folder) == [("row-with-id-alone", "therapists", (4,))]
    assert len(clinic_folder.read().therapists) == 3


def test_a_table_of_ids_and_numbers_has_no_odd_row(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.put("clients.csv", "client_id,age\nann,34\nben,51\ncat,\n")
    assert list_places(clinic_folder) == [("row-with-id-alone", "clients", (4,))]
    clinic_folder.put("clients.csv", "client_id,age\nann,\nben,\ncat,\n")
    assert list_places(clinic_folder) == []
    clinic_folder.put("clients.csv", "client_id\nann\nben\nTotal\n")
    assert list_places(clinic_folder) == []
