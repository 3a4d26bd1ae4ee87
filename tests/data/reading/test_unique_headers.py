"""Headers that a file has twice, or not at all: a restriction below them is never lost."""

import pytest

from tests.data.conftest import ClinicFolder

WISH = '[[tables.preferences.wishes]]\ncolumn = "wanted"\nattribute = "gender"\n'


@pytest.mark.parametrize(
    ("table", "header", "message_id", "column"),
    [
        ("therapists", "problems_not_taken,problems_not_taken", "duplicate-header-restricts", "problems_not_taken"),
        ("therapists", "languages,Languages", "duplicate-header-restricts", "Languages"),
        ("therapists", "problems_not_taken,", "column-without-header-restricts", "problems_not_taken"),
        ("therapists", "problems_not_taken,,", "column-without-header-restricts", "problems_not_taken"),
        ("clients", "payer,payer", "duplicate-header-restricts", "payer"),
        ("clients", "wanted,Wanted", "duplicate-header-restricts", "Wanted"),
        ("conflicts", "client_id,therapist_id,reason,reason", "duplicate-header-restricts", "reason"),
        ("conflicts", "client_id,therapist_id,therapist_id", "duplicate-header-restricts", "therapist_id"),
        ("conflicts", "client_id,therapist_id,", "column-without-header-restricts", "therapist_id"),
        ("conflicts", "client_id,therapist_id,therapist_id_2", "numbered-header", "therapist_id_2"),
        ("conflicts", "client_id,therapist_id,Therapist ID 2", "numbered-header", "Therapist ID 2"),
        ("conflicts", "client_id,therapist_id,therapist_id (2)", "numbered-header", "therapist_id (2)"),
        ("preferences", "client_id,attribute,value,strength,value2", "numbered-header", "value2"),
    ],
)
def test_cells_that_can_restrict_are_never_lost(
    clinic_folder: ClinicFolder, table: str, header: str, message_id: str, column: str
) -> None:
    key = "" if table in ("conflicts", "preferences") else f"{table[:-1]}_id,"
    known = {"therapists": "tom,", "clients": "ann,", "conflicts": "ann,tom,", "preferences": "ann,gender,woman,must,"}
    cells = known[table]
    missing = header.count(",") + key.count(",") - cells.count(",")
    clinic_folder.put(f"{table}.csv", f"{key}{header}\n{cells}{'x,' * missing}x\n").drop("outcomes.csv")
    if column == "Wanted":
        clinic_folder.add(WISH)
    found = [(one.id, one.table, one.column, one.stops) for one in clinic_folder.list_faults()]
    assert (message_id, table, column, True) in found


@pytest.mark.parametrize(
    "header", ["orientations,orientations", "orientations,", "problems_not_taken,problems_not_taken"]
)
def test_columns_that_restrict_no_pair_are_a_warning(clinic_folder: ClinicFolder, header: str) -> None:
    cell = "" if "problems" in header else "x"
    clinic_folder.put("therapists.csv", f"therapist_id,{header}\ntom,cbt,{cell}\nuna,cbt,{cell}\n")
    faults = [one for one in clinic_folder.list_faults() if one.table == "therapists"]
    assert [one.id.partition("-header")[0] for one in faults if one.stops] == []
    assert {one.id for one in faults} & {"duplicate-header", "column-without-header"}
