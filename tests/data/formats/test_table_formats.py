"""FORMATS: each row is found, read, written and named everywhere; one more row needs no other change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.formats import table_formats
from attune_fit.data.formats.table_formats import FORMATS, TableFormat, find_format, format_names, format_suffixes
from attune_fit.data.writing.table_writer import write_frame_blocks
from tests.conftest import Attune
from tests.data.conftest import CLIENTS, ClinicFolder
from tests.data.formats.office_writers import write_office_file
from tests.fault_descriptions import describe_faults

TABS = CLIENTS.replace(",", "\t")


def _write_ndjson(frames: Iterable[pd.DataFrame], path: Path) -> None:
    with path.open("w") as file:
        for frame in frames:
            frame.to_json(file, orient="records", lines=True)


NDJSON = TableFormat(
    "NDJSON",
    (".ndjson",),
    lambda path, layout, collector: pd.read_json(path, lines=True, dtype=False),
    _write_ndjson,
    "One JSON object for each row.",
)


@pytest.fixture
def with_ndjson(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more format."""
    monkeypatch.setattr(table_formats, "FORMATS", (*FORMATS, NDJSON))


def test_no_two_formats_share_a_suffix() -> None:
    suffixes = [suffix for row in FORMATS for suffix in row.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)
    assert find_format(Path("a.docx")) is None


@pytest.mark.parametrize("suffix", [suffix for row in FORMATS if row.write for suffix in row.suffixes])
def test_a_written_table_reads_back_as_a_clinic_table(clinic_folder: ClinicFolder, suffix: str) -> None:
    before = clinic_folder.read().digest()
    for name in ("clients", "preferences"):
        rows = pd.read_csv(clinic_folder.folder / f"{name}.csv", dtype="str")
        clinic_folder.drop(f"{name}.csv")
        blocks = [rows.iloc[:2], rows.iloc[2:]]
        assert write_frame_blocks(blocks, clinic_folder.folder / f"{name}{suffix}") == len(rows)
    assert clinic_folder.read().digest() == before


@pytest.mark.parametrize("suffix", [suffix for row in FORMATS if not row.write for suffix in row.suffixes])
def test_a_table_that_another_program_wrote_reads_as_its_csv_file(clinic_folder: ClinicFolder, suffix: str) -> None:
    before = clinic_folder.read().digest()
    for name in ("clients", "preferences"):
        rows = pd.read_csv(clinic_folder.folder / f"{name}.csv", dtype="str")
        clinic_folder.drop(f"{name}.csv")
        write_office_file(rows, clinic_folder.folder / f"{name}{suffix}")
    assert clinic_folder.list_faults() == ()
    assert clinic_folder.read().digest() == before


def test_messages_name_every_format_as_alternatives() -> None:
    assert format_names().replace(" or ", ", ").split(", ") == [row.name for row in FORMATS]
    assert format_suffixes("a{}").replace(" or ", ", ").split(", ") == [f"a{row.suffixes[0]}" for row in FORMATS]
    writable = [row.suffixes[0] for row in FORMATS if row.write]
    assert format_suffixes(writable=True).replace(" or ", ", ").split(", ") == writable
    assert ".xlsx" not in writable


def test_a_tsv_file_needs_no_separator_and_obeys_one(clinic_folder: ClinicFolder) -> None:
    before = clinic_folder.read().digest()
    clinic_folder.drop("clients.csv").put("clients.tsv", TABS)
    assert clinic_folder.read().digest() == before
    clinic_folder.put("clients.tsv", CLIENTS.replace(",", ";"))
    (error,) = describe_faults(clinic_folder.list_faults())
    assert error == "clients: wrong-separator (clients.tsv, ;, ;, clients)"
    clinic_folder.add('[tables.clients]\nseparator = ";"\n')
    assert clinic_folder.read().digest() == before


