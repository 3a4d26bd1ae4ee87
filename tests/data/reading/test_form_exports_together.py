"""Several exports, or sheets, of one form are one table; where they differ in form, lines of the clinic decide."""

from __future__ import annotations

from tests.data.conftest import ClinicFolder
from tests.data.formats.office_writers import build_xlsx
from tests.data.reading.test_form_presets import COLUMNS_OF_GOOGLE, GOOGLE, fill, read_clients


def stack(folder: ClinicFolder, source: str, first: str, second: str, lines: str = "") -> ClinicFolder:
    """Write clients in two exports."""
    fill(folder, source, "", f'files = "form_*.csv"\n{lines}').drop("clients.csv")
    return folder.put("form_1.csv", first).put("form_2.csv", second)


def test_several_exports_of_one_form_are_one_table(clinic_folder: ClinicFolder) -> None:
    stack(clinic_folder, "google_forms", GOOGLE, GOOGLE.replace("ann", "cat").replace("ben", "dan"),
          'columns = { client_id = "Client code", presenting_problems = "What brings you here?" }\n')  # fmt: skip
    assert read_clients(clinic_folder)["client_id"].to_list() == ["ann", "ben", "cat", "dan"]


ZONED = (
    "Timestamp,Client code,What brings you here?\n2026/06/03 10:32:11 AM CET,cat,Anxiety;Grief\n"
    "2026/06/04 10:32:11 AM CET,dan,Anxiety\n"
)


def test_exports_in_other_forms_are_never_read_with_the_lines_of_one(clinic_folder: ClinicFolder) -> None:
    stack(clinic_folder, "google_forms", GOOGLE, ZONED, COLUMNS_OF_GOOGLE)
    faults = [str(fault) for fault in clinic_folder.list_faults() if fault.stops]
    assert [fault.partition(" is not the same in ")[0] for fault in faults] == [
        "clients: `columns.intake_on`", "clients: `set_separator`"
    ]  # fmt: skip
    assert "form_1.csv, form_2.csv" in faults[0]


def test_lines_of_the_clinic_settle_exports_in_other_forms(clinic_folder: ClinicFolder) -> None:
    second = GOOGLE.replace("ann", "cat").replace("ben", "dan").replace("6/3/2026", "13/3/2026")
    lines = COLUMNS_OF_GOOGLE
    stack(clinic_folder, "google_forms", GOOGLE, second, lines)
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["files-filled-differently"]
    clinic_folder.change("clinic.toml", lines, f'dates = "%d/%m/%Y"\n{lines}')
    days = read_clients(clinic_folder).set_index("client_id")["intake_on"]
    assert {name: str(day.date()) for name, day in days.items()} == {
        "ann": "2026-03-06", "ben": "2026-04-06", "cat": "2026-03-13", "dan": "2026-04-06"
    }  # fmt: skip


def test_sheets_of_an_export_are_all_read(clinic_folder: ClinicFolder) -> None:
    rows = [line.split(",") for line in ("Timestamp,Client code", "2026-06-03,ann", "2026-06-04,ben")]
    more = [line.split(",") for line in ("Timestamp,Client code", "2026-06-05,cat")]
    fill(clinic_folder, "google_forms", "", 'sheets = "*"\ncolumns = { client_id = "Client code" }\n')
    clinic_folder.drop("clients.csv").put("clients.xlsx", build_xlsx({"A": rows, "B": more}))
    assert read_clients(clinic_folder)["client_id"].to_list() == ["ann", "ben", "cat"]
