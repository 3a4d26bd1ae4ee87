"""Tables without a file of their name: a file or a sheet that is called much like them."""

import pytest

from tests.data.conftest import CLIENTS, THERAPISTS, ClinicFolder
from tests.data.formats.office_writers import Rows, build_xls, build_xlsx

CONFLICTS: Rows = [["client_id", "therapist_id"], ["ann", "tom"]]
TOML = '[tables.clients]\nfile = "{0}"\n[tables.therapists]\nfile = "{0}"\n'


def split_rows(text: str) -> Rows:
    return [line.split(",") for line in text.splitlines()]


def put_workbook(clinic_folder: ClinicFolder, name: str, **more: Rows) -> ClinicFolder:
    """Write clients, therapists and more sheets as one workbook."""
    build = build_xls if name.endswith(".xls") else build_xlsx
    sheets = {"Clients": split_rows(CLIENTS), "Therapists": split_rows(THERAPISTS), **more}
    clinic_folder.drop("clients.csv").drop("therapists.csv").drop("preferences.csv")
    return clinic_folder.put(name, build(sheets)).add(TOML.format(name))


@pytest.mark.parametrize("name", ["clinic.xlsx", "clinic.xls"])
@pytest.mark.parametrize("sheet", ["Conflicts", "conflict", "CONFLICTS 2026", "Therapist conflicts", "Wishes"])
def test_a_sheet_that_is_called_like_a_table_is_never_ignored(
    clinic_folder: ClinicFolder, name: str, sheet: str
) -> None:
    put_workbook(clinic_folder, name, **{sheet: CONFLICTS})
    table = "preferences" if sheet == "Wishes" else "conflicts"
    faults = [(one.id, one.table, one.stops) for one in clinic_folder.list_faults()]
    assert faults == [("sheet-not-read", table, True)]


def test_a_sheet_that_a_table_reads_is_no_fault(clinic_folder: ClinicFolder) -> None:
    put_workbook(clinic_folder, "clinic.xlsx", **{"Old conflicts": CONFLICTS, "Notes": [["a"]]})
    clinic_folder.add('[tables.conflicts]\nfile = "clinic.xlsx"\nsheet = "old conflicts"\n')
    assert [(one.id, one.stops) for one in clinic_folder.list_faults()] == [("unread-sheet", False)]  # `Notes`
    assert len(clinic_folder.read().conflicts) == 1


@pytest.mark.parametrize(
    "name", ["conflicts_2026.csv", "conflicts copy.csv", "conflict_list.xlsx", "wishes.csv", "preferences (1).csv"]
)
def test_a_file_whose_name_holds_that_of_a_table_is_never_ignored(clinic_folder: ClinicFolder, name: str) -> None:
    clinic_folder.drop("preferences.csv").put(name, "client_id,therapist_id\nann,tom\n")
    assert [(one.id, one.stops) for one in clinic_folder.list_faults()] == [("table-under-another-name", True)]


@pytest.mark.parametrize("name", ["notes.csv", "conference.csv", "conflicts.docx"])
def test_other_files_are_no_fault(clinic_folder: ClinicFolder, name: str) -> None:
    assert clinic_folder.put(name, "a\n1\n").list_faults() == ()
