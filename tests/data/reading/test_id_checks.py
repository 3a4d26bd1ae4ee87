"""Ids like formulas, and headers close to a column that the table lacks."""

import pytest

from tests.data.conftest import ClinicFolder


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_an_id_that_begins_as_a_formula_is_a_warning(clinic_folder: ClinicFolder, sign: str) -> None:
    for name in ("clients.csv", "outcomes.csv"):
        clinic_folder.change(name, "ben", f"{sign}ben")
    (fault,) = clinic_folder.change("preferences.csv", "ben", f"{sign}ben").list_faults()
    assert (fault.id, fault.table, fault.column, fault.rows) == ("id-like-a-formula", "clients", "client_id", (3,))
    assert not fault.stops


def test_ids_of_therapists_are_checked_too(clinic_folder: ClinicFolder) -> None:
    (fault,) = clinic_folder.drop("outcomes.csv").change("therapists.csv", "una", "=una").list_faults()
    assert (fault.id, fault.table, fault.rows) == ("id-like-a-formula", "therapists", (3,))


def test_a_sign_inside_an_id_is_no_warning(clinic_folder: ClinicFolder) -> None:
    for name in ("clients.csv", "outcomes.csv", "preferences.csv"):
        clinic_folder.change(name, "ben", "b-e=n@x+1")
    assert not clinic_folder.list_faults()


@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("therapists.csv", "languages", "language", "languages"),
        ("therapists.csv", "languages", "payer", "payers"),
        ("therapists.csv", "languages", "region", "licensed_regions"),
        ("therapists.csv", "open_slots", "Open Slots", "open_slots"),
        ("therapists.csv", "open_slots", "open_slot", "open_slots"),
        ("clients.csv", "phq9", "PHQ-9", "phq9"),
        ("clients.csv", "phq9", "payers", "payer"),
        ("therapists.csv", "languages", "presenting_problems", "specialties"),
        ("clients.csv", "phq9", "specialties", "presenting_problems"),
        ("clients.csv", "referred_on", "refered_on", "referred_on"),
        ("outcomes.csv", "measured_on", "mesured_on", "measured_on"),
        ("outcomes.csv", "session", "sesion", "session"),
    ],
)
def test_a_header_close_to_an_absent_column_is_a_warning(
    clinic_folder: ClinicFolder, file: str, old: str, new: str, column: str
) -> None:
    faults = clinic_folder.change(file, old, new).list_faults()
    (fault,) = [one for one in faults if one.id == "similar-header"]
    assert (fault.table, fault.column, fault.stops) == (file.removesuffix(".csv"), new, False)
    assert f"Did you mean `{column}`?" in fault.fix


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("therapists.csv", "languages", "office"),
        ("clients.csv", "phq9", "phq15"),
        ("clients.csv", "phq9", "diagnosis"),
        ("therapists.csv", "languages", "availability_notes"),
        ("clients.csv", "phq9", "problems_not_taken"),
    ],
)
def test_another_header_is_no_warning(clinic_folder: ClinicFolder, file: str, old: str, new: str) -> None:
    assert not clinic_folder.change(file, old, new).list_faults()


def test_an_empty_column_is_no_warning(clinic_folder: ClinicFolder) -> None:
    """One file for several tables has columns that are filled for one of them only."""
    clinic_folder.change("therapists.csv", "languages", "payer")
    assert not clinic_folder.change("therapists.csv", "english|spanish", "").change(
        "therapists.csv", "woman,english", "woman,").list_faults()  # fmt: skip


def test_a_column_that_is_there_is_never_suggested(clinic_folder: ClinicFolder) -> None:
    assert not clinic_folder.change("clients.csv", "lgbtq,phq9", "ages,phq9").list_faults()


@pytest.mark.parametrize("line", ['languages = "language"', 'language = "language"'])
def test_a_declared_header_is_no_warning(clinic_folder: ClinicFolder, line: str) -> None:
    clinic_folder.change("therapists.csv", "languages", "language")
    clinic_folder.add(f"[tables.therapists.columns]\n{line}\n")
    assert not [one for one in clinic_folder.list_faults() if one.id == "similar-header"]
