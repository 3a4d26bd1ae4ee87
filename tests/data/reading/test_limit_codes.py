"""Limits: a cell that holds a code of the other side, and is not that code, still restricts."""

from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.reading.read_clinic import read_tables
from tests.data.conftest import ClinicFolder

IDS = {"separator-in-cell", "inexact-code"}
ROOT = Path(__file__).parents[3]


def read(folder: ClinicFolder, problems: str, limit: str, toml: str = "") -> Tables:
    """Read a clinic in which ann has these problems and tom this limit; the others share no code with them."""
    for name in ("preferences.csv", "outcomes.csv"):
        folder.drop(name)
    cell = '"{}"'.format(problems.replace('"', '""'))
    folder.put("clients.csv", f"client_id,presenting_problems\nann,{cell}\nben,stress\ncat,sleep\ndee,stress\n")
    cell = '"{}"'.format(limit.replace('"', '""'))
    folder.put("therapists.csv", f"therapist_id,problems_not_taken\ntom,{cell}\nuna,sleep\nvic,sleep\n").add(toml)
    return folder.read()


def list_unreadable(tables: Tables) -> set[str]:
    """Return the clients and therapists of whom a cell that limits cannot be read."""
    return {cell.id for cell in tables.unreadable}


@pytest.mark.parametrize(
    ("problems", "limit", "people"),
    [
        ("Trauma, Anxiety", "Trauma, Mania", {"ann", "tom"}),
        ("{Trauma,Grief}", "Trauma", {"ann"}),
        ('"Trauma", "Grief"', "Trauma", {"ann"}),
        ("[Trauma, Anxiety]", "Trauma/Mania", {"ann", "tom"}),
        ("Trauma", "Trauma\\Mania", {"tom"}),
        ("['trauma', 'grief']", "mania, 'trauma'", {"ann", "tom"}),
    ],
)
def test_pieces_of_both_sides_are_compared(
    clinic_folder: ClinicFolder, problems: str, limit: str, people: set[str]
) -> None:
    tables = read(clinic_folder, problems, limit)
    assert list_unreadable(tables) == people
    assert {fault.id for fault in tables.warnings} <= IDS


@pytest.mark.parametrize(
    "code",
    [
        "trauma and mania", "trauma or mania", "trauma & mania", "trauma + mania", "trauma \u2022 mania",
        "trauma \u00b7 mania", "trauma - mania", "trauma: mania", "trauma. mania", "trauma   mania", "trauma (severe)",
        "1. trauma", "<p>trauma</p>", "Trauma Anxiety",
    ],
)  # fmt: skip
def test_a_code_that_holds_one_of_the_other_side_cannot_be_read(clinic_folder: ClinicFolder, code: str) -> None:
    tables = read(clinic_folder, code, "trauma")
    assert list_unreadable(tables) == {"ann"}
    assert [(fault.id, fault.table, fault.rows) for fault in tables.warnings] == [("inexact-code", "clients", (2,))]


def test_most_clients_with_such_a_code_do_not_stop_the_clinic(clinic_folder: ClinicFolder) -> None:
    tables = read(clinic_folder, "trauma", "stress|anxiety")
    assert not list_unreadable(tables)
    clinic_folder.change("clients.csv", "stress", "work stress")
    (fault,) = [one for one in clinic_folder.read().warnings if one.id == "inexact-code"]
    assert fault.rows == (3, 5)
    clinic_folder.change("clients.csv", "trauma", "acute stress")
    (fault,) = [one for one in clinic_folder.read().warnings if one.id == "inexact-code"]
    assert (fault.rows, fault.stops) == ((2, 3, 5), False)


def test_a_limit_that_holds_a_problem_sets_its_therapist_aside(clinic_folder: ClinicFolder) -> None:
    tables = read(clinic_folder, "eating disorder", "ED: eating disorder")
    assert [(fault.id, fault.sets_aside) for fault in tables.warnings] == [("inexact-code", ("tom",))]


def test_codes_joined_by_a_word_share_a_piece(clinic_folder: ClinicFolder) -> None:
    assert list_unreadable(read(clinic_folder, "trauma and grief", "trauma & mania")) == {"ann", "tom"}


@pytest.mark.parametrize(
    ("problem", "limit", "people"),
    [
        ("1", "1.0", {"tom"}),
        ("01", "1", {"ann"}),
        ("1,0", "01", {"ann"}),
        ("trauma.", "trauma", {"ann"}),
        ("self-harm", "self harm", {"ann", "tom"}),
    ],
)
def test_of_two_spellings_the_longer_one_cannot_be_read(
    clinic_folder: ClinicFolder, problem: str, limit: str, people: set[str]
) -> None:
    assert list_unreadable(read(clinic_folder, problem, limit)) == people


@pytest.mark.parametrize("code", ["alcohol or drugs", "alcohol, drugs", "low mood (sad)", "grief/loss"])
def test_a_code_of_both_sides_is_known(clinic_folder: ClinicFolder, code: str) -> None:
    assert not read(clinic_folder, code, code).warnings


def test_a_code_that_is_listed_is_one(clinic_folder: ClinicFolder) -> None:
    mapping = '{ from = "presenting_problems", other = "keep", codes = { "social anxiety" = "social anxiety" } }'
    toml = f"[tables.clients.columns]\npresenting_problems = {mapping}\n"
    assert not list_unreadable(read(clinic_folder, "social anxiety", "anxiety", toml))


@pytest.mark.parametrize("folder", ["data/synthetic/sample", "examples/riverside", "examples/dining"])
def test_clinics_of_the_examples_have_no_such_code(folder: str) -> None:
    assert not IDS & {fault.id for fault in read_tables(Clinic.open(ROOT / folder)).warnings}
