"""Cells of the roster that hold a code of a wish and are not that code: the pair is left out, never offered."""

import numpy as np
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import select_rules
from tests.data.conftest import ClinicFolder

WISH = "client_id,attribute,value,strength\nann,{column},{value},{strength}\n"


def list_candidates(folder: ClinicFolder, cells: dict[str, str], wish: str, client: str = "ann") -> list[str]:
    """Return the therapists who can be offered to a client, whose cells are in the column of the wish."""
    rows = "".join(f'{name},"{cell}"\n' for name, cell in cells.items())
    folder.put("therapists.csv", f"therapist_id,{wish.splitlines()[1].split(',')[1]}\n{rows}")
    folder.put("preferences.csv", wish)
    (folder.folder / "outcomes.csv").unlink(missing_ok=True)
    tables = folder.read()
    rules = select_rules(Clinic.open(folder.folder).config)
    row = np.flatnonzero(tables.clients["client_id"] == client)
    is_eligible = EligibilityResult.from_rules(Pairs.cross(Sides(tables), row), rules).is_eligible[0]
    return sorted(tables.therapists["therapist_id"][is_eligible])


@pytest.mark.parametrize(
    ("column", "value", "cell"),
    [
        ("religion", "catholic", "catholic; evangelical"),
        ("religion", "catholic", "roman catholic"),
        ("religion", "catholic", "Catholic (lapsed)"),
        ("modalities", "emdr", "CBT; EMDR"),
        ("modalities", "emdr", "CBT/EMDR"),
        ("gender", "woman", "woman/nonbinary"),
        ("race_ethnicity", "white", "asian|white & black"),
    ],
)
def test_a_never_wish_leaves_out_a_cell_that_holds_its_code(
    clinic_folder: ClinicFolder, column: str, value: str, cell: str
) -> None:
    wish, cells = WISH.format(column=column, value=value, strength="never"), {"tom": cell, "una": value, "vic": "other"}
    assert list_candidates(clinic_folder, cells, wish) == ["vic"]
    assert list_candidates(clinic_folder, cells, wish, "ben") == ["tom", "una", "vic"]
    (fault,) = [one for one in clinic_folder.read().warnings if one.table == "therapists"]
    assert (fault.id, fault.table, fault.column, fault.rows) == ("wished-code-in-cell", "therapists", column, (2,))


def test_a_code_that_is_listed_is_one(clinic_folder: ClinicFolder) -> None:
    codes = '{ "old catholic" = "old catholic", catholic = "catholic", other = "other" }'
    clinic_folder.add(f'[tables.therapists.columns]\nreligion = {{ from = "religion", codes = {codes} }}\n')
    wish = WISH.format(column="religion", value="catholic", strength="never")
    assert list_candidates(clinic_folder, {"tom": "Old Catholic", "una": "catholic"}, wish) == ["tom"]
    assert not clinic_folder.read().warnings


@pytest.mark.parametrize("strength", ["prefer", "avoid"])
def test_a_soft_wish_leaves_nothing_out(clinic_folder: ClinicFolder, strength: str) -> None:
    wish = WISH.format(column="religion", value="catholic", strength=strength)
    assert list_candidates(clinic_folder, {"tom": "roman catholic", "una": "catholic"}, wish) == ["tom", "una"]
    assert not clinic_folder.read().warnings


def test_a_code_almost_like_a_wished_one_is_a_warning(clinic_folder: ClinicFolder) -> None:
    wish = WISH.format(column="religion", value="catholic", strength="never")
    list_candidates(clinic_folder, {"tom": "catholc", "una": "Catholics", "vic": "catholic"}, wish)
    assert [(one.id, one.rows) for one in clinic_folder.read().warnings] == [("similar-wished-code", (2, 3))]


def test_a_code_of_a_column_that_can_hold_anything_is_not_named(clinic_folder: ClinicFolder) -> None:
    wish = WISH.format(column="creed", value="catholic", strength="never")
    list_candidates(clinic_folder, {"tom": "catholc", "una": "Catholics", "vic": "catholic"}, wish)
    (fault,) = clinic_folder.read().warnings
    assert fault.rows == (2, 3)
    assert "cath" not in str(fault)


@pytest.mark.parametrize("value", ["yes", "Y", "true"])
def test_marks_of_an_own_column_are_read_as_yes_and_no(clinic_folder: ClinicFolder, value: str) -> None:
    wish, cells = WISH.format(column="smoker", value=value, strength="never"), {"tom": "Y", "una": "1", "vic": "No"}
    assert list_candidates(clinic_folder, {**cells, "wim": "TRUE"}, wish) == ["vic"]
    own = clinic_folder.read().therapists.set_index("therapist_id")["smoker"]
    assert own[["tom", "una", "vic", "wim"]].tolist() == ["yes", "yes", "no", "yes"]


@pytest.mark.parametrize(
    "cells", [{"tom": "F", "una": "X"}, {"tom": "ON", "una": "NO"}, {"tom": "yes", "una": "rarely"}]
)
def test_other_codes_of_an_own_column_are_kept(clinic_folder: ClinicFolder, cells: dict[str, str]) -> None:
    wish = WISH.format(column="own", value=cells["tom"], strength="never")
    assert list_candidates(clinic_folder, cells, wish) == ["una"]
    own = clinic_folder.read().therapists.set_index("therapist_id")["own"]
    assert own[["tom", "una"]].tolist() == [cell.casefold() for cell in cells.values()]
