"""Workbooks: the cells as the office typed them, the sheet that is meant, and what the reading library leaves out."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import python_calamine
import xlwt

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.old_workbooks import find_old_error_cells
from attune_fit.data.formats.workbook_errors import NOT_CALCULATED, find_error_cells
from attune_fit.data.reading.rows.table_files import read_file
from tests.data.conftest import CLIENTS, THERAPISTS, ClinicFolder
from tests.data.formats.office_writers import Rows, build_ods, build_xls, build_xlsx

BUILD = {"xlsx": build_xlsx, "xls": build_xls, "ods": build_ods}


def split_rows(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


def read_rows(clinic_folder: ClinicFolder, name: str, content: bytes, **keys: Any) -> tuple[pd.DataFrame, list[str]]:
    """Return the text of a file of clients, and the ids of the faults."""
    collector = FaultCollector("clients")
    clinic_folder.put(name, content)
    raw = read_file(clinic_folder.folder / name, TableMapping.model_validate(keys), collector)
    return pd.DataFrame() if raw is None else raw, [fault.id for fault in collector.faults]


@pytest.mark.parametrize("suffix", BUILD)
def test_typed_cells_become_the_text_that_a_csv_file_would_hold(clinic_folder: ClinicFolder, suffix: str) -> None:
    rows: Rows = [["client_id", "a", "b", "c"], ["0012", 12, 12.5, True], ["NA", 0, -0.25, False],
            ["None", dt.date(2026, 5, 20), None, "TRUE"]]  # fmt: skip
    raw, faults = read_rows(clinic_folder, f"clients.{suffix}", BUILD[suffix]({"Sheet1": rows}))
    assert faults == []
    assert raw.fillna("").to_numpy().tolist() == [
        ["0012", "12", "12.5", "yes"], ["NA", "0", "-0.25", "no"], ["None", "2026-05-20", "", "TRUE"],
    ]  # fmt: skip
    assert raw.index.tolist() == [2, 3, 4]


def test_times_and_durations_are_kept(clinic_folder: ClinicFolder) -> None:
    rows: Rows = [["client_id", "a"], ["x", dt.datetime(2026, 5, 20, 8, 28, 48)], ["y", dt.time(9, 30)],
            ["z", dt.timedelta(hours=30, minutes=5)]]  # fmt: skip
    raw, _ = read_rows(clinic_folder, "clients.xlsx", build_xlsx({"Sheet1": rows}))
    assert raw["a"].tolist() == ["2026-05-20T08:28:48", "09:30:00", "30:05:00"]


def test_a_number_is_written_with_the_decimal_mark_of_its_column(clinic_folder: ClinicFolder) -> None:
    """Else `1.234`, a number of the workbook, would read as 1234 where the mark between thousands is a point."""
    rows: Rows = [["client_id", "phq9", "Score"], ["x", 1.234, 7.5]]
    columns = {"score": {"from": "score", "decimal": "."}}
    raw, _ = read_rows(clinic_folder, "clients.xlsx", build_xlsx({"Sheet1": rows}), decimal=",", columns=columns)
    assert raw.iloc[0].tolist() == ["x", "1,234", "7.5"]


def test_a_workbook_of_decimal_commas_reads_its_numbers(clinic_folder: ClinicFolder) -> None:
    rows: Rows = [["client_id", "age", "phq9"], ["x", 30, 1.234], ["y", 40, "2,5"]]
    clinic_folder.drop("clients.csv").drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.put("clients.xlsx", build_xlsx({"Sheet1": rows})).add('[tables.clients]\ndecimal = ","\n')
    assert clinic_folder.read().clients["phq9"].sort_values().tolist() == [1.234, 2.5]


def test_row_numbers_count_empty_rows_and_titles(clinic_folder: ClinicFolder) -> None:
    rows: Rows = [
        [None],
        ["Clients of May"],
        [],
        [None, "client_id", "age"],
        [None, "x", 30],
        [None],
        [None, "y", "old"],
    ]
    content = build_xlsx({"Sheet1": rows})
    raw, faults = read_rows(clinic_folder, "clients.xlsx", content, header_row=4)
    assert (raw.index.tolist(), list(raw), faults) == ([5, 6, 7], ["client_id", "age"], [])
    assert read_rows(clinic_folder, "clients.xlsx", content)[1] == ["header-row-elsewhere"]


def test_the_sheet_that_is_meant(clinic_folder: ClinicFolder) -> None:
    clients, notes = split_rows(CLIENTS), [["Notes"], ["call back"]]

    def read(content: bytes, **keys: Any) -> tuple[int, list[str]]:
        raw, faults = read_rows(clinic_folder, "clients.xlsx", content, **keys)
        return len(raw), faults

    assert read(build_xlsx({"Notes": notes, "CLIENTS": clients})) == (3, [])
    assert read(build_xlsx({"Notes": notes, "People": clients})) == (0, ["several-sheets"])
    assert read(build_xlsx({"Notes": notes, "People": clients}), sheet="people") == (3, [])
    assert read(build_xlsx({"Notes": notes, "People": clients}), sheet="Persons") == (0, ["sheet-not-found"])
    assert read(build_xlsx({"People": clients, "Sheet2": [], "Sheet3": []})) == (3, [])
    assert read(build_xlsx({"People": clients, "Lists": notes}, hidden=["Lists"])) == (3, [])
    assert read(build_xlsx({"People": []})) == (0, ["empty-sheet"])


def test_one_workbook_holds_all_tables(clinic_folder: ClinicFolder) -> None:
    before = clinic_folder.read().digest()
    sheets = {"Clients": split_rows(CLIENTS), "Therapists": split_rows(THERAPISTS)}
    clinic_folder.drop("clients.csv").drop("therapists.csv").put("clinic.xlsx", build_xlsx(sheets))
    clinic_folder.add('[tables.clients]\nfile = "clinic.xlsx"\n[tables.therapists]\nfile = "clinic.xlsx"\n')
    assert clinic_folder.read().digest() == before


def replace_part(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return a workbook with text replaced in one of its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            text = source.read(name)
            assert name != part or old in text
            archive.writestr(name, text.replace(old, new) if name == part else text)
    return target.getvalue()


def test_a_cell_with_an_error_is_no_empty_cell(clinic_folder: ClinicFolder) -> None:
    rows: Rows = [["client_id", "age", "phq9"], ["x", "#N/A", 3], ["y", 40, "=1/0"]]
    raw, faults = read_rows(clinic_folder, "clients.xlsx", build_xlsx({"Sheet1": rows}))
    assert raw["age"].tolist() == ["#N/A", "40"]
    assert raw["phq9"].tolist() == ["3", NOT_CALCULATED]
    assert faults == ["cell-with-error"]
    moved = [[], [], *([None, None, *row] for row in rows)]
    raw, _ = read_rows(clinic_folder, "clients.xlsx", build_xlsx({"Sheet1": moved}))
    assert raw["age"].to_dict() == {4: "#N/A", 5: "40"}


def test_an_error_of_an_opendocument_spreadsheet_is_no_empty_cell_and_no_zero(clinic_folder: ClinicFolder) -> None:
    rows: Rows = [["client_id", "age", "phq9"], ["x", 1, "#N/A"], ["x2", 40, 3], ["y", "#DIV/0!", 5]]
    content = build_ods({"A": [["#REF!"]], "B & C": rows})
    error = b'<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#DIV/0!'
    zero = b'<table:table-cell office:value-type="float" office:value="0" calcext:value-type="error"><text:p>#DIV/0!'
    content = replace_part(content, "content.xml", error, zero)
    raw, faults = read_rows(clinic_folder, "clients.ods", content, sheet="b & c")
    assert raw.to_numpy().tolist() == [["x", "1", "#N/A"], ["x2", "40", "3"], ["y", "#DIV/0!", "5"]]
    assert faults == ["cell-with-error"]
    row = b'<table:table-cell office:value-type="string"><text:p>x2'
    repeats = b'<table:table-row table:number-rows-repeated="3">'
    repeated = replace_part(content, "content.xml", b"<table:table-row>" + row, repeats + row)
    raw, _ = read_rows(clinic_folder, "clients.ods", repeated, sheet="b & c")
    assert raw["age"].to_dict() == {2: "1", 3: "40", 4: "40", 5: "40", 6: "#DIV/0!"}


def test_a_calculated_formula_is_its_value(clinic_folder: ClinicFolder) -> None:
    content = build_xlsx({"A & B": [["client_id", "age"], ["x", "=20+22"], ["y", "=NA()"]]})
    part = "xl/worksheets/sheet1.xml"
    content = replace_part(content, part, b"<f>20+22</f><v />", b"<f>20+22</f><v>42</v>")
    content = replace_part(content, part, b'<c r="B3"><f>NA()</f><v />', b'<c r="B3" t="e"><f>NA()</f><v>#N/A</v>')
    raw, faults = read_rows(clinic_folder, "clients.xlsx", content)
    assert raw["age"].tolist() == ["42", "#N/A"]
    assert faults == ["cell-with-error"]
    assert find_error_cells(clinic_folder.folder / "clients.xlsx", "A & B", 0) == {(2, 1): "#N/A"}
    with pytest.raises(ValueError, match="no file in the workbook"):
        find_error_cells(clinic_folder.folder / "clients.xlsx", "B", 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb'<c r="B2"([^>]*)t="e"', rb"<c r='B2'\1t = 'e'"),
        (rb'<c r="[A-Z]+\d+"', b"<c"),
        (rb"<(/?)(\w)", rb"<\1x:\2"),
        (rb"<v>", b'<v xml:space="preserve">'),
        (rb'<c r="B2"[^>]*>', b'<c t="e" r="B2"><is><t>now</t></is>'),
    ],
)
def test_an_error_is_found_however_the_sheet_is_written(clinic_folder: ClinicFolder, old: bytes, new: bytes) -> None:
    part = "xl/worksheets/sheet1.xml"
    content = build_xlsx({"Sheet1": [["client_id", "age"], ["x", "#N/A"], ["y", 40]]})
    text = zipfile.ZipFile(io.BytesIO(content)).read(part)
    changed = re.sub(old, new, text)
    assert changed != text
    if new.startswith(rb"<\1x"):
        changed = changed.replace(b"xmlns=", b"xmlns:x=").replace(b"<x:?xml", b"<?xml")
    raw, faults = read_rows(clinic_folder, "clients.xlsx", replace_part(content, part, text, changed))
    assert raw["age"].tolist() == ["#N/A", "40"]
    assert faults == ["cell-with-error"]


def test_a_sheet_with_definitions_of_its_own_is_an_error(clinic_folder: ClinicFolder) -> None:
    part = "xl/worksheets/sheet1.xml"
    content = build_xlsx({"Sheet1": [["client_id", "age"], ["x", 1]]})
    content = replace_part(content, part, b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet')
    assert read_rows(clinic_folder, "clients.xlsx", content)[1] == ["damaged-file"]


def test_a_formula_with_empty_text_is_an_empty_cell(clinic_folder: ClinicFolder) -> None:
    content = build_xlsx({"Sheet1": [["client_id", "age"], ["x", '=IF(A1="","",1)'], ["y", "=1"]]})
    part, cell = "xl/worksheets/sheet1.xml", b'<c r="B2"><f>IF(A1="","",1)</f><v />'
    empty = cell.replace(b'"B2"', b'"B2" t="str"').replace(b"<v />", b"<v></v>")
    raw, faults = read_rows(clinic_folder, "clients.xlsx", replace_part(content, part, cell, empty))
    assert raw["age"].isna().tolist() == [True, False]
    assert faults == ["cell-with-error"]  # of the other formula, which has no value


def test_an_error_in_an_old_workbook_is_no_empty_cell(clinic_folder: ClinicFolder) -> None:
    for n_rows in (3, 400):  # one small stream, and one of many sectors
        workbook = xlwt.Workbook()
        workbook.add_sheet("Other").row(1).set_cell_error(0, 7)
        sheet = workbook.add_sheet("Clients")
        for column, header in enumerate(("client_id", "age")):
            sheet.write(0, column, header)
        for row in range(1, n_rows):
            sheet.write(row, 0, f"client {row}")
            if row != 2:
                sheet.write(row, 1, 40)
        sheet.row(2).set_cell_error(1, 42)
        content = io.BytesIO()
        workbook.save(content)
        raw, faults = read_rows(clinic_folder, "clients.xls", content.getvalue())
        assert raw["age"].tolist() == ["40", "#N/A", *["40"] * (n_rows - 3)]
        assert faults == ["cell-with-error"]


def test_a_formula_with_an_error_in_an_old_workbook_is_no_empty_cell(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    workbook.add_sheet("Clients").write(3, 1, xlwt.Formula("1/0"))
    workbook.save(str(tmp_path / "a.xls"))
    content = (tmp_path / "a.xls").read_bytes()
    found = re.search(struct.pack("<H", 6) + b".." + struct.pack("<HH", 3, 1) + b"..", content, re.DOTALL)
    assert found is not None
    place = found.end()
    result = content[:place] + b"\x02\0\x07\0\0\0\xff\xff" + content[place + 8 :]
    assert find_old_error_cells(content, 0) == {}
    assert find_old_error_cells(result, 0) == {(3, 1): "#DIV/0!"}


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_the_value_of_cells_merged_downwards_applies_to_each(clinic_folder: ClinicFolder, suffix: str) -> None:
    rows: list[list[str | None]] = [
        ["client_id", "Style", None],
        ["x", "calm", "3"],
        ["y", None, None],
        ["z", None, "5"],
    ]
    if suffix == "xlsx":
        content = io.BytesIO()
        workbook = openpyxl.load_workbook(io.BytesIO(build_xlsx({"Sheet1": rows})))
        for cells in ("B2:B4", "C2:C3", "B1:C1"):
            workbook.worksheets[0].merge_cells(cells)
        workbook.save(content)
    else:
        old, content = xlwt.Workbook(), io.BytesIO()
        sheet = old.add_sheet("Sheet1")
        sheet.write_merge(0, 0, 1, 2, "Style")
        sheet.write_merge(1, 3, 1, 1, "calm")
        sheet.write_merge(1, 2, 2, 2, "3")
        for number, line in enumerate(rows):
            sheet.write(number, 0, line[0])
        sheet.write(3, 2, "5")
        old.save(content)
    raw, _ = read_rows(clinic_folder, f"clients.{suffix}", content.getvalue(), header_row=[1])
    assert raw["Style"].tolist() == ["calm", "calm", "calm"]


def test_headers_merged_downwards_are_no_data(clinic_folder: ClinicFolder) -> None:
    rows: list[list[str | None]] = [["client_id", "Problems", None], [None, "Anxiety", "Trauma"], ["x", "1", "2"]]
    workbook, content = openpyxl.load_workbook(io.BytesIO(build_xlsx({"Sheet1": rows}))), io.BytesIO()
    workbook.worksheets[0].merge_cells("A1:A2")
    workbook.save(content)
    raw, _ = read_rows(clinic_folder, "clients.xlsx", content.getvalue(), header_row=[1, 2])
    assert list(raw.columns) == ["client_id", "Problems Anxiety", "Problems Trauma"]


def test_a_number_that_the_workbook_has_rounded_is_a_warning(clinic_folder: ClinicFolder) -> None:
    rows: Rows = [["client_id"], [118000000001], [12345678901234567]]
    _, faults = read_rows(clinic_folder, "clients.xlsx", build_xlsx({"Sheet1": rows}))
    assert faults == ["number-too-long"]


def test_a_damaged_workbook_is_an_error(clinic_folder: ClinicFolder) -> None:
    content = build_xlsx({"Sheet1": split_rows(CLIENTS)})
    assert read_rows(clinic_folder, "clients.xlsx", content[:2000])[1] == ["not-a-table-file"]
    content = replace_part(content, "xl/worksheets/sheet1.xml", b"</sheetData>", b"</sheet")
    assert read_rows(clinic_folder, "clients.xlsx", content)[1] == ["damaged-file"]
    assert read_rows(clinic_folder, "clients.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)[1] == [
        "damaged-file"
    ]


def test_a_workbook_with_a_password_is_an_error(clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Protected:
        @staticmethod
        def from_filelike(file: object) -> None:
            raise python_calamine.PasswordError("Workbook is password protected")

    monkeypatch.setattr(python_calamine, "CalamineWorkbook", Protected)
    content = build_xlsx({"Sheet1": split_rows(CLIENTS)})
    assert read_rows(clinic_folder, "clients.xlsx", content)[1] == ["workbook-with-password"]


def test_a_second_file_can_be_a_sheet(clinic_folder: ClinicFolder) -> None:
    spoken = [["who", "language"], ["tom", "french"], ["tom", "german"], ["una", "french"]]
    content = build_xlsx({"Therapists": split_rows(THERAPISTS), "Spoken": spoken})
    clinic_folder.drop("therapists.csv").put("clinic.xlsx", content)
    toml = (
        '[tables.therapists]\nfile = "clinic.xlsx"\n[tables.therapists.columns.languages]\nfile = "clinic.xlsx"\n'
        'key = "who"\nfrom = "language"\n'
    )
    clinic_folder.add(toml)
    (fault,) = [fault for fault in clinic_folder.list_faults() if fault.stops]
    assert (fault.id, fault.table) == ("several-sheets", "clinic.xlsx")
    assert "[tables.therapists.columns.languages]" in fault.fix
    clinic_folder.add('sheet = "spoken"\n')
    assert clinic_folder.read().therapists.set_index("therapist_id")["languages"].to_dict() == {
        "tom": "french|german", "una": "french",
    }  # fmt: skip
    clinic_folder.change("clinic.toml", 'file = "clinic.xlsx"\nkey', 'file = "spoken.csv"\nkey')
    clinic_folder.put("spoken.csv", "who;language\ntom;français\nuna;french\n".encode("latin-1"))
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["key-without-effect"]
    clinic_folder.change("clinic.toml", 'sheet = "spoken"\n', "")
    clinic_folder.change(
        "clinic.toml", "[tables.therapists]\n", '[tables.therapists]\nencoding = "latin-1"\nseparator = ";"\n'
    )
    assert [fault.id for fault in clinic_folder.list_faults()] == ["unread-sheet"]
    clinic_folder.change("clinic.toml", 'file = "spoken.csv"\nkey = "who"\n', 'sheet = "spoken"\n')
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["key-not-valid"]
