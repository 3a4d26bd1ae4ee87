"""Workbooks and files whose content is not what their name says."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.office_files.small_clinic import CLIENTS, OFFERS, THERAPISTS, SmallClinic

openpyxl = pytest.importorskip("openpyxl")
Cells = Sequence[Sequence[Any]]


def build_workbook(sheets: Mapping[str, Cells]) -> bytes:
    """Return the content of a workbook with these sheets."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def split_cells(text: str) -> list[list[Any]]:
    """Return the cells of a CSV text: whole numbers and dates as a spreadsheet program keeps them."""
    return [[_type_cell(cell) for cell in line.split(",")] for line in text.splitlines()]


def _type_cell(cell: str) -> Any:
    if cell.isdigit():
        return int(cell)
    try:
        return dt.datetime.fromisoformat(cell)
    except ValueError:
        return cell or None


def put_workbook(clinic: SmallClinic, name: str, sheets: Mapping[str, Cells]) -> SmallClinic:
    """Replace the clients' CSV file by a workbook."""
    clinic.drop("clients.csv")
    return clinic.put(name, build_workbook(sheets))


def test_a_workbook_is_found_by_name_and_read(small_clinic: SmallClinic) -> None:
    put_workbook(small_clinic, "clients.xlsx", {"Sheet1": split_cells(CLIENTS)})
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers() == OFFERS
    assert str(small_clinic.get_column("clients", "referred_on")["c01"])[:10] == "2026-05-02"


def test_cells_stay_what_the_office_typed(small_clinic: SmallClinic) -> None:
    day = dt.datetime(2026, 5, 2, 10, 30)
    rows: Cells = [["client_id", "age", "payer", "lgbtq", "phq9", "referred_on", "religion", "code"],
            ["0012", 34, "public", True, 12.0, day, "None", "A7"],
            [345, 51.0, "public", False, 7.5, dt.date(2026, 5, 3), "none", "007"],
            ["NA", 40, "public", None, None, None, None, None]]  # fmt: skip
    put_workbook(small_clinic, "clients.xlsx", {"clients": rows})
    assert list(small_clinic.get_column("clients", "age").items()) == [("0012", 34), ("345", 51), ("NA", 40)]
    assert list(small_clinic.get_column("clients", "lgbtq").values()) == ["yes", "no", None]
    assert list(small_clinic.get_column("clients", "phq9").values()) == [12, 7.5, None]
    assert list(small_clinic.get_column("clients", "religion").values()) == ["none", "none", None]
    assert small_clinic.get_column("clients", "code")["345"] == "007"
    days = [str(day)[:10] for day in small_clinic.open().tables.clients["referred_on"]]
    assert days == ["2026-05-02", "2026-05-03", "NaT"]


def test_a_sheet_called_like_its_table_is_taken_from_several(small_clinic: SmallClinic) -> None:
    sheets = {
        "Notes": [["Waiting list of Maria Example"]],
        "CLIENTS": split_cells(CLIENTS),
        "Old": [["client_id"], ["x"]],
    }
    put_workbook(small_clinic, "clients.xlsx", sheets)
    assert small_clinic.list_offers() == OFFERS
    (fault,) = small_clinic.list_faults()
    assert fault.id == "unread-sheet"
    assert "`Notes`, `Old`" in fault.says


def test_one_workbook_serves_several_tables(small_clinic: SmallClinic) -> None:
    sheets = {"People": split_cells(CLIENTS), "Staff list": split_cells(THERAPISTS)}
    put_workbook(small_clinic, "office.xlsx", sheets)
    small_clinic.drop("therapists.csv")
    small_clinic.add_toml('[tables.clients]\nfile = "office.xlsx"\nsheet = "people"\n'
                          '[tables.therapists]\nfile = "office.xlsx"\nsheet = "Staff list"')  # fmt: skip
    assert small_clinic.list_offers() == OFFERS
    assert small_clinic.list_faults() == []


