"""A preset fills the lines of clinic.toml that the clinic does not set, and keeps no column that identifies people."""

from __future__ import annotations

import datetime as dt

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.reading.presets import preset_reader
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable, drop_identifying_columns
from attune_fit.data.reading.read_clinic import read_mapping
from attune_fit.data.reading.rows.table_files import find_file, read_grid
from tests.data.conftest import ClinicFolder

EXPORT = "Response ID,Submitted,E-mail,What brings you here?\nann,6/10/2026,a@example.org,anxiety; depression\n"


def read_export(
    source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector
) -> PresetTable | None:
    """Read a file whose first row has the headers."""
    path = find_file(source.folder, table, mapping.file, collector)
    grid = None if path is None else read_grid(path, mapping, collector)
    if grid is None:
        return None
    cells, dropped = drop_identifying_columns(grid.iloc[1:].set_axis(grid.iloc[0], axis=1), ["e-mail"], table, mapping)
    columns = {
        "client_id": "Response ID",
        "referred_on": {"from": "Submitted", "dates": "%m/%d/%Y"},
        "age": "no such header",
    }
    return PresetTable(cells, columns, {"set_separator": ";"}, dropped)


@pytest.fixture
def survey(clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch) -> ClinicFolder:
    """Return a clinic whose clients come from a preset made for the tests."""
    preset = Preset("limesurvey", "Test Forms", read_export, lambda _: True, "A form.")
    monkeypatch.setattr(preset_reader, "PRESETS", {"limesurvey": preset})
    for name in ("preferences.csv", "outcomes.csv", "conflicts.csv"):
        (clinic_folder.folder / name).unlink(missing_ok=True)
    clinic_folder.put("clients.csv", EXPORT)
    clinic_folder.put("clinic.toml", '[clinic]\nas_of = 2026-06-15\n[tables.clients]\nsource = "limesurvey"\n')
    return clinic_folder


def test_every_preset_gets_the_day_of_the_tables(survey: ClinicFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    days = []

    def read_day(
        source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector
    ) -> PresetTable | None:
        days.append(source.day)
        return read_export(source, table, mapping, collector)

    preset = Preset("limesurvey", "Test Forms", read_day, lambda _: True, "A form.")
    monkeypatch.setattr(preset_reader, "PRESETS", {"limesurvey": preset})
    survey.read()
    assert days == [dt.date(2026, 6, 15)]


def test_a_preset_fills_keys_and_columns(survey: ClinicFolder) -> None:
    survey.add('[tables.clients.columns]\npresenting_problems = "What brings you here?"\n')
    clients = survey.read().clients
    assert clients["client_id"].to_list() == ["ann"]
    assert clients["presenting_problems"].to_list() == ["anxiety|depression"]
    assert str(clients["referred_on"][0].date()) == "2026-06-10"
    (reading,) = [one for one in read_mapping(Clinic.open(survey.folder)) if one.table == "clients"]
    assert (reading.source, reading.rows) == ("limesurvey", 1)
    assert [one.rows for one in survey.read().files if one.table == "clients"] == [1]
    assert reading.filled == ("set_separator", "client_id", "referred_on")
    assert reading.dropped == ("E-mail",)
    assert [(one.header, one.column) for one in reading.headers][:2] == [
        ("Response ID", "client_id"),
        ("Submitted", "referred_on"),
    ]


def test_a_line_of_the_clinic_stays_and_a_known_header_keeps_its_date_form(survey: ClinicFolder) -> None:
    survey.add(
        'set_separator = ","\n[tables.clients.columns]\nreferred_on = "Submitted"\n'
        'presenting_problems = "What brings you here?"\n'
    )
    (reading,) = [one for one in read_mapping(Clinic.open(survey.folder)) if one.table == "clients"]
    assert reading.filled == ("client_id",)
    assert {one.header: one.cells.read for one in reading.headers}["Submitted"] == 1
    counts = {one.header: one.cells for one in reading.headers}["What brings you here?"]
    assert (counts.read, counts.unread) == (0, 1)  # a cell joined by another separator


def test_a_header_with_the_name_of_a_column_is_that_column(survey: ClinicFolder) -> None:
    survey.change("clients.csv", "Response ID,", "Response ID,client_id,").change("clients.csv", "ann,", "17,ann,")
    assert survey.read().clients["client_id"].to_list() == ["ann"]


def test_an_identifying_column_is_read_only_as_an_id(survey: ClinicFolder) -> None:
    survey.add('[tables.clients.columns]\nclient_id = "E-mail"\n')
    assert survey.read().clients["client_id"].to_list() == ["a@example.org"]
    survey.change("clinic.toml", 'client_id = "E-mail"', 'address = "E-mail"')
    found = [(fault.id, fault.column) for fault in survey.list_faults() if fault.stops]
    assert found == [("identifying-column-mapped", "E-mail")]


def test_a_preset_without_a_file_is_a_table_without_one(survey: ClinicFolder) -> None:
    (survey.folder / "clients.csv").unlink()
    assert [fault.id for fault in survey.list_faults() if fault.stops] == ["table-not-found"]


def test_a_preset_reads_no_database(survey: ClinicFolder) -> None:
    survey.add('sql = "sqlite:///x.db"\n')
    with pytest.raises(Exception, match="keep `source` or `sql`"):
        Clinic.open(survey.folder)
