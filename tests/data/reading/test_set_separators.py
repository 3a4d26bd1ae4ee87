"""Sets: separators inside cells, and options that hold the separator."""

import pandas as pd
import pytest

from tests.data.conftest import ClinicFolder

PROBLEMS = '{ Anxiety = "anxiety", "Low mood (sad, empty)" = "depression", Trauma = "trauma" }'


def clinic_with_limits(clinic_folder: ClinicFolder, *cells: str) -> ClinicFolder:
    """Give each therapist a cell of problems not taken."""
    rows = "".join(f'{name},"{cell}"\n' for name, cell in zip(("tom", "una", "vic"), cells, strict=False))
    return clinic_folder.put("therapists.csv", f"therapist_id,problems_not_taken\n{rows}").drop("preferences.csv")


@pytest.mark.parametrize("cell", ["Anxiety; Eating disorders", "grief;", "anxiety\neating", "x|anxiety; y"])
def test_a_limit_with_another_separator_sets_its_therapist_aside(clinic_folder: ClinicFolder, cell: str) -> None:
    tables = clinic_with_limits(clinic_folder, cell, "grief").read()
    (fault,) = tables.warnings
    assert (fault.id, fault.rows, fault.sets_aside) == ("separator-in-cell", (2,), ("tom",))
    assert pd.isna(tables.therapists.set_index("therapist_id")["problems_not_taken"]["tom"])


@pytest.mark.parametrize(
    "cell", ["trauma, grief", "grief/trauma", "anxiety, other", "Grief and anxiety", "grief & anxiety"]
)
def test_a_comma_or_slash_separates_known_codes(clinic_folder: ClinicFolder, cell: str) -> None:
    """The column itself has grief; clients come with anxiety."""
    clinic_folder.change("clients.csv", "phq9", "presenting_problems").change("clients.csv", ",12,", ",anxiety,")
    warnings = clinic_with_limits(clinic_folder, cell, "grief").read().warnings
    assert [(one.id, one.sets_aside) for one in warnings if one.sets_aside] == [("separator-in-cell", ("tom",))]


@pytest.mark.parametrize("cell", ["trauma / ptsd", "alcohol, drugs", "sad|alcohol, drugs", "grief and loss", "grief+"])
def test_a_code_may_hold_a_comma_or_a_slash(clinic_folder: ClinicFolder, cell: str) -> None:
    tables = clinic_with_limits(clinic_folder, cell, "grief").read()
    assert not tables.warnings
    assert tables.therapists.set_index("therapist_id")["problems_not_taken"]["tom"] == cell


def test_a_listed_code_may_hold_any_mark(clinic_folder: ClinicFolder) -> None:
    clinic_with_limits(clinic_folder, "Grief; loss", "Grief").add(
        '[tables.therapists.columns]\nproblems_not_taken = { from = "problems_not_taken", codes = { "Grief; loss" = '
        '"loss", Grief = "grief" } }\n'
    )
    assert sorted(clinic_folder.read().therapists["problems_not_taken"]) == ["grief", "loss"]


def test_the_declared_separator_is_no_other_one(clinic_folder: ClinicFolder) -> None:
    clinic_with_limits(clinic_folder, "Anxiety; Grief", "grief").add("[tables.therapists]\nset_separator = ';'\n")
    tables = clinic_folder.read()
    assert tables.therapists.set_index("therapist_id")["problems_not_taken"]["tom"] == "anxiety|grief"
    assert not tables.warnings


def problems(clinic_folder: ClinicFolder, cell: str, mapping: str) -> str:
    """Return the problems of ann."""
    clinic_folder.put("clients.csv", f'client_id,problems\nann,"{cell}"\nben,Trauma\ncat,Anxiety\n')
    clinic_folder.add(f"[tables.clients.columns]\npresenting_problems = {mapping}\n").drop("preferences.csv")
    return str(clinic_folder.read().clients.set_index("client_id")["presenting_problems"]["ann"])


@pytest.mark.parametrize("split", [",", ", "])
@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("Anxiety, Low mood (sad, empty)", "anxiety|depression"),
        ("low mood (sad,  Empty), Trauma", "depression|trauma"),
        ("Low mood (sad, empty)", "depression"),
        ("Trauma, Anxiety", "trauma|anxiety"),
    ],
)
def test_an_option_that_holds_the_separator_is_one_member(
    clinic_folder: ClinicFolder, split: str, cell: str, codes: str
) -> None:
    mapping = f'{{ from = "problems", split = "{split}", codes = {PROBLEMS} }}'
    assert problems(clinic_folder, cell, mapping) == codes
    assert not clinic_folder.read().warnings


def test_the_longest_option_comes_first(clinic_folder: ClinicFolder) -> None:
    codes = '{ "a, b" = "short", "a, b, c" = "long", c = "c", b = "b", a = "a", Trauma = "t", Anxiety = "x" }'
    mapping = f'{{ from = "problems", split = ",", codes = {codes} }}'
    assert problems(clinic_folder, "a, b, c, a, b, b", mapping) == "long|short|b"


def test_an_option_that_is_cut_cannot_be_read(clinic_folder: ClinicFolder) -> None:
    assert problems(clinic_folder, "Anxiety, Low mood (sad, empty)", '{ from = "problems", split = "," }') == "nan"
    assert [(fault.id, fault.rows) for fault in clinic_folder.read().warnings] == [("option-cut-by-separator", (2,))]


def test_a_partly_read_set_says_so(clinic_folder: ClinicFolder) -> None:
    mapping = f'{{ from = "problems", split = ",", codes = {PROBLEMS} }}'
    assert problems(clinic_folder, "Anxiety, Grief", mapping) == "anxiety"
    (fault,) = clinic_folder.read().warnings
    assert (fault.id, fault.rows) == ("partly-read-cell", (2,))
    assert "missing" not in fault.fix
