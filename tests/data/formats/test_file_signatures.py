"""The content of a file decides what it is; its name decides only among plain texts."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from collections.abc import Callable

import pandas as pd
import pytest

from attune_fit.data.formats.file_signatures import SIGNATURES
from attune_fit.data.formats.table_formats import FORMATS
from tests.data.conftest import CLIENTS, ClinicFolder
from tests.data.formats.office_writers import write_office_file

ROWS = pd.read_csv(io.StringIO(CLIENTS), dtype="str")


def build_archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("clients.csv", CLIENTS)
    return content.getvalue()


UNREADABLE: dict[str, bytes] = {
    "gzip": gzip.compress(build_archive()),
    "bzip2": bz2.compress(CLIENTS.encode()),
    "zip": build_archive(),
    "JSON": ROWS.to_json(orient="records").encode(),
    "JSON with spaces": json.dumps({"rows": [{"client_id": "ann"}]}, indent=2).encode(),
    "JSON Lines": ROWS.to_json(orient="records", lines=True).encode(),
    "a page": b"\xef\xbb\xbf\n<html><table><tr><td>client_id</td></tr></table></html>",
    "Excel 2003": b'<?xml version="1.0"?><Workbook></Workbook>',
    "PDF": b"%PDF-1.7\n",
    "RTF": b"{\\rtf1 client_id}",
    "a database": b"SQLite format 3\0" + b"\0" * 100,
}


def write(suffix: str) -> Callable[[ClinicFolder, str], None]:
    def write_named(clinic_folder: ClinicFolder, name: str) -> None:
        written = clinic_folder.folder / f"written{suffix}"
        if suffix == ".parquet":
            ROWS.to_parquet(written)
        else:
            write_office_file(ROWS, written)
        written.rename(clinic_folder.folder / name)

    return write_named


@pytest.mark.parametrize("name", ["clients.csv", "clients.tsv", "clients.xlsx", "clients.parquet", "clients.dat"])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_holds_no_table_is_called_what_it_is(clinic_folder: ClinicFolder, kind: str, name: str) -> None:
    clinic_folder.drop("clients.csv").put(name, UNREADABLE[kind]).add(f'[tables.clients]\nfile = "{name}"\n')
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.stops, fault.table) == ("not-a-table-file", True, "clients")


@pytest.mark.parametrize("name", ["clients.csv", "clients.pq", "clients.dta"])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods", ".sav", ".dta", ".parquet"])
def test_a_table_under_another_name_is_read_with_a_warning(clinic_folder: ClinicFolder, suffix: str, name: str) -> None:
    before = clinic_folder.read().digest()
    clinic_folder.drop("clients.csv")
    write(suffix)(clinic_folder, name)
    is_same = any(suffix in row.suffixes and name.endswith(row.suffixes) for row in FORMATS)
    expected = [] if is_same else [("content-of-another-format", False)]
    assert [(fault.id, fault.stops) for fault in clinic_folder.list_faults()] == expected
    assert clinic_folder.read().digest() == before


@pytest.mark.parametrize("name", ["clients.xlsx", "clients.xls", "clients.ods", "clients.sav", "clients.parquet"])
def test_plain_text_under_the_name_of_another_format_is_said(clinic_folder: ClinicFolder, name: str) -> None:
    clinic_folder.drop("clients.csv").put(name, CLIENTS)
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.stops) == ("text-in-another-format", True)


@pytest.mark.parametrize("name", ["clients.xlsx", "clients.sav"])
def test_bytes_of_no_kind_are_a_damaged_file(clinic_folder: ClinicFolder, name: str) -> None:
    clinic_folder.drop("clients.csv").put(name, b"\x00\x01\x02\x03")
    assert [fault.id for fault in clinic_folder.list_faults()] == ["damaged-file"]


def test_each_readable_signature_names_a_format_and_an_ending_of_it() -> None:
    by_name = {row.name: row for row in FORMATS}
    readable = [row for row in SIGNATURES if row.format is not None]
    assert all(row.advice in by_name[str(row.format)].suffixes for row in readable)
    assert {row.format for row in readable} == {
        row.name for row in FORMATS if not row.is_text or ".gz" in row.suffixes[0]
    }