@pytest.mark.parametrize("sheet", ["", 'sheet = "Clients 2025"'])
def test_several_sheets_without_one_that_is_meant_stop(small_clinic: SmallClinic, sheet: str) -> None:
    put_workbook(small_clinic, "clients.xlsx", {"People": split_cells(CLIENTS), "Old": [["client_id"], ["x"]]})
    small_clinic.add_toml(f"[tables.clients]\n{sheet}")
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert fault.table == "clients"
    assert "sheet" in str(fault)


def test_title_rows_and_two_header_rows_of_a_workbook(small_clinic: SmallClinic) -> None:
    rows: Cells = [["Waiting list"], [], ["client_id", "Client", None, "Sessions", None],
            [None, "age", "languages", "mon-am", "fri-am"], ["c1", 34, "english", "x", None],
            ["c2", "old", "english", None, "x"], [None] * 5]  # fmt: skip
    put_workbook(small_clinic, "clients.xlsx", {"Sheet1": rows})
    small_clinic.add_toml('[tables.clients]\nheader_row = [3, 4]\n[tables.clients.columns]\nage = "Client age"\n'
                          'languages = "Client languages"\navailability = { slots = "Sessions *" }')  # fmt: skip
    assert small_clinic.get_column("clients", "availability") == {"c1": "mon-am", "c2": "fri-am"}
    assert small_clinic.find_fault("clients", "Client age").rows == (6,)


def test_a_totals_row_and_a_footer_of_a_workbook(small_clinic: SmallClinic) -> None:
    rows = [*split_cells(THERAPISTS), ["Total", *[None] * 8, 8, None]]
    small_clinic.drop("therapists.csv")
    small_clinic.put("therapists.xlsx", build_workbook({"Sheet1": rows}))
    assert set(small_clinic.get_column("therapists", "open_slots")) == {"t1", "t2", "t3", "t4"}
    assert small_clinic.find_fault("therapists").rows == (6,)


def test_a_workbook_called_csv_is_read_and_told(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", build_workbook({"Sheet1": split_cells(CLIENTS)}))
    assert small_clinic.list_offers() == OFFERS
    [fault] = small_clinic.find_faults("clients")
    assert not fault.stops
    assert "workbook" in str(fault).casefold()
    assert "latin-1" not in str(fault)


@pytest.mark.parametrize("name", ["clients.csv", "clients.xlsx", "clients.tsv"])
def test_a_compressed_file_under_another_name_is_called_so(small_clinic: SmallClinic, name: str) -> None:
    small_clinic.drop("clients.csv")
    text = CLIENTS.replace(",", "\t") if name.endswith(".tsv") else CLIENTS
    small_clinic.put(name, gzip.compress(text.encode()))
    faults = small_clinic.find_faults("clients")
    assert len(faults) == 1
    assert "latin-1" not in str(faults[0])
    assert "utf-16" not in str(faults[0]).casefold()
    assert "gz" in str(faults[0]).casefold() or "compress" in str(faults[0]).casefold()


def test_a_text_file_called_xlsx_is_told(small_clinic: SmallClinic) -> None:
    small_clinic.drop("clients.csv")
    small_clinic.put("clients.xlsx", CLIENTS)
    [fault] = small_clinic.find_faults("clients")
    assert "text" in str(fault).casefold() or "csv" in str(fault).casefold()


def test_keys_of_text_files_beside_a_workbook_are_errors(small_clinic: SmallClinic) -> None:
    put_workbook(small_clinic, "clients.xlsx", {"Sheet1": split_cells(CLIENTS)})
    small_clinic.add_toml('[tables.clients]\nencoding = "latin-1"\nseparator = ";"')
    assert [fault.id for fault in small_clinic.list_faults()] == ["key-without-effect"] * 2


def test_a_workbook_is_not_written(small_clinic: SmallClinic) -> None:
    done = small_clinic.run("rank", "--waiting", "--out", small_clinic.folder.parent / "lists.xlsx")
    assert done.exit_code == 1
    assert ".csv" in done.output
    assert not (small_clinic.folder.parent / "lists.xlsx").exists()
