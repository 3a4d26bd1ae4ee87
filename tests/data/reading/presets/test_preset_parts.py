"""Presets in parts of a table, in several files, and the watch over the files that they read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from attune_fit.clinic_snapshot import ClinicSnapshot
from tests.data.reading.fhir_clinic import (
    TOML,
    FhirFolder,
    build_coverage,
    build_patient,
    build_practitioner,
    write_ndjson,
)
from tests.data.reading.presets.preset_folders import ExportFolder
from tests.data.reading.presets.test_redcap_rows import DICTIONARY, REPEATS

PARTS = '[[tables.clients.parts]]\nsource = "redcap"\nfile = "data.csv"\ncolumns = {{ payer = "pays" }}\n{}'
QUALTRICS = (
    "StartDate,EndDate,Status,ResponseId,Q1\nStart Date,End Date,Response Type,Response ID,Gender\n"
    '"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""status""}",'
    '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\n'
    "2026-05-01 10:00:00,2026-05-01 10:05:00,IP Address,R_1,Woman\n"
)


def open_parts(tmp_path: Path, more: str = "") -> ExportFolder:
    folder = ExportFolder(tmp_path / "clinic", PARTS.format(more))
    return folder.put("data.csv", REPEATS).put("d.csv", DICTIONARY)


def test_a_part_of_a_table_can_have_a_preset_and_its_messages_name_its_file(tmp_path: Path) -> None:
    part = '[[tables.clients.parts]]\nsource = "qualtrics"\nfile = "q.csv"\n'
    folder = open_parts(tmp_path, part).put("q.csv", QUALTRICS)
    assert folder.read().index.to_list() == ["R_1", "c1", "c2"]
    assert folder.read_column("payer") == {"c1": "self", "c2": "aetna"}
    folder.put("data.csv", REPEATS.replace("c2,,,2", "c2,,,7"))
    (fault,) = [one for one in folder.list_faults() if one.id == "redcap-choice-not-listed"]
    assert (fault.rows, fault.files) == ((5,), ("data.csv",))


def test_several_files_of_one_program_are_stacked(tmp_path: Path) -> None:
    toml = '[tables.clients]\nsource = "qualtrics"\nfiles = "q_*.csv"\n'
    folder = ExportFolder(tmp_path / "clinic", toml)
    folder.put("q_1.csv", QUALTRICS).put("q_2.csv", QUALTRICS.replace("R_1", "R_2"))
    assert folder.read().index.to_list() == ["R_1", "R_2"]


def test_a_damaged_export_is_one_error_and_not_a_table_that_is_not_there(tmp_path: Path) -> None:
    folder = open_parts(tmp_path).put("d.csv", "Variable / Field Name,Form Name,Field Type\n")
    toml = PARTS.format('dictionary = "d.csv"\n')
    folder.put("clinic.toml", toml)
    assert [one.id for one in folder.list_faults() if one.stops] == ["redcap-not-a-dictionary"]


def test_resources_of_several_files_and_parts_are_read_together(tmp_path: Path) -> None:
    clients = '[tables.clients]\nsource = "fhir"\n'
    for site, client in (("north", "c1"), ("south", "c2")):
        (tmp_path / site).mkdir()
        write_ndjson(tmp_path / site, [build_patient(client), build_coverage(f"v-{client}", client)])
    clinic = FhirFolder(tmp_path).put(build_practitioner("t"))
    path = tmp_path / "clinic.toml"
    path.write_text(TOML.replace(clients, clients + 'files = ["north/*.ndjson", "south"]\n'))
    whole = clinic.read().clients
    assert whole["payer"].to_list() == ["acme health plan"] * 2
    parts = [f'[[tables.clients.parts]]\nsource = "fhir"\nfile = "{site}"\n' for site in ("north", "south")]
    path.write_text(TOML.replace(clients, "\n".join(parts)))
    in_parts = clinic.read().clients
    assert in_parts[["client_id", "payer", "region"]].equals(whole[["client_id", "payer", "region"]])
    path.write_text(TOML.replace(clients, clients + 'files = ["north", "gone", "away/*"]\n'))
    assert clinic.list_ids()[:2] == ["fhir-file-not-found"] * 2


@pytest.mark.parametrize("key", ["", 'file = "export"\n', 'files = ["export", "more"]\n', 'file = "export/*.ndjson"\n'])
def test_a_changed_and_a_new_file_of_resources_are_noticed(key: str, tmp_path: Path) -> None:
    place = tmp_path / "export" if key else tmp_path
    for name in ("export", "more"):
        (tmp_path / name).mkdir()
    write_ndjson(tmp_path / "more", [build_patient("c8")])
    clinic = FhirFolder(tmp_path, TOML.replace('"fhir"\n', f'"fhir"\n{key}'))
    write_ndjson(place, [build_patient("c1"), build_practitioner("t")])
    for name in ("Patient", "New"):
        snapshot = ClinicSnapshot(clinic.folder)
        assert len(snapshot.tables.clients)
        assert not snapshot.find_stale()
        with (place / f"{name}.ndjson").open("a") as file:
            file.write(json.dumps(build_patient(f"c-{name}")) + "\n")
        assert "exported_tables" in snapshot.find_stale()


def test_hidden_files_next_to_resources_are_not_read(tmp_path: Path) -> None:
    clinic = FhirFolder(tmp_path).put(build_patient("c1"), build_practitioner("t"))
    (tmp_path / "._Patient.ndjson").write_bytes(b"\0\5\x16\7 not JSON")
    assert clinic.list_ids() == ["fhir-without-encounter"]


def test_sheets_of_one_workbook_are_stacked_and_none_is_lost(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, client in (("North", "R_1"), ("South", "R_2")):
        sheet = book.create_sheet(name)
        for row in csv.reader(io.StringIO(QUALTRICS.replace("R_1", client))):
            sheet.append(row)
    book.remove(book.worksheets[0])
    toml = '[tables.clients]\nsource = "qualtrics"\nfile = "q.xlsx"\nsheets = ["North", "South"]\n'
    folder = ExportFolder(tmp_path / "clinic", toml)
    book.save(folder.folder / "q.xlsx")
    assert folder.read().index.to_list() == ["R_1", "R_2"]


@pytest.mark.parametrize("key", ['separator = ";"', 'sheet = "A"', 'sheets = ["A"]', "header_row = 2", "labels = true"])
def test_a_key_of_the_layout_has_no_effect_on_resources(key: str, tmp_path: Path) -> None:
    clinic = FhirFolder(tmp_path, TOML.replace('"fhir"\n', f'"fhir"\n{key}\n', 1))
    clinic.put(build_patient("c1"), build_practitioner("t"))
    (fault,) = [one for one in clinic.list_faults() if one.stops]
    assert (fault.id, fault.column) == ("key-without-effect", f"tables.clients.{key.split()[0]}")
