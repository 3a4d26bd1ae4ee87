"""Tables without a file of their name: a file or a sheet that is called much like them."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

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


@pytest.mark.parametrize(
    "name", ["notes.csv", "conference.csv", "therapist conflicts.docx", "~$conflicts.xlsx", ".conflicts.csv.swp"]
)
def test_other_files_are_no_fault(clinic_folder: ClinicFolder, name: str) -> None:
    assert clinic_folder.put(name, "a\n1\n").list_faults() == ()


@pytest.mark.parametrize("table", ["outcomes", "conflicts"])
@pytest.mark.parametrize("form", ["{}", "{}.csv.bz2", "{}.docx", "{}.csv~", "{}.csv "])
def test_a_table_in_a_form_that_attune_does_not_read_stops(clinic_folder: ClinicFolder, table: str, form: str) -> None:
    name = form.format(table)
    clinic_folder.put(name, "client_id,therapist_id\nann,tom\n")
    if table != "conflicts":
        clinic_folder.drop(f"{table}.csv")
    assert [(one.id, one.table) for one in clinic_folder.list_faults() if one.stops] == [
        ("table-in-another-form", table)
    ]


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


def _make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


IRREGULAR: dict[str, Callable[[Path], None]] = {
    "pipe": _make_pipe,
    "socket": _make_socket,
    "folder": Path.mkdir,
    "link to a lost share": lambda path: path.symlink_to("/no such share/x.csv"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
@pytest.mark.parametrize("kind", IRREGULAR)
@pytest.mark.parametrize("name", ["conflicts.csv", "clients.csv", "Outcomes.CSV"])
def test_a_table_that_is_no_regular_file_stops_and_never_hangs(
    clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    monkeypatch.chdir(clinic_folder.folder)  # the name of a socket must be short
    Path(name.lower()).unlink(missing_ok=True)
    IRREGULAR[kind](Path(name))
    assert [one.id for one in clinic_folder.list_faults() if one.stops] == ["table-not-a-file"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
@pytest.mark.parametrize("kind", ["pipe", "folder", "link to a lost share", "device"])
@pytest.mark.parametrize(
    "toml",
    [
        '[tables.conflicts]\nfile = "mine.csv"\n',
        '[tables.therapists.columns]\nspecialties = { file = "mine.csv", key = "who", from = "what" }\n',
    ],
)
def test_a_named_file_that_is_no_regular_file_stops_and_never_hangs(
    clinic_folder: ClinicFolder, kind: str, toml: str
) -> None:
    IRREGULAR[kind](clinic_folder.folder / "mine.csv")
    assert [one.id for one in clinic_folder.add(toml).list_faults() if one.stops] == ["table-not-a-file"]


def test_two_files_whose_names_differ_in_case_alone_stop(clinic_folder: ClinicFolder) -> None:
    if (clinic_folder.folder / "CLIENTS.CSV").exists():
        pytest.skip("this file system does not distinguish case")
    clinic_folder.put("Clients.csv", CLIENTS)
    assert [one.id for one in clinic_folder.list_faults()] == ["several-files"]


def test_one_file_under_two_names_is_one_table(clinic_folder: ClinicFolder) -> None:
    if not (clinic_folder.folder / "CLIENTS.CSV").exists():  # so it looks where case is not distinguished
        os.link(clinic_folder.folder / "clients.csv", clinic_folder.folder / "Clients.csv")
    assert clinic_folder.list_faults() == ()
