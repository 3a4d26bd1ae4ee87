"""Several files or sheets one below the other: one table, and messages that name file and row."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.read_clinic import read_mapping
from attune_fit.data.reading.rows.unused_files import list_unused_files
from attune_fit.workspace import Workspace
from tests.data.conftest import ClinicFolder
from tests.fault_descriptions import describe_faults

FIRST = "client_id,age,gender\nann,34,woman\nben,x1,man\n"
SECOND = "Client_ID,age,gender,phq9\ncat,27,woman,300\ndan,41,man,5\n"


@pytest.fixture
def stacked(clinic_folder: ClinicFolder) -> ClinicFolder:
    """The clients in two files."""
    clinic_folder.drop("clients.csv").put("intake_2025.csv", FIRST).put("intake_2026.csv", SECOND)
    return clinic_folder.add('[tables.clients]\nfiles = "intake_*.csv"\n')


def read_column(clinic_folder: ClinicFolder, name: str, table: str = "clients") -> dict[str, object]:
    """Return the known cells of a column of people, by id."""
    frame = getattr(clinic_folder.read(), table)
    return dict(frame.set_index(f"{table.removesuffix('s')}_id")[name].dropna())


def list_own_faults(clinic_folder: ClinicFolder, *tables: str) -> list[str]:
    """Return the faults of some tables."""
    return describe_faults(fault for fault in clinic_folder.list_faults() if fault.table in tables)


def test_files_are_stacked_under_the_headers_of_all(stacked: ClinicFolder) -> None:
    assert read_column(stacked, "gender") == {"ann": "woman", "ben": "man", "cat": "woman", "dan": "man"}
    assert read_column(stacked, "phq9") == {"dan": 5}
    assert read_column(stacked, "age") == {"ann": 34, "cat": 27, "dan": 41}


def test_messages_name_file_and_row(stacked: ClinicFolder) -> None:
    assert list_own_faults(stacked, "clients") == [
        "clients, age (row 3 of intake_2025.csv): number-not-readable",
        "clients, phq9: file-lacks-header (intake_2025.csv, `phq9`)",
        "clients, phq9 (row 2 of intake_2026.csv): value-not-valid (phq9, 0, 27)",
    ]


def test_faults_of_reading_a_file_name_it(stacked: ClinicFolder) -> None:
    head = "client_id,age,gender,gender"
    stacked.put("intake_2026.csv", f"{head}\ncat,27,woman,\n{head}\ncat,27,woman,\n,,,\n")
    assert list_own_faults(stacked, "clients") == [
        "clients (row 4 of intake_2026.csv): duplicate-row",
        "clients (row 5 of intake_2026.csv): empty-row",
        "clients (row 3 of intake_2026.csv): repeated-headers",
        "clients, age (row 3 of intake_2025.csv): number-not-readable",
        "clients (intake_2026.csv), gender: duplicate-header (gender (2))",
    ]


def test_an_id_in_two_files_is_settled_as_within_one(stacked: ClinicFolder) -> None:
    stacked.put("intake_2026.csv", "client_id,age,gender\nann,34,woman\nben,40,man\ncat,27,woman\n")
    assert list_own_faults(stacked, "clients") == [
        "clients, client_id (row 3 of intake_2025.csv; row 3 of intake_2026.csv) sets aside client ben: duplicate-id",
        "clients (row 2 of intake_2026.csv): duplicate-row",
        "clients, age (row 3 of intake_2025.csv): number-not-readable",
    ]


def test_a_file_without_the_header_of_the_ids_is_an_error(stacked: ClinicFolder) -> None:
    stacked.put("intake_2026.csv", "Who,age,gender\ncat,27,woman\n")
    assert list_own_faults(stacked, "clients")[0] == (
        "clients, client_id: file-lacks-needed-header (intake_2026.csv, `client_id`)"
    )


def test_a_file_without_a_header_of_limits_is_an_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("more.csv", "therapist_id,gender,open_slots\nvic,man,2\n")
    clinic_folder.change("therapists.csv", "languages", "problems_not_taken")
    clinic_folder.add('[tables.therapists]\nfiles = ["therapists.csv", "more.csv"]\n')
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["file-lacks-needed-header"]


def test_a_file_without_a_wish_column_is_an_error(stacked: ClinicFolder) -> None:
    stacked.change("intake_2025.csv", "gender", "Wish")
    stacked.add('[[tables.preferences.wishes]]\ncolumn = "Wish"\nattribute = "gender"\nstrength = "must"\n')
    assert [fault.id for fault in stacked.list_faults() if fault.stops] == ["file-lacks-needed-header"]


def test_outcomes_without_a_rater_in_one_file_are_a_warning(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("old.csv", "client_id,therapist_id,session,instrument,score\ncat,tom,3,WAI-SR,4\n")
    clinic_folder.add('[tables.outcomes]\nfiles = ["old.csv", "outcomes.csv"]\n')
    assert list_own_faults(clinic_folder, "outcomes") == [
        "outcomes, measured_on: file-lacks-header (old.csv, `measured_on`, `rater`)"
    ]
    assert len(clinic_folder.read().outcomes) == 3


@pytest.mark.parametrize("names", ['"intake_20*.csv"', '["intake_2025.csv", "intake_2026.csv"]'])
def test_stacked_files_are_used_and_watched(stacked: ClinicFolder, names: str) -> None:
    stacked.change("clinic.toml", '"intake_*.csv"', names)
    clinic = Clinic.open(stacked.folder)
    assert {"intake_2025.csv", "intake_2026.csv"} <= {path.name for path in clinic.list_input_paths()}
    assert list_unused_files(clinic) == []
    workspace = Workspace(stacked.folder)
    assert len(workspace.tables.clients) == 4
    stacked.put("intake_2026.csv", SECOND + "eve,50,woman,\n")
    assert len(Workspace(stacked.folder).tables.clients) == 5


def test_a_new_file_in_a_folder_of_a_pattern_is_noticed(clinic_folder: ClinicFolder) -> None:
    inbox = clinic_folder.folder / "inbox"
    inbox.mkdir()
    (inbox / "b.csv").write_text(SECOND)
    (inbox / "~$b.csv").write_text("lock")
    clinic_folder.add('[tables.clients]\nfiles = ["clients.csv", "inbox/*.csv"]\n').drop("outcomes.csv")
    clinic_folder.put("clients.csv", FIRST).drop("preferences.csv")
    workspace = Workspace(clinic_folder.folder)
    assert len(workspace.tables.clients) == 4
    (inbox / "c.csv").write_text("client_id,age,gender,phq9\neve,50,woman,\n")
    workspace.refresh()
    assert len(workspace.tables.clients) == 5


def test_a_pattern_without_a_file_and_a_name_without_one_are_errors(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[tables.clients]\nfiles = ["clients.csv", "intake_*.csv", "gone.csv"]\n')
    assert [fault.id for fault in clinic_folder.list_faults()] == ["no-file-matches", "file-not-found"]


def test_keys_that_no_file_of_the_table_can_use_are_errors(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("more.csv", "client_id,age\neve,50\n")
    clinic_folder.add('[tables.clients]\nfiles = ["clients.csv", "more.csv"]\nsheets = ["a"]\n')
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["key-without-effect"]


@pytest.mark.parametrize(
    "keys",
    [
        'file = "clients.csv"\nfiles = ["clients.csv"]',
        'files = ["clients.csv"]\nsql = "sqlite:///clinic.db"',
        'sheet = "a"\nsheets = ["a"]',
    ],
)
def test_two_names_of_one_thing_are_an_error(clinic_folder: ClinicFolder, keys: str) -> None:
    clinic_folder.add(f"[tables.clients]\n{keys}\n")
    assert [fault.id for fault in clinic_folder.list_faults()] == ["key-not-valid"]


def write_workbook(path: Path, sheets: dict[str, str]) -> None:
    """Write a workbook from sheets as comma-separated text."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    book.save(path)


