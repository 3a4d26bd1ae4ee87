"""How each file was read: every cell of every header is counted once, and a header that nothing reads is named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.mapping_report import CONDITION, FileReading
from attune_fit.data.reading.read_clinic import read_mapping
from tests.data.conftest import ClinicFolder
from tests.data.formats.office_writers import build_xlsx

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
Counts = tuple[str, int, int, int, int]


def read(clinic_folder: ClinicFolder, table: str = "clients") -> FileReading:
    """Return how the own file of a table was read."""
    return next(one for one in read_mapping(Clinic.open(clinic_folder.folder)) if one.table == table)


def count(clinic_folder: ClinicFolder, table: str = "clients") -> dict[str, Counts]:
    """Return the column and the numbers of cells of each header of a table."""
    return {one.header: (one.column, *one.cells) for one in read(clinic_folder, table).headers}


def write_clients(clinic_folder: ClinicFolder, *columns: str) -> None:
    """Write clients with further columns, each as `header,cell,cell,cell`."""
    rows = zip(*(column.split(",") for column in ("client_id,ann,ben,cat", *columns)), strict=True)
    clinic_folder.put("clients.csv", "".join(",".join(row) + "\n" for row in rows))


def test_each_kind_of_cell_is_counted(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, "age,34,99,x1", "gender,woman,n/a,", "phq9,300,5,-", "referred_on,2026-05-01,soon,")
    clinic_folder.add("[tables.clients]\nmissing = [99]\n")
    assert count(clinic_folder) == {
        "client_id": ("client_id", 3, 0, 0, 0),
        "age": ("age", 1, 1, 1, 0),
        "gender": ("gender", 1, 0, 1, 1),
        "phq9": ("phq9", 1, 1, 1, 0),
        "referred_on": ("referred_on", 1, 1, 0, 1),
    }


def test_cells_of_a_wrong_mapping_are_unread_although_that_is_an_error(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, "age,a,b,3")
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["number-not-readable-mostly"]
    assert count(clinic_folder)["age"] == ("age", 1, 2, 0, 0)


def test_a_header_that_nothing_reads_is_named_and_one_that_a_key_names_is_not(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, "Shoe,1,2,3", "Status,a,b,a", "Field,x,y,z", "Notes,p,q,r", "Site,n,s,n", "Job,u,v,w")
    clinic_folder.change("therapists.csv", "therapist_id,", "therapist_id,Pets,Fields,Full name,")
    clinic_folder.change("therapists.csv", "tom,", "tom,cat,x,Tom T,").change("therapists.csv", "una,", "una,,y,Una U,")
    clinic_folder.change("preferences.csv", "ben,age,30-50", "ben,Pets,cat")
    clinic_folder.add(
        '[fairness]\ngroups = ["Job"]\n'
        '[waiting]\nwhere = { column = "Status", is = "a" }\n[settings]\nsite_column = "Site"\n'
        '[journal]\ntherapist_label = "Full name"\n[tables.clients.columns]\nmy_notes = "Notes"\n'
        '[[features]]\nname = "f"\nclient = "Field"\ntherapist = "Fields"\ncompare = "same"\n'
    )
    assert read(clinic_folder).unused == ("Shoe",)
    assert count(clinic_folder)["Notes"] == ("my_notes", 3, 0, 0, 0)
    assert count(clinic_folder)["Status"] == ("Status", 3, 0, 0, 0)
    assert read(clinic_folder, "therapists").unused == ()


def test_a_header_under_which_a_mapping_hides_cells_is_unused(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, "age,1,2,3", "Years,30,40,50")
    clinic_folder.add('[tables.clients.columns]\nage = "Years"\n')
    assert read(clinic_folder).unused == ("age",)
    assert count(clinic_folder)["Years"] == ("age", 3, 0, 0, 0)


def test_marks_of_slots_are_counted_under_each_header(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, "can mon,x,no,perhaps", "can tue,,n/a,99")
    clinic_folder.add('[tables.clients]\nmissing = [99]\ncolumns = { availability = { slots = "can *" } }\n')
    assert count(clinic_folder)["can mon"] == ("availability", 2, 1, 0, 0)
    assert count(clinic_folder)["can tue"] == ("availability", 0, 0, 2, 1)


def test_items_of_a_form_are_counted_in_the_range_of_their_instrument(clinic_folder: ClinicFolder) -> None:
    items = ",".join(f"q{number}" for number in range(1, 13))
    answers = ",".join(["Seldom", "9", "n/a", "", "often", *["4"] * 7])
    clinic_folder.put("outcomes.csv", f"client_id,therapist_id,session,{items},q_date\nann,tom,3,{answers},x\n")
    clinic_folder.add('[tables.outcomes]\ninstrument = "wai sr"\nrater = "client"\nitems = "q{}"\n'
                      "item_codes = { Seldom = 1 }\n")  # fmt: skip
    found = count(clinic_folder, "outcomes")
    assert [found[f"q{number}"] for number in range(1, 7)] == [
        ("item 1", 1, 0, 0, 0), ("item 2", 0, 1, 0, 0), ("item 3", 0, 0, 1, 0), ("item 4", 0, 0, 0, 1),
        ("item 5", 0, 1, 0, 0), ("item 6", 1, 0, 0, 0),
    ]  # fmt: skip
    assert read(clinic_folder, "outcomes").unused == ("q_date",)


def test_wishes_in_a_column_of_clients_are_counted(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, "Wish,woman (must),man (soon),no preference", "Wish 2,n/a,,woman (prefer)")
    clinic_folder.drop("preferences.csv").add(
        "".join(
            f'[[tables.preferences.wishes]]\ncolumn = "{name}"\nattribute = "gender"\n' for name in ("Wish", "Wish 2")
        )
    )
    assert count(clinic_folder)["Wish"] == ("wish: gender", 2, 1, 0, 0)
    assert count(clinic_folder)["Wish 2"] == ("wish: gender", 1, 0, 1, 1)


def test_a_wish_in_a_file_that_cannot_be_used_is_unread(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("preferences.csv", "woman,must", "woman,soon")
    assert count(clinic_folder, "preferences")["strength"] == ("strength", 1, 1, 0, 0)


def test_the_condition_on_rows_uses_its_header_and_only_their_rows_count(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, "Kind,in,in,out", "age,30,,50")
    clinic_folder.add('[tables.clients]\nrows = { column = "Kind", is = "in" }\n')
    assert read(clinic_folder).rows == 2
    assert count(clinic_folder)["Kind"] == (CONDITION, 2, 0, 0, 0)
    assert count(clinic_folder)["age"] == ("age", 1, 0, 0, 1)


def test_a_second_file_is_listed_after_its_table(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("panels.csv", "who,panel,since\ntom,bcbs,2020\ntom,aetna,\nuna,n/a,\nuna,,\n")
    clinic_folder.add('[tables.therapists.columns]\n'
                      'payers = { file = "panels.csv", key = "who", from = "panel" }\n')  # fmt: skip
    files = read_mapping(Clinic.open(clinic_folder.folder))
    assert [(one.table, one.file) for one in files][1:3] == [
        ("therapists", "therapists.csv"), ("therapists", "panels.csv")
    ]  # fmt: skip
    second = files[2]
    assert [(one.header, one.column, *one.cells) for one in second.headers] == [
        ("who", "key", 4, 0, 0, 0), ("panel", "payers", 2, 0, 1, 1)
    ]  # fmt: skip
    assert second.unused == ("since",)


def test_values_that_a_file_declares_as_missing_are_unknown(clinic_folder: ClinicFolder) -> None:
    rows = pd.DataFrame({"client_id": ["ann", "ben", "cat"], "age": [34.0, 98.0, None], "phq9": [4.0, 9.0, 5.0]})
    clinic_folder.drop("clients.csv")
    pyreadstat.write_sav(rows, str(clinic_folder.folder / "clients.sav"), missing_ranges={"age": [98.0]})
    assert count(clinic_folder)["age"] == ("age", 1, 0, 1, 1)
    assert count(clinic_folder)["phq9"] == ("phq9", 3, 0, 0, 0)


def test_the_sheet_of_a_column_for_each_session_is_named(clinic_folder: ClinicFolder) -> None:
    rows = [["client_id", "therapist_id", "s1", "s2"], ["ann", "tom", "30", "31"], ["ben", "tom", "32", ""]]
    (clinic_folder.folder / "ratings.xlsx").write_bytes(build_xlsx({"Visits": rows}))
    clinic_folder.add('[tables.outcomes]\nfile = "ratings.xlsx"\nsheet = "Visits"\ninstrument = "SRS"\n')
    clinic_folder.add('[tables.outcomes.columns]\nscore = "s{session}"\n')
    found = read(clinic_folder, "outcomes")
    assert (found.file, found.sheet, found.rows) == ("ratings.xlsx", "Visits", 3)


@pytest.mark.parametrize("example", ["riverside", "dining"])
def test_every_cell_of_an_example_is_counted_once(example: str) -> None:
    for file in read_mapping(Clinic.open(EXAMPLES / example)):
        assert file.headers
        for one in file.headers:
            assert sum(one.cells) == file.rows
            assert min(one.cells) >= 0
