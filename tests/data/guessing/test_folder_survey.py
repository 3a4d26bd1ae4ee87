"""The survey of a folder: compressed text, databases, and marks between the members of a set."""

import gzip
from pathlib import Path

import pytest

import attune_fit as af
from attune_fit.data.faults import DataFault
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import STAFF, build_rows, write_clinic

AGES = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")


@pytest.mark.parametrize(("ending", "separator"), [(".csv.gz", ","), (".tsv.gz", "\t"), (".csv.gz", ";")])
def test_compressed_text_is_read(ending: str, separator: str, tmp_path: Path) -> None:
    for name, rows in (("intake", AGES), ("staff", STAFF)):
        (tmp_path / f"{name}{ending}").write_bytes(gzip.compress(rows.replace(",", separator).encode()))
    config = write_first_mapping(tmp_path).result.config
    assert config["tables"]["clients"]["file"] == f"intake{ending}"
    assert ("separator" in config["tables"]["clients"]) == (separator == ";")
    assert len(af.open_clinic(tmp_path).tables.clients) == 30


def test_damaged_compressed_text_is_named(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, AGES, STAFF)
    (folder / "forms.csv.gz").write_bytes(gzip.compress(AGES.encode())[:60])
    assert build_mapping(folder).unplaced["forms.csv.gz"]


@pytest.mark.parametrize("ending", [".db", ".sqlite"])
def test_a_folder_with_a_database_alone_names_the_page(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"clinic{ending}").write_bytes(b"SQLite format 3\0")
    with pytest.raises(DataFault) as refused:
        build_mapping(tmp_path)
    assert f"clinic{ending}" in str(refused.value)
    assert "Databases in docs/your-clinic.md" in str(refused.value)


def test_languages_with_a_stroke_are_two(tmp_path: Path) -> None:
    staff = build_rows(lambda n: f"t{n},{'English/Spanish' if n == 3 else 'English'}", "Therapist ID,Speaks", 8)
    columns = build_mapping(write_clinic(tmp_path, AGES, staff)).config["tables"]["therapists"]["columns"]
    assert columns["languages"] == {"from": "Speaks", "split": "/"}


def test_one_code_with_a_stroke_is_not_split(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{'Black/African American' if n % 2 else 'White'}", "Client ID,Race")
    columns = build_mapping(write_clinic(tmp_path, clients, STAFF)).config["tables"]["clients"]["columns"]
    assert columns["race_ethnicity"] == "Race"