@pytest.mark.parametrize("sheets", ['"*"', '["2025", "2026"]', '"20*"'])
def test_sheets_of_a_workbook_are_stacked(clinic_folder: ClinicFolder, sheets: str) -> None:
    write_workbook(clinic_folder.drop("clients.csv").folder / "intake.xlsx", {"2025": FIRST, "2026": SECOND, "new": ""})
    clinic_folder.add(f'[tables.clients]\nfile = "intake.xlsx"\nsheets = {sheets}\n')
    assert len(clinic_folder.read().clients) == 4
    assert list_own_faults(clinic_folder, "clients")[0] == (
        "clients, age (row 3 of intake.xlsx, sheet 2025): number-not-readable"
    )
    assert [fault.id for fault in clinic_folder.list_faults() if fault.id == "unread-sheet"] == (
        [] if sheets == '"*"' else ["unread-sheet"]
    )


def test_a_sheet_that_a_workbook_lacks_is_an_error(clinic_folder: ClinicFolder) -> None:
    write_workbook(clinic_folder.drop("clients.csv").folder / "intake.xlsx", {"2025": FIRST, "2026": SECOND})
    clinic_folder.add('[tables.clients]\nfile = "intake.xlsx"\nsheets = ["2025", "2027"]\n')
    assert list_own_faults(clinic_folder, "clients") == [
        "clients: no-sheet-matches (intake.xlsx, 2027, clients, `2025`, `2026`)"
    ]