def test_a_tab_in_a_message_can_be_seen_and_copied(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", TABS)
    (error,) = describe_faults(clinic_folder.list_faults())
    assert error == "clients: wrong-separator (clients.csv, \\t, \\t, clients)"
    clinic_folder.drop("clients.csv").put("clients.tsv", TABS.replace("ben", "ben\tbob"))
    (error,) = describe_faults(clinic_folder.list_faults())
    assert error == "clients (row 3): more-cells-than-headers (clients.tsv, \\t, clients)"


def test_a_file_with_an_unknown_suffix_is_csv(clinic_folder: ClinicFolder) -> None:
    before = clinic_folder.read().digest()
    clinic_folder.drop("clients.csv").put("export.txt", CLIENTS).add('[tables.clients]\nfile = "export.txt"\n')
    assert clinic_folder.read().digest() == before


def test_three_files_of_one_table_are_all_named(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.tsv", TABS).put("clients.pq", "")
    assert describe_faults(clinic_folder.list_faults())[0] == (
        "clients: several-files (clients.csv, clients.tsv, clients.pq, clients)"
    )


def _convert_tables(clinic: Path, suffix: str) -> None:
    """Write the clients and therapists of a clinic in another format, in the place of their CSV files."""
    for path in (clinic / "clients.csv", clinic / "therapists.csv"):
        write_frame_blocks([pd.read_csv(path, dtype="str", keep_default_na=False)], path.with_suffix(suffix), raw=True)
        path.unlink()


def test_a_clinic_of_tsv_files_is_checked_ranked_and_assigned(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    attune("rank", clinic, "--waiting", "--out", tmp_path / "before.csv")
    _convert_tables(clinic, ".tsv")
    assert json.loads(attune("check", clinic, "--json").stdout)["stops"] == 0
    for suffix in (".csv", ".tsv"):
        assert attune("rank", clinic, "--waiting", "--out", tmp_path / f"after{suffix}").exit_code == 0
    before = (tmp_path / "before.csv").read_bytes()
    assert (tmp_path / "after.csv").read_bytes() == before
    assert (tmp_path / "after.tsv").read_bytes() == before.replace(b",", b"\t")
    assert "is one of the clinic's own files" in attune.fails("capacity", clinic, "--out", clinic / "clients.tsv")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_a_placement_in_any_format_can_be_kept(attune: Attune, clinic: Path, tmp_path: Path, suffix: str) -> None:
    first = tmp_path / f"first{suffix}"
    placed = json.loads(attune("assign", clinic, "--out", first, "--json").stdout)["placed"]
    again = json.loads(attune("assign", clinic, "--keep", first, "--json").stdout)["placed"]
    pairs = [{(row["client_id"], row["therapist_id"]) for row in rows} for rows in (placed, again)]
    assert pairs[0] == pairs[1]


def test_a_placement_that_cannot_be_read_or_written_is_an_error(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    message = attune.fails("assign", clinic, "--out", "a.xlsx")
    assert f"Use a name that ends in {format_suffixes(writable=True)}." in message
    assert "assigning" not in message, "nothing is computed"
    assert not (clinic / "artifacts").exists(), "nothing is logged"
    damaged = tmp_path / "first.parquet"
    damaged.write_text("client_id,therapist_id\n")
    message = attune.fails("assign", clinic, "--keep", damaged)
    assert "is damaged, or no table of this kind" in message
    assert "Name a file that `attune assign --out` wrote" in message


@pytest.mark.usefixtures("with_ndjson")
def test_one_more_format_is_one_row(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    attune("rank", clinic, "--waiting", "--out", tmp_path / "list.csv")
    _convert_tables(clinic, ".ndjson")
    assert json.loads(attune("check", clinic, "--json").stdout)["stops"] == 0
    assert attune("rank", clinic, "--waiting", "--out", tmp_path / "list.ndjson").exit_code == 0
    expected = pd.read_csv(tmp_path / "list.csv", keep_default_na=False)
    actual = pd.read_json(tmp_path / "list.ndjson", lines=True, dtype=False)
    assert list(actual.columns) == list(expected.columns)
    assert actual["therapist_id"].tolist() == expected["therapist_id"].tolist()
    assert "is one of the clinic's own files" in attune.fails(
        "rank", clinic, "--all", "--out", clinic / "clients.ndjson"
    )
    assert " or .ndjson" in attune.fails("rank", clinic, "--all", "--out", tmp_path / "list.xlsx")
    (clinic / "clients.ndjson").write_text("no JSON")
    assert "clients.ndjson is damaged or not in the format NDJSON" in attune.fails("check", clinic)
