"""Files that are too large give one error before memory is gone: each limit, and what can hide behind a small file."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attune_fit.data.formats import size_checks
from tests.data.conftest import ClinicFolder
from tests.data.formats.office_writers import NAMESPACES, build_xlsx

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
HEADERS = '<row r="1"><c r="A1" t="str"><v>client_id</v></c><c r="B1" t="str"><v>therapist_id</v></c></row>'
PAIR = '<row r="2"><c r="A2" t="str"><v>ann</v></c><c r="B2" t="str"><v>tom</v></c></row>'


def build_sheet(rows: str, blocks: Iterable[bytes] = ()) -> bytes:
    """Return a workbook whose only sheet has this XML, and then blocks of bytes."""
    made = zipfile.ZipFile(io.BytesIO(build_xlsx({"conflicts": [["a"]]})))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in made.namelist():
            with archive.open(name, "w") as part:
                part.write(SHEET.format(HEADERS + PAIR + rows).encode() if "sheet1" in name else made.read(name))
                for block in blocks if "sheet1" in name else ():
                    part.write(block)
    return content.getvalue()


def build_ods(rows: str) -> bytes:
    """Return an OpenDocument spreadsheet with a pair, and then these rows."""
    cells = "".join(f"<table:table-row>{format_cell(a)}{format_cell(b)}</table:table-row>"
                    for a, b in (("client_id", "therapist_id"), ("ann", "tom")))  # fmt: skip
    body = f'<table:table table:name="conflicts">{cells}{rows}</table:table>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMESPACES}><office:body><office:spreadsheet>{body}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return content.getvalue()


def format_cell(text: str, repeats: int = 1) -> str:
    """Return a cell of an OpenDocument spreadsheet."""
    repeated = f'table:number-columns-repeated="{repeats}"'
    return f'<table:table-cell {repeated} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def read_errors(clinic_folder: ClinicFolder, name: str, content: bytes) -> list[str]:
    """Return the ids of the errors of a table of conflicts."""
    return [fault.id for fault in clinic_folder.put(name, content).list_faults() if fault.stops]


def write_parquet(**columns: object) -> bytes:
    """Return a Parquet file; pandas' and Arrow's own notes on types are left out."""
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content, store_schema=False)
    return content.getvalue()


PAIRS = b"client_id,therapist_id,reason\nann,tom,"
TEXTS = {
    "a cell of 3 MB": (PAIRS + b"x" * 3_000_000 + b"\n", "cell-too-long"),
    "3 MB of quotation marks": (PAIRS + b'"' * 3_000_000 + b"\n", "cell-too-long"),
    "a header of 3 MB": (b"client_id,therapist_id," + b"x" * 3_000_000 + b"\nann,tom,a\n", "header-too-long"),
    "10,000 columns": (b"client_id,therapist_id" + b",a" * 10_000 + b"\nann,tom" + b",b" * 10_000, "table-too-large"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_file_over_a_limit_is_one_error(clinic_folder: ClinicFolder, name: str) -> None:
    content, error = TEXTS[name]
    assert read_errors(clinic_folder, "conflicts.csv", content) == [error]


def test_the_limits_of_rows_and_cells_count(clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic_folder.put("conflicts.csv", PAIRS + b"a\nben,una,b\n")
    limits = {"MAX_ROWS": (10, 1, "table"), "MAX_CELLS": (100, 2, "table"), "MAX_FILE_BYTES": (1000, 20, "file")}
    for limit, (most, least, what) in limits.items():
        with monkeypatch.context() as patch:
            patch.setattr(size_checks, limit, most)
            assert clinic_folder.list_faults() == ()
            patch.setattr(size_checks, limit, least)
            assert {fault.id for fault in clinic_folder.list_faults()} == {f"{what}-too-large"}


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ("", None),
        ('<row r="1048576"><c r="XFD1048576" s="0"/></row>', None),  # a format without a value
        ('<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>', "sheet-too-large"),
        ('<row r="300000"><c t="str" r="CV300000" ><v>x</v></c></row>', "sheet-too-large"),
        (f'<row r="3"><c r="A3" t="str"><v>{"x" * 200_000}</v></c></row>', "cell-too-long"),
    ],
    ids=["small", "format far away", "cell far away", "cell rather far away", "long cell"],
)
def test_a_sheet_of_excel_is_as_large_as_the_rectangle_of_its_cells(
    clinic_folder: ClinicFolder, rows: str, error: str | None
) -> None:
    assert read_errors(clinic_folder, "conflicts.xlsx", build_sheet(rows)) == ([error] if error else [])


def test_a_small_workbook_that_unpacks_to_gigabytes_is_never_unpacked(
    clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size_checks, "MAX_FILE_BYTES", 5_000_000)
    content = build_sheet("", [b" " * 1_000_000] * 10)
    assert len(content) < 100_000
    assert read_errors(clinic_folder, "conflicts.xlsx", content) == ["file-too-large"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = content.replace(struct.pack("<L", size), struct.pack("<L", 1000))  # what the archive says of its size
    assert lie != content
    assert read_errors(clinic_folder, "conflicts.xlsx", lie) == ["file-too-large"]


EMPTY_CELLS = '<table:table-cell table:number-columns-repeated="16384"/>'
REPEATED = '<table:table-row table:number-rows-repeated="{}">{}</table:table-row>'


@pytest.mark.parametrize(
    ("rows", "is_error"),
    [
        (REPEATED.format(1_048_570, EMPTY_CELLS), False),  # as LibreOffice ends a sheet
        (REPEATED.format(100_000_000, format_cell("ben")), True),
        (REPEATED.format(1, format_cell("ben", 2_000_000_000)), True),
        (REPEATED.format(100_000, format_cell("ben", 1000)), True),
    ],
    ids=["empty", "rows", "columns", "both"],
)
def test_repeated_cells_of_a_spreadsheet_are_counted(clinic_folder: ClinicFolder, rows: str, is_error: bool) -> None:
    errors = read_errors(clinic_folder, "conflicts.ods", build_ods(rows))
    allowed = (["sheet-too-large"], ["damaged-file"])  # the library has limits too, and for it the file is damaged
    assert errors in allowed if is_error else errors == []


def build_many_rows() -> bytes:
    """Return a small Parquet file of six million rows."""
    ones = pa.DictionaryArray.from_arrays(pa.nulls(6_000_000, pa.int8()).fill_null(0), pa.array(["ann"]))
    return write_parquet(client_id=ones, therapist_id=ones)


def build_long_text() -> bytes:
    """Return a Parquet file that holds a text of 1 MB once, and means it in 100,000 rows."""
    pairs = {name: pa.array([one] * 100_000) for name, one in (("client_id", "ann"), ("therapist_id", "tom"))}
    numbers = pa.nulls(100_000, pa.int32()).fill_null(0)
    return write_parquet(**pairs, reason=pa.DictionaryArray.from_arrays(numbers, pa.array(["x" * 1_000_000])))


PARQUET: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "rows": (build_many_rows, "table-too-large"),
    "one long text": (build_long_text, "cell-too-long"),
    "columns": (lambda: write_parquet(**{f"c{number}": ["a"] for number in range(6_000)}), "table-too-large"),
    "bytes": (lambda: write_parquet(client_id=[b"ann"], therapist_id=[b"tom"], other=[b"\xff"]), None),
    "nested": (lambda: write_parquet(client_id=["ann"], therapist_id=["tom"], other=[[{"a": [1]}]]), None),
    "ids in a structure": (
        lambda: write_parquet(client_id=[{"a": 1}], therapist_id=["tom"]), "restriction-about-unknown-id"
    ),
    "a day that no calendar has": (
        lambda: write_parquet(client_id=["ann"], day=pa.array([2**31 - 1], pa.int32()).cast(pa.date32())),
        "damaged-file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARQUET)
def test_an_odd_parquet_file_is_read_or_one_error(clinic_folder: ClinicFolder, name: str) -> None:
    build, error = PARQUET[name]
    assert read_errors(clinic_folder, "conflicts.parquet", build()) == ([error] if error else [])


def test_a_parquet_file_with_a_column_name_twice_is_one_error(clinic_folder: ClinicFolder) -> None:
    content, names = io.BytesIO(), ["client_id", "therapist_id", "client_id"]
    pq.write_table(
        pa.Table.from_arrays([pa.array(["ann"]), pa.array(["tom"]), pa.array(["ben"])], names=names), content
    )
    assert read_errors(clinic_folder, "conflicts.parquet", content.getvalue()) == ["duplicate-header-restricts"]