def test_a_workbook_and_a_text_file_are_stacked_with_keys_of_each(stacked: ClinicFolder) -> None:
    stacked.drop("intake_2026.csv").put("intake_2025.csv", FIRST.replace(",", ";"))
    write_workbook(stacked.folder / "intake.xlsx", {"Data": SECOND, "Other": "a,b"})
    keys = 'files = ["intake_2025.csv", "intake.xlsx"]\nseparator = ";"\nsheet = "Data"\n'
    stacked.change("clinic.toml", 'files = "intake_*.csv"\n', keys)
    assert len(stacked.read().clients) == 4


def test_the_report_names_all_files(stacked: ClinicFolder) -> None:
    (clients,) = [one for one in read_mapping(Clinic.open(stacked.folder)) if one.table == "clients"]
    assert (clients.file, clients.rows) == ("intake_2025.csv, intake_2026.csv", 4)
    assert {one.header: tuple(one.cells) for one in clients.headers}["phq9"] == (1, 1, 0, 2)


def test_a_file_without_a_header_of_a_limit_with_several_columns_is_an_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("therapists.csv").put("t1.csv", "therapist_id,No trauma,No ocd\ntom,x,\n")
    clinic_folder.put("t2.csv", "therapist_id,No ocd\nuna,\n")
    clinic_folder.add('[tables.therapists]\nfiles = "t*.csv"\ncolumns = { problems_not_taken = { slots = "No *" } }\n')
    assert list_own_faults(clinic_folder, "therapists")[:1] == [
        "therapists, No trauma: file-lacks-needed-header (t2.csv, `No trauma`)"
    ]


def test_two_columns_of_one_limit_with_the_same_header_are_an_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,No trauma,No trauma\ntom,,x\nuna,,\n")
    clinic_folder.add('[tables.therapists.columns]\nproblems_not_taken = { slots = "No *" }\n')
    assert "duplicate-header-restricts" in [fault.id for fault in clinic_folder.list_faults() if fault.stops]


def test_files_of_one_name_are_named_with_their_folders(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("clients.csv").add('[tables.clients]\nfiles = "*/intake.csv"\n')
    for year, text in (("2025", FIRST), ("2026", SECOND.replace("27", "x2"))):
        (clinic_folder.folder / year).mkdir()
        clinic_folder.put(f"{year}/intake.csv", text)
    assert "clients, age (row 3 of 2025/intake.csv; row 2 of 2026/intake.csv): number-not-readable" in list_own_faults(
        clinic_folder, "clients"
    )


def test_a_file_without_the_column_that_chooses_rows_or_who_waits_is_an_error(stacked: ClinicFolder) -> None:
    stacked.put("intake_2025.csv", "client_id,age,Status\nann,34,former\nben,40,waiting\n")
    stacked.put("intake_2026.csv", "client_id,age\ncat,27\n")
    for lines in ('rows = { column = "status", is_not = "former" }\n',
                  '[waiting]\nwhere = { column = "Status", is = "waiting" }\n'):  # fmt: skip
        stacked.put("clinic.toml", f'[clinic]\nas_of = 2026-06-15\n[tables.clients]\nfiles = "intake_*.csv"\n{lines}')
        assert [fault.id for fault in stacked.list_faults() if fault.stops] == ["file-lacks-needed-header"]
