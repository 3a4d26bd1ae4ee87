"""Exports that other people made to break readers: each is read, or refused with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.reading.presets.preset_list import PRESETS
from tests.data.reading.presets.preset_folders import GOLDEN, ExportFolder, count_read

REDCAP = '[tables.clients]\nsource = "redcap"\nfile = "data.csv"\n[tables.clients.columns]\n'
RACE = 'race_ethnicity = { from = "race", codes = { White = "white", "Unknown / Not Reported" = "unknown" }'
RACE += ', other = "keep" }\n'
NAMES = ("name_first", "name_last", "address", "telephone", "email")


def open_project(name: str, tmp_path: Path, lines: str = "") -> ExportFolder:
    """Return a clinic whose clients are a project of REDCap."""
    return ExportFolder(tmp_path / name, REDCAP + lines).copy(GOLDEN / "redcap" / name)


def test_every_project_is_tested_below() -> None:
    text = Path(__file__).read_text()
    projects = [path.name for path in (GOLDEN / "redcap").iterdir() if path.is_dir()]
    assert len(projects) == 10
    assert [name for name in projects if f'"{name}"' not in text] == []


def test_simple(tmp_path: Path) -> None:
    folder = open_project("simple", tmp_path, RACE)
    reading = folder.get_reading()
    assert count_read(reading) == {
        "client_id": ("record_id", 5),
        "age": ("age", 5),
        "gender": ("Gender", 5),
        "race_ethnicity": ("race", 5),
    }
    assert reading.dropped == (*NAMES, "dob", "mugshot")
    assert reading.filled == ("client_id",)
    assert folder.list_ids() == []
    assert folder.read_column("gender") == {"1": "female", "2": "male", "3": "male", "4": "female", "5": "male"}
    assert folder.read_column("race_ethnicity") == {
        "1": "white",
        "2": "native hawaiian or other pacific islander|white",
        "3": "black or african american|white",
        "4": "asian|white",
        "5": "american indian/alaska native|unknown",
    }


def test_a_birth_date_is_kept_only_where_the_clinic_maps_it(tmp_path: Path) -> None:
    folder = open_project("simple", tmp_path, 'age = { birth_date = "dob" }\nmy_age = "age"\n')
    assert folder.read_column("age") == {"1": 22, "2": 23, "3": 92, "4": 73, "5": 71}
    assert "dob" not in folder.get_reading().dropped


def test_forms_that_were_never_opened_are_unknown_also_where_boxes_have_a_zero(tmp_path: Path) -> None:
    folder = open_project("blank-for-gray-status", tmp_path, RACE + 'interpreter = "interpreter_needed"\n')
    assert set(folder.read_column("race_ethnicity")) == {"1", "2", "3", "4", "5"}
    assert folder.read_column("interpreter") == {"1": "false", "2": "false", "3": "true", "5": "false"}
    assert folder.read_column("redcap_data_access_group") == {"1": "dag_1", "2": "dag_1", "3": "dag_1", "5": "dag_2"}
    assert folder.list_ids() == [("row-with-id-alone", "record_id")]


def test_checkboxes(tmp_path: Path) -> None:
    folder = open_project("checkboxes-1", tmp_path, 'one = "check_one"\ntwo = "check_two"\n')
    assert folder.read_column("one") == {"1": "one", "3": "one|two|three|four"}
    assert folder.read_column("two") == {"1": "a|c", "2": "b|d"}  # records 3 and 4: none checked, and never opened


def test_decimal_comma_beside_decimal_point(tmp_path: Path) -> None:
    folder = open_project("decimal-comma-and-dot", tmp_path)
    clients = folder.read()
    assert clients["height_comma"].to_list() == clients["height_dot"].to_list() == [1.54, 1.84, 1.95, 1.61]
    assert clients["weight_comma"].to_list() == [52.3, 92.3, 123.4, 45.9]
    assert clients["bmi_comma"].to_list() == [22.1, 27.3, 32.5, 17.7]
    commas = open_project("decimal-comma-and-dot", tmp_path / "..")
    text = (
        (commas.folder / "clinic.toml").read_text().replace("[tables.clients]\n", '[tables.clients]\ndecimal = ","\n')
    )
    assert commas.put("clinic.toml", text).read()["bmi_comma"].to_list() == [22.1, 27.3, 32.5, 17.7]


def test_an_empty_project_is_refused_with_one_sentence(tmp_path: Path) -> None:
    folder = open_project("empty-rows", tmp_path)
    (fault,) = folder.list_faults()
    assert (fault.id, fault.table, fault.stops) == ("redcap-without-records", "clients", True)
    assert "data.csv" in fault.says


def test_ids_that_are_no_numbers(tmp_path: Path) -> None:
    folder = open_project("nonnumeric-record-id", tmp_path)
    assert folder.read().index.to_list() == ["a", "b", "c"]
    assert folder.get_reading().dropped == ("name",)


def test_events_are_put_together_into_one_row_for_each_client(tmp_path: Path) -> None:
    folder = open_project("longitudinal", tmp_path)
    clients = folder.read()
    assert clients.index.to_list() == ["100", "220", "304"]
    assert folder.read_column("age") == {"100": 31, "220": 4, "304": 9}
    (fault,) = folder.list_faults()
    assert fault.id == "redcap-fields-differ"
    assert "pmq1" in fault.says
    assert "pmq1" not in clients
    event = open_project("longitudinal", tmp_path / "..")
    text = (event.folder / "clinic.toml").read_text()
    event.put("clinic.toml", text.replace("[tables.clients]\n", '[tables.clients]\nevent = ["visit_1_arm_1"]\n'))
    assert event.list_ids() == []
    assert event.read().index.to_list() == ["100", "220"]  # 304 is in another arm


@pytest.mark.parametrize(("name", "clients", "visits"), [
    ("repeating-instruments", ["1", "2"], 4), ("repeating-instruments-sparse", ["1", "2", "3", "4", "5"], 4),
])  # fmt: skip
def test_repeats_are_the_rows_of_outcomes(name: str, clients: list[str], visits: int, tmp_path: Path) -> None:
    outcomes = '[tables.outcomes]\nsource = "redcap"\nfile = "data.csv"\n[tables.outcomes.columns]\n'
    folder = open_project(name, tmp_path).add(f'{outcomes}measured_on = "date_bp"\n')
    assert count_read(folder.get_reading())["client_id"] == ("record_id", len(clients))
    assert count_read(folder.get_reading("outcomes")) == {
        "client_id": ("record_id", visits),
        "session": ("redcap_repeat_instance", visits),
        "measured_on": ("date_bp", visits),
    }
    assert folder.get_reading("outcomes").filled == ("client_id", "session")


def test_a_large_repeating_form_leaves_one_row_for_each_client(tmp_path: Path) -> None:
    folder = open_project("multilevel-model-1", tmp_path, 'gender = "gender_id"\n')
    assert len(folder.read()) == 20
    assert set(folder.read_column("gender").values()) == {"male", "female"}  # `unknown` is a word for missing
    folder.add('[tables.outcomes]\nsource = "redcap"\nfile = "data.csv"\nform = "appointment"\n')
    counts = count_read(folder.get_reading("outcomes"))
    assert counts["session"] == ("redcap_repeat_instance", 200)


QUALTRICS = '[tables.clients]\nsource = "qualtrics"\nfile = "{}.csv"\n[tables.clients.columns]\nanswer = "Q1"\n'
LOCATION = ("LocationLatitude", "LocationLongitude")


def test_qualtrics_with_three_header_rows_in_german(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "q", QUALTRICS.format("sample")).copy(GOLDEN / "qualtrics")
    reading = folder.get_reading()
    assert folder.list_ids() == []
    assert reading.dropped == ("IPAddress", "RecipientLastName", "RecipientFirstName", "RecipientEmail", *LOCATION)
    assert reading.filled == ("set_separator", "client_id", "intake_on")
    assert folder.read_column("answer") == {"R_2YPOQ602ER1jkf1": 2}
    assert [str(day)[:10] for day in folder.read_column("intake_on").values()] == ["2017-07-18"]


def test_qualtrics_with_two_header_rows(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "q", QUALTRICS.format("sample_legacy")).copy(GOLDEN / "qualtrics")
    reading = folder.get_reading()
    assert folder.list_ids() == []
    assert reading.dropped == ("Name", "RecipientEmail", "IPAddress", *LOCATION, "LocationAccuracy")
    assert folder.read_column("answer") == {"R_2YPOQ602ER1jkf1": 2}
    assert [str(day)[:10] for day in folder.read_column("intake_on").values()] == ["2017-07-18"]


@pytest.mark.parametrize("name", ["redcap", "qualtrics"])
def test_the_exports_are_recognized(name: str) -> None:
    files = sorted((GOLDEN / name).rglob("*.csv"))
    found = {path for path in files if PRESETS[name].recognize(path)}
    others = [path for path in files if path.name in ("dictionary.csv", "event.csv")]
    assert found.isdisjoint(others)
    missed = [path.parent.name for path in files if path not in found and path not in others]
    assert missed == (["empty-rows"] if name == "redcap" else [])
    other = next(preset for preset in ("redcap", "qualtrics") if preset != name)
    assert not any(PRESETS[other].recognize(path) for path in files)
