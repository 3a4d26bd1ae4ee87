"""Text that gzip has compressed: it reads as the text, whatever its name, and never as more than the limit."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from attune_fit.data.formats import compressed_text, size_checks
from tests.data.conftest import CLIENTS, ClinicFolder
from tests.data.formats.office_writers import build_xlsx

TABS = CLIENTS.replace(",", "\t")
PACKED = gzip.compress(CLIENTS.encode())


@pytest.mark.parametrize(
    ("name", "text", "toml"),
    [
        ("clients.csv.gz", CLIENTS, ""),
        ("clients.CSV.GZ", CLIENTS, '[tables.clients]\nfile = "clients.CSV.GZ"\n'),
        ("clients.tsv.gz", TABS, ""),
        ("clients.csv.gz", CLIENTS.replace(",", ";"), '[tables.clients]\nseparator = ";"\n'),
        ("clients.csv.gz", "Export of today\n\n" + CLIENTS, "[tables.clients]\nheader_row = 3\n"),
    ],
)
def test_a_compressed_table_reads_as_its_text(clinic_folder: ClinicFolder, name: str, text: str, toml: str) -> None:
    before = clinic_folder.read().digest()
    clinic_folder.drop("clients.csv").put(name, gzip.compress(text.encode())).add(toml)
    assert clinic_folder.list_faults() == ()
    assert clinic_folder.read().digest() == before


def test_several_compressed_parts_in_one_file_are_one_text(clinic_folder: ClinicFolder) -> None:
    before, (head, tail) = clinic_folder.read().digest(), (CLIENTS[:40], CLIENTS[40:])
    parts = gzip.compress(head.encode()) + gzip.compress(tail.encode())
    assert clinic_folder.drop("clients.csv").put("clients.csv.gz", parts).read().digest() == before


def test_utf_16_inside_needs_its_encoding_and_reads(clinic_folder: ClinicFolder) -> None:
    before = clinic_folder.read().digest()
    clinic_folder.drop("clients.csv").put("clients.csv.gz", gzip.compress(CLIENTS.encode("utf-16")))
    assert [fault.id for fault in clinic_folder.list_faults()] == ["wrong-encoding"]
    assert clinic_folder.add('[tables.clients]\nencoding = "utf-16"\n').read().digest() == before


def test_compressed_text_under_the_name_of_plain_text_is_read_with_a_warning(clinic_folder: ClinicFolder) -> None:
    before = clinic_folder.read().digest()
    clinic_folder.put("clients.csv", PACKED)
    assert [(fault.id, fault.stops) for fault in clinic_folder.list_faults()] == [("content-of-another-format", False)]
    assert clinic_folder.read().digest() == before
    clinic_folder.drop("clients.csv").put("clients.tsv", gzip.compress(TABS.encode()))
    assert clinic_folder.read().digest() == before


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (CLIENTS.encode(), "text-in-another-format"),
        (gzip.compress(build_xlsx({"clients": [["client_id"], ["ann"]]})), "not-a-table-file"),
        (gzip.compress(b""), "not-a-table-file"),
        (PACKED[:-12], "damaged-file"),
        (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "damaged-file"),
    ],
    ids=["plain text", "a workbook", "nothing", "cut", "another check sum"],
)
def test_what_is_no_compressed_text_is_one_error(clinic_folder: ClinicFolder, content: bytes, fault: str) -> None:
    clinic_folder.drop("clients.csv").put("clients.csv.gz", content)
    assert [one.id for one in clinic_folder.list_faults() if one.stops] == [fault]


def test_the_size_counts_as_unpacked_and_nothing_larger_is_kept(
    clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (size_checks, compressed_text):
        monkeypatch.setattr(module, "MAX_FILE_BYTES", 100_000)
    bomb = gzip.compress(CLIENTS.encode() + b"dan,30,man,no,5,2026-05-03\n" * 50_000)
    assert len(bomb) < 100_000
    clinic_folder.drop("clients.csv").put("clients.csv.gz", bomb)
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["file-too-large"]
    with pytest.raises(ValueError, match="larger than the limit"):
        compressed_text.read_text_bytes(clinic_folder.folder / "clients.csv.gz")


def test_the_count_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed_text, "MAX_FILE_BYTES", compressed_text.BLOCK_BYTES)
    path = tmp_path / "bomb.gz"
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(8):
            file.write(bytes(compressed_text.BLOCK_BYTES))
    path.write_bytes(packed.getvalue())
    assert compressed_text.count_unpacked_bytes(path) == 2 * compressed_text.BLOCK_BYTES


def test_a_compressed_table_under_another_name_gets_its_own_name(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("conflict list.csv.gz", PACKED)
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.table) == ("table-under-another-name", "conflicts")
    assert fault.fix.startswith("Rename it to conflicts.csv.gz,")
